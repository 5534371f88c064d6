import { expect, it } from "vitest";
import { diagnoseFiles, memoryFile, shippedBundles, verdictsOf } from "./support/bundles.ts";

/** The generated bundle with another name for the service that ended. */
async function verdictWith(service: string): Promise<string | undefined> {
  const files = shippedBundles("cases")
    .get("rdp-listener-gone/generated")!
    .map(async (file) => {
      const bytes = new Uint8Array(file.size ?? 0);
      await (await file.open()).read(bytes, 0);
      if (!file.path.endsWith(".xml")) return memoryFile(file.path, bytes);
      const xml = new TextDecoder().decode(bytes);
      expect(xml).toContain("Remotedesktopdienste");
      return memoryFile(file.path, xml.replaceAll("Remotedesktopdienste", service));
    });
  return verdictsOf((await diagnoseFiles(await Promise.all(files))).report)["rdp-listener-gone"];
}

it.each(["リモート デスクトップ サービス", "远程桌面服务", "遠端桌面服務", "원격 데스크톱 서비스", "Fjärrskrivbordstjänster"])(
  "the service is known as %s, and its port redirector is another one",
  async (name) => {
    expect(await verdictWith(name)).toBe("matched");
    expect(await verdictWith(`${name} UserMode Port Redirector`)).not.toBe("matched");
  },
);
