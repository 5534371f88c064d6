import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What a test waits for comes at once, or later on a machine that has much else to do; a second is not enough then.
    expect: { poll: { timeout: 40_000 } },
    pool: "threads",
    // The default leaves one processor free, which is half of a small machine; much of a run is waiting for browsers and servers.
    maxWorkers: "100%",
    env: { TZ: "Pacific/Chatham", LC_ALL: "C" },
  },
});
