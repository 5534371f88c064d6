import { settingFlags } from "../api/setting-docs.ts";
import type { Option } from "./verb.ts";

const NAMES = ["data", "s3-bucket", "s3-endpoint", "s3-region", "s3-prefix"];

/** Options that say which server's store is meant; they are those of `serve`. */
export const STORE_OPTIONS: Readonly<Record<string, Option>> = Object.fromEntries(
  Object.entries(settingFlags("serve")).filter(([name]) => NAMES.includes(name)),
);
