import { createHash, randomBytes } from "node:crypto";
import { base32, newId } from "./ids.ts";
import type { ApiKey, Scope } from "./store/store.ts";

const KEY = /^cbk_([0-9a-hjkmnp-tv-z]{26})_([0-9a-hjkmnp-tv-z]{52})$/;
/** 256 random bits in base 32. */
const SECRET_CHARACTERS = 52;

/** What a tenant may be called. */
export const TENANT_PATTERN = "^[a-z0-9][a-z0-9-]{0,62}$";

/** A key that was just made: what the store keeps, and the text that its owner is shown once. */
export interface MintedKey {
  readonly key: ApiKey;
  /** `cbk_<id>_<secret>`. */
  readonly text: string;
}

export interface KeyRequest {
  readonly tenant: string;
  readonly label: string;
  readonly scopes: readonly Scope[];
  /** Milliseconds since the epoch; null for never. */
  readonly expiresAt: number | null;
}

/** Makes a key at a time, in milliseconds since the epoch. */
export function mintKey({ tenant, label, scopes, expiresAt }: KeyRequest, now: number): MintedKey {
  const id = newId(now);
  const secret = base32(BigInt(`0x${randomBytes(32).toString("hex")}`), SECRET_CHARACTERS);
  return {
    key: { id, tenant, label, scopes, hash: hashSecret(secret), createdAt: now, expiresAt, revokedAt: null },
    text: `cbk_${id}_${secret}`,
  };
}

/** Id and hash of a key as somebody presents it; null where it is no key at all. */
export function parseKey(text: string): { readonly id: string; readonly hash: string } | null {
  const [, id, secret] = KEY.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, hash: hashSecret(secret) };
}

/** Whether a key opens anything at a time. */
export function isUsable({ expiresAt, revokedAt }: ApiKey, now: number): boolean {
  return revokedAt === null && (expiresAt === null || now < expiresAt);
}

function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
