import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";

/** Options under which declarations of the client stand by themselves: what it needs is what every platform with `fetch` has. */
const DECLARATIONS = [
  ...["--ignoreConfig", "--declaration", "--emitDeclarationOnly", "--allowImportingTsExtensions", "--rewriteRelativeImportExtensions"],
  ...["--module", "nodenext", "--target", "es2023", "--lib", "es2024,dom,dom.iterable,dom.asynciterable", "--strict", "--types", ""],
];

/** Writes the client as one module without dependencies, `client.js`, and its types below `client/`: what `casebook/client` leads to. */
export async function buildClient(root: string, outdir: string): Promise<void> {
  const client = join(root, "api/client/client.ts");
  await Promise.all([
    build({
      entryPoints: [client],
      outfile: join(outdir, "client.js"),
      bundle: true,
      format: "esm",
      platform: "neutral",
      target: "es2023",
      logLevel: "warning",
    }),
    declare(client, join(outdir, "client")),
  ]);
}

async function declare(entry: string, outDir: string): Promise<void> {
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const { bin } = JSON.parse(await readFile(manifest, "utf8")) as { readonly bin: Readonly<Record<string, string>> };
  await promisify(execFile)(process.execPath, [join(dirname(manifest), bin.tsc!), entry, ...DECLARATIONS, "--outDir", outDir]);
}
