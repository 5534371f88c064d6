import { arpFrame } from "../support/arp-frame.ts";
import type { CapturedFrame } from "../support/capture-writer.ts";
import { healthySession, TwoTaps } from "../support/session-script.ts";

type Write = (path: string, frames: readonly CapturedFrame[]) => void;

const NODE = "00-00-5e-00-53-11";
const ROUTER = "00-00-5e-00-53-01";
const NOBODY = "00-00-00-00-00-00";

/** The router asks for the cluster again and again and is answered each time with `clusterMac`. */
function asked(cluster: string, clusterMac: string): CapturedFrame[] {
  const frames: CapturedFrame[] = [];
  for (let n = 0; n < 4; n++) {
    const request = { operation: 1, sender: [ROUTER, "192.0.2.1"], target: [NOBODY, cluster] } as const;
    const reply = { operation: 2, sender: [clusterMac, cluster], target: [ROUTER, "192.0.2.1"] } as const;
    frames.push({ time: 1 + 2 * n, bytes: arpFrame(ROUTER, request) });
    frames.push({ time: 1.0003 + 2 * n, bytes: arpFrame(NODE, reply) });
  }
  return frames;
}

/** A client in a remote subnet: it resolves its own router, and nobody at the cluster answers. */
function remoteClient(): CapturedFrame[] {
  const taps = new TwoTaps({ oneWay: 0.001 });
  healthySession(taps, "198.51.100.40:50190", "203.0.113.21:443", 0.2);
  const gateway = { operation: 2, sender: [ROUTER, "198.51.100.1"], target: [NODE, "198.51.100.40"] } as const;
  return [{ time: 0.1, bytes: arpFrame(ROUTER, gateway) }, ...taps.frames("client")];
}

/** Bundles of tests/cases/nlb-multicast-static-arp and tests/cases/nlb-multicast-needs-hotfix. */
export function nlbBundles(write: Write): void {
  const router = (name: string) => `cases/nlb-multicast-static-arp/${name}/bundle/node.pcapng`;
  write(router("generated"), asked("192.0.2.241", "03-bf-c0-00-02-f1"));
  write(router("igmp"), asked("192.0.2.241", "01-00-5e-7f-02-f1"));
  write(router("unicast-mode"), asked("192.0.2.241", "02-bf-c0-00-02-f1"));
  write(router("entry-complete"), asked("192.0.2.241", "03-bf-c0-00-02-f1"));
  write(router("no-router"), asked("192.0.2.241", "03-bf-c0-00-02-f1"));
  write(router("other-address"), asked("192.0.2.241", "03-bf-c0-00-02-f1"));
  write("cases/nlb-multicast-static-arp/remote-capture/bundle/client.pcapng", remoteClient());
  write("cases/nlb-multicast-needs-hotfix/answers-only/bundle/node.pcapng", asked("192.0.2.241", "03-bf-c0-00-02-f1"));
}
