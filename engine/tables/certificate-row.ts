import { nameKey, nameText } from "../decoders/distinguished-name.ts";
import { certificateNames, type X509Certificate } from "../decoders/x509.ts";
import type { Value } from "./table.ts";

/** Extended key usages, RFC 5280 section 4.2.1.12. */
const USAGE = { any: "2.5.29.37.0", server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" } as const;

/** Cells of `certificates` that the certificate itself tells. */
export function certificateValues(certificate: X509Certificate): Record<string, Value> {
  const { subject, issuer, serial, thumbprint, notBefore, notAfter, key, isCa, usages } = certificate;
  const allows = (usage: string) => usages === null || usages.includes(usage) || usages.includes(USAGE.any);
  return {
    subject: nameText(subject),
    issuer: nameText(issuer),
    names: certificateNames(certificate),
    serial,
    thumbprint,
    not_before: notBefore,
    not_after: notAfter,
    key_algorithm: key.algorithm,
    key_bits: key.bits,
    key_fingerprint: key.fingerprint,
    self_signed: nameKey(subject) === nameKey(issuer),
    is_ca: isCa ?? false,
    client_authentication: allows(USAGE.client),
    server_authentication: allows(USAGE.server),
  };
}
