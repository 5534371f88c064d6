/**
 * How two ends of a TLS session come to a common secret. `rsa`: the client sends it encrypted with the server's certificate key, so whoever holds that key can read it.
 * `dhe`, `ecdhe` and `tls13` are ephemeral: no certificate's key helps; `ephemeral` is one of the first two, where an export does not say which. `dh`, `ecdh`: a fixed key in the certificate.
 */
export const KEY_EXCHANGES = ["rsa", "dhe", "ecdhe", "ephemeral", "tls13", "dh", "ecdh", "anon", "psk", "srp", "krb5", "other"] as const;
export type KeyExchange = (typeof KEY_EXCHANGES)[number];

const BY_NAME: readonly (readonly [RegExp, KeyExchange])[] = [
  [/^TLS_(?:DH|ECDH)_anon_/, "anon"],
  [/^TLS_(?:(?:DHE|ECDHE|RSA)_PSK|PSK_DHE|PSK)_/, "psk"],
  [/^TLS_(?:ECDHE|ECCPWD|ECJPAKE)_/, "ecdhe"],
  [/^TLS_DHE_/, "dhe"],
  [/^TLS_ECDH_/, "ecdh"],
  [/^TLS_DH_/, "dh"],
  [/^TLS_RSA_/, "rsa"],
  [/^TLS_SRP_/, "srp"],
  [/^TLS_KRB5_/, "krb5"],
  [/^TLS_(?:AES|CHACHA20|SM4)_/, "tls13"],
];

/** Key exchange of a cipher suite by its registered name: what stands before `_WITH_`; suites without it are TLS 1.3's (RFC 8446 appendix B.4). */
export function keyExchangeOf(suite: string): KeyExchange {
  return BY_NAME.find(([shape]) => shape.test(suite))?.[1] ?? "other";
}
