import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadKnowledge } from "../engine/node/knowledge.ts";
import { PACK_NAME, readKnowledgePack, textDigest } from "../engine/node/knowledge-pack.ts";
import { compileKnowledge } from "../engine/rules/compile-knowledge.ts";
import { YamlSource } from "../engine/rules/yaml-source.ts";

const folder = mkdtempSync(join(tmpdir(), "casebook-pack-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the knowledge pack", () => {
  it("compiles rules to the same as their text does", async () => {
    const texts = await loadKnowledge();
    const packed = {
      ...texts,
      rules: texts.rules.map((rule) => ({ ...rule, data: JSON.parse(JSON.stringify(new YamlSource(rule.text, rule.path).data)) })),
    };
    const [plain, ahead] = [compileKnowledge(texts), compileKnowledge(packed)];
    // Compiled queries hold closures, which are equal only by what they are made from.
    const shape = (value: unknown) => JSON.stringify(value, (_, inner) => (inner instanceof Map ? [...inner] : inner));
    expect(ahead.rules.length).toBeGreaterThan(5);
    expect(ahead.rules.map(shape)).toEqual(plain.rules.map(shape));
    expect(ahead.rules.every((rule) => rule.defect === null)).toBe(true);
  });

  it("is keyed by text, so that a changed file is not found in it", async () => {
    writeFileSync(join(folder, PACK_NAME), JSON.stringify({ [textDigest("id: a\n")]: { id: "a" } }));
    const pack = await readKnowledgePack(folder);
    expect(pack.get(textDigest("id: a\n"))).toEqual({ id: "a" });
    expect(pack.get(textDigest("id: b\n"))).toBeUndefined();
  });

  it("is empty where there is none, or a broken one", async () => {
    expect((await readKnowledgePack(join(folder, "nowhere"))).size).toBe(0);
    writeFileSync(join(folder, PACK_NAME), "{");
    expect((await readKnowledgePack(folder)).size).toBe(0);
  });
});
