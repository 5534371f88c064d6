import { defineConfig } from "vitest/config";

/** Servers, browsers, other programs' opinions, whole corpora and thousands of broken files: what takes minutes. */
const THOROUGH = [
  "tests/api/**/*.test.ts",
  "tests/site/**/*.test.ts",
  "tests/**/*-{fuzz,parity,scale,tshark}.test.ts",
  "tests/{containers-inflating,corpora,determinism,hostile}.test.ts",
];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What a test waits for comes at once, or later on a machine that has much else to do; a second is not enough then.
    expect: { poll: { timeout: 40_000 } },
    pool: "threads",
    // The default leaves one processor free, which is half of a small machine; much of a run is waiting for browsers and servers.
    maxWorkers: "100%",
    env: { TZ: "Pacific/Chatham", LC_ALL: "C" },
    projects: [
      // Test files share a thread's modules: loading the engine anew for each would take a fifth of the time.
      { extends: true, test: { name: "quick", isolate: false, include: ["tests/**/*.test.ts"], exclude: THOROUGH } },
      // Real servers, databases and browsers on a shared machine stand still for a second now and then; what fails twice is broken. A run says
      // what it tried again; at a desk nothing is.
      { extends: true, test: { name: "thorough", include: THOROUGH, retry: process.env.CI ? 1 : 0 } },
    ],
  },
});
