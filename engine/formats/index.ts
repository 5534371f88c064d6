import type { Format } from "./format.ts";
import { pcap } from "./pcap.ts";

/** Every format, alphabetical by id. No two may claim the same bytes or the same line. */
export const formats: readonly Format[] = [pcap];
