import { Table, type TableDeclaration, type TablePart, type Value } from "../tables/table.ts";
import { type DECRYPTIONS, keyLogEntries, privateKeys, tlsSessions } from "../tables/tls.ts";

type Decryption = (typeof DECRYPTIONS)[number];

/** Secrets of TLS 1.3 that application data is encrypted with; the others open the handshake at most. */
const TRAFFIC_SECRET = /^(?:CLIENT|SERVER)_TRAFFIC_SECRET_0$/;
const EPHEMERAL: ReadonlySet<Value> = new Set(["tls13", "dhe", "ecdhe", "ephemeral", "anon"]);
const MASTER_SECRET = /^(?:PMS_)?CLIENT_RANDOM$/;

/** What the bundle holds to decrypt sessions with. */
interface Keys {
  /** Client randoms of sessions up to TLS 1.2 whose secret is logged. */
  readonly masters: Set<string>;
  /** Client randoms of TLS 1.3 sessions whose traffic secrets are logged. */
  readonly traffic: Set<string>;
  readonly sessionIds: Set<string>;
  readonly premasters: Set<string>;
  /** Fingerprints of RSA keys that can be read. */
  readonly privateKeys: Set<string>;
}

/** The parts with `decryption` of each TLS session worked out from the key logs and private keys among them. */
export function withDecryption(parts: readonly TablePart[]): TablePart[] {
  const keys = keysOf(parts);
  return parts.map((part) => {
    if (part.table !== tlsSessions.name || part.length === 0) return part;
    return { ...part, columns: { ...part.columns, decryption: { kind: "values", values: decryptions(part, keys) } } };
  });
}

function keysOf(parts: readonly TablePart[]): Keys {
  const keys: Keys = { masters: new Set(), traffic: new Set(), sessionIds: new Set(), premasters: new Set(), privateKeys: new Set() };
  const add = (set: Set<string>, value: Value) => typeof value === "string" && set.add(value);
  eachRow(keyLogEntries, parts, ["label", "client_random", "session_id", "premaster_id"], ([label, random, sessionId, premaster]) => {
    if (TRAFFIC_SECRET.test(String(label))) add(keys.traffic, random!);
    else if (MASTER_SECRET.test(String(label))) add(keys.masters, random!);
    add(keys.sessionIds, sessionId!);
    add(keys.premasters, premaster!);
  });
  eachRow(privateKeys, parts, ["algorithm", "key_fingerprint"], ([algorithm, fingerprint]) => {
    if (algorithm === "RSA") add(keys.privateKeys, fingerprint!);
  });
  return keys;
}

function eachRow(
  declaration: TableDeclaration,
  parts: readonly TablePart[],
  columns: readonly string[],
  visit: (cells: readonly Value[]) => void,
): void {
  const table = new Table(
    declaration,
    parts.filter((part) => part.table === declaration.name),
  );
  if (table.length === 0) return;
  const readers = columns.map((column) => table.reader(column));
  for (let row = 0; row < table.length; row++) visit(readers.map((read) => read(row)));
}

interface Session {
  readonly key_exchange: Value;
  readonly resumed: Value;
  readonly handshake: Value;
  readonly client_random: Value;
  readonly full_handshake_random: Value;
  readonly session_id: Value;
  readonly premaster_id: Value;
  readonly certificate_key: Value;
}

function decryptions(part: TablePart, keys: Keys): (Decryption | null)[] {
  const table = new Table(tlsSessions, [part]);
  const [exchange, resumed, handshake] = [table.reader("key_exchange"), table.reader("resumed"), table.reader("handshake")];
  const [random, origin] = [table.reader("client_random"), table.reader("full_handshake_random")];
  const [sessionId, premaster, key] = [table.reader("session_id"), table.reader("premaster_id"), table.reader("certificate_key")];
  const sessions = Array.from(
    { length: part.length },
    (_, row): Session => ({
      key_exchange: exchange(row),
      resumed: resumed(row),
      handshake: handshake(row),
      client_random: random(row),
      full_handshake_random: origin(row),
      session_id: sessionId(row),
      premaster_id: premaster(row),
      certificate_key: key(row),
    }),
  );
  const full = new Map(
    sessions
      .filter(({ resumed, client_random: random }) => resumed === false && random !== null)
      .map((session) => [session.client_random, session]),
  );
  return sessions.map((session) => decryptionOf(session, full.get(session.full_handshake_random) ?? null, keys));
}

/** `origin`: the full handshake whose secret the session uses, itself or an earlier one; null if that was not captured. */
function decryptionOf(session: Session, origin: Session | null, keys: Keys): Decryption | null {
  const { key_exchange: exchange, resumed, handshake, client_random: random } = session;
  const has = (set: Set<string>, value: Value | undefined) => typeof value === "string" && set.has(value);
  const logged =
    exchange === "tls13"
      ? has(keys.traffic, random)
      : has(keys.masters, random) ||
        has(keys.masters, origin?.client_random) ||
        has(keys.sessionIds, session.session_id) ||
        has(keys.premasters, origin?.premaster_id);
  if (logged && exchange !== null) return "key_log";
  if (handshake === null) return null;
  if (handshake !== "complete") return "incomplete";
  if (exchange === null) return null;
  if (EPHEMERAL.has(exchange)) return "ephemeral";
  if (exchange !== "rsa") return "other";
  if (resumed !== false && !origin) return resumed === true ? "resumed" : null;
  return has(keys.privateKeys, (origin ?? session).certificate_key) ? "private_key" : "server_key";
}
