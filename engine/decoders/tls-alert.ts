/** Alert descriptions, RFC 8446 section 6 and the IANA registry "TLS Alerts". */
const NAMES: Readonly<Record<number, string>> = {
  0: "close_notify",
  10: "unexpected_message",
  20: "bad_record_mac",
  21: "decryption_failed",
  22: "record_overflow",
  30: "decompression_failure",
  40: "handshake_failure",
  41: "no_certificate",
  42: "bad_certificate",
  43: "unsupported_certificate",
  44: "certificate_revoked",
  45: "certificate_expired",
  46: "certificate_unknown",
  47: "illegal_parameter",
  48: "unknown_ca",
  49: "access_denied",
  50: "decode_error",
  51: "decrypt_error",
  60: "export_restriction",
  70: "protocol_version",
  71: "insufficient_security",
  80: "internal_error",
  86: "inappropriate_fallback",
  90: "user_canceled",
  100: "no_renegotiation",
  109: "missing_extension",
  110: "unsupported_extension",
  111: "certificate_unobtainable",
  112: "unrecognized_name",
  113: "bad_certificate_status_response",
  114: "bad_certificate_hash_value",
  115: "unknown_psk_identity",
  116: "certificate_required",
  120: "no_application_protocol",
};

/** TLS alert, RFC 8446 section 6. */
export interface TlsAlert {
  readonly fatal: boolean;
  /** Registered name, `handshake_failure`. */
  readonly name: string;
}

/** The alert a record holds in the clear; null where its two bytes are none, as those of an encrypted one. */
export function decodeTlsAlert(fragment: Uint8Array): TlsAlert | null {
  if (fragment.length !== 2 || (fragment[0] !== 1 && fragment[0] !== 2)) return null;
  const name = NAMES[fragment[1]!];
  return name === undefined ? null : { fatal: fragment[0] === 2, name };
}

/** The registered name of an alert that a tool wrote in words, `Handshake Failure`; null if there is none of that name. */
export function alertNamed(words: string): string | null {
  const name = words
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, "_");
  return Object.values(NAMES).find((known) => known === name) ?? null;
}
