/** One line of a TLS key log without its secret: what session it is for, in hexadecimal. */
export interface KeyLogEntry {
  readonly label: string;
  readonly clientRandom: string | null;
  readonly sessionId: string | null;
  readonly premasterId: string | null;
}

/** Labels followed by a client random: RFC 9850 section 2.1 and 2.2, and NSS's own for a premaster secret. */
const BY_RANDOM =
  /^(CLIENT_RANDOM|PMS_CLIENT_RANDOM|(?:CLIENT|SERVER)_(?:HANDSHAKE_)?TRAFFIC_SECRET(?:_\d{1,4})?|CLIENT_EARLY_TRAFFIC_SECRET|(?:EARLY_)?EXPORTER_SECRET|ECH_(?:SECRET|CONFIG)) ([0-9a-f]{64}) (?:[0-9a-f]{2}){16,2048}\s*$/i;
const BY_SESSION = /^RSA Session-ID:([0-9a-f]{2,64}) Master-Key:[0-9a-f]{96}\s*$/i;
const BY_PREMASTER = /^RSA ([0-9a-f]{16}) [0-9a-f]{96}\s*$/i;
/** A line that was meant to be an entry, its secret cut off or painted over. */
const LIKE = /^(?:CLIENT_RANDOM|(?:CLIENT|SERVER)_(?:HANDSHAKE_)?TRAFFIC_SECRET\w*) \S/;

/** The entry a line of a key log holds; null if none, "broken" where it was meant to be one but has no whole secret. */
export function readKeyLogLine(line: string): KeyLogEntry | "broken" | null {
  if (line.length > 5000) return null;
  const none = { clientRandom: null, sessionId: null, premasterId: null };
  const random = BY_RANDOM.exec(line);
  if (random) return { ...none, label: random[1]!.toUpperCase(), clientRandom: random[2]!.toLowerCase() };
  const session = BY_SESSION.exec(line);
  if (session) return { ...none, label: "RSA", sessionId: session[1]!.toLowerCase() };
  const premaster = BY_PREMASTER.exec(line);
  if (premaster) return { ...none, label: "RSA", premasterId: premaster[1]!.toLowerCase() };
  return LIKE.test(line) ? "broken" : null;
}
