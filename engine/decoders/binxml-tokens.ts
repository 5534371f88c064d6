import { u32 } from "../bytes/endian.ts";

/** Tokens, MS-EVEN6 section 2.2.12; bit 0x40 says that more of the kind follows. */
export const Token = {
  endOfFragment: 0x00,
  openElement: 0x01,
  closeStart: 0x02,
  closeEmpty: 0x03,
  endElement: 0x04,
  value: 0x05,
  attribute: 0x06,
  cdata: 0x07,
  characterReference: 0x08,
  entityReference: 0x09,
  instructionTarget: 0x0a,
  instructionData: 0x0b,
  templateInstance: 0x0c,
  substitution: 0x0d,
  optionalSubstitution: 0x0e,
  fragmentHeader: 0x0f,
} as const;
export const MORE = 0x40;

/** Where a template instance's values begin, and what they are put into. */
export interface InstanceHeader {
  /** First four bytes of the template's GUID. */
  readonly id: number;
  /** Offset of the template's definition in the chunk. */
  readonly definition: number;
  /** Offset of the number of values. */
  readonly values: number;
}

/** Bytes of a template's definition before its XML: next definition (4), GUID (16), size (4). */
export const DEFINITION_HEADER = 24;

/** The template instance whose token is at `at`; null if it is cut off. */
export function instanceHeader(bytes: Uint8Array, at: number, end: number): InstanceHeader | null {
  if (at + 10 > end) return null;
  const definition = u32(bytes, at + 6, false);
  let values = at + 10;
  // The first instance of a template in a chunk carries the definition.
  if (definition === values) {
    if (values + DEFINITION_HEADER > end) return null;
    values += DEFINITION_HEADER + u32(bytes, values + 20, false);
  }
  return values + 4 > end ? null : { id: u32(bytes, at + 2, false), definition, values };
}

/** Whether a template instance begins at `at`. */
export function isInstance(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === Token.templateInstance;
}

/** Where a fragment's content begins, past its header if it has one. */
export function pastHeader(bytes: Uint8Array, at: number, end: number): number {
  return at + 4 <= end && bytes[at] === Token.fragmentHeader ? at + 4 : at;
}
