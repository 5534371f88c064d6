import { type Static, Type } from "typebox";
import type { Bundle, Job } from "../store/store.ts";
import { count, id, instant, instantOrNull, next, orNull, text, time } from "./fields.ts";
import { jobBody } from "./job.ts";

const summary = {
  id: id("Id of the bundle"),
  name: text("Its name"),
  bytes: count("Size of its files together"),
  file_count: count("Files"),
  created_at: time("When it was submitted"),
  expires_at: orNull(time("When it is deleted; null for never")),
  jobs: Type.Array(Type.Ref("Job"), { description: "Its analyses, newest first" }),
};

export const bundleListSchema = Type.Object(
  { bundles: Type.Array(Type.Object(summary), { description: "Newest first" }), next },
  { $id: "BundleList", description: "Bundles of one's own" },
);

export const bundleSchema = Type.Object(
  {
    ...summary,
    files: Type.Array(
      Type.Object({
        path: text("Path inside the bundle"),
        bytes: count("Size"),
        sha256: Type.String({ pattern: "^[0-9a-f]{64}$", description: "SHA-256 of its content" }),
      }),
    ),
  },
  { $id: "Bundle", description: "A bundle that was submitted" },
);

export type BundleBody = Static<typeof bundleSchema>;

export function bundleSummary(bundle: Bundle, jobs: readonly Job[]) {
  return {
    id: bundle.id,
    name: bundle.name,
    bytes: bundle.bytes,
    file_count: bundle.files.length,
    created_at: instant(bundle.createdAt),
    expires_at: instantOrNull(bundle.expiresAt),
    jobs: jobs.map(jobBody),
  };
}

export function bundleBody(bundle: Bundle, jobs: readonly Job[]): BundleBody {
  return { ...bundleSummary(bundle, jobs), files: bundle.files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })) };
}
