import type { Archive } from "./expansion.ts";
import type { ContainerWarning } from "./warning.ts";

/** Damage that may lie anywhere in what was inflated. */
const ANYWHERE = /\.(?:corrupt|checksum)$/;
/** Damage that costs the end. A member of a tar archive that lacks its end says so itself; the content of a gzip file does not. */
const AT_THE_END = /\.(?:truncated|longer-than-stated|shorter-than-stated|trailing-data|limit|entry-size|total-size|ratio)$/;

/** What befell an archive, or one around it, that its entries suffer from. More may show as more of it is read. */
export function inheritedDamage({ self, kind, log }: Archive): readonly ContainerWarning[] {
  const own = log.warnings.filter(
    ({ path, code }) => path === self.path && (ANYWHERE.test(code) || (kind === "gz" && AT_THE_END.test(code))),
  );
  return [...(self.inherited?.() ?? []), ...own];
}
