import { declareTable } from "./table.ts";

export const NLB_MODES = ["unicast", "multicast", "igmp_multicast"] as const;

export const nlbClusters = declareTable({
  name: "nlb_clusters",
  shownBy: "listing of Network Load Balancing's settings",
  about:
    "One Network Load Balancing cluster: as a node is set up, from `nlb display` or `nlb params`, Get-NlbCluster or the registry values of WLBS; or as others see it, from ARP answers and entries with a hardware address that only clusters have.",
  host: "host",
  columns: {
    host: { type: "host", about: "The node, null if nothing tells; where others see the cluster, its address" },
    name: { type: "text", about: "Full Internet name of the cluster" },
    cluster_ip: { type: "ip", about: "Primary address of the cluster" },
    cluster_mac: { type: "text", about: "Hardware address the cluster answers with, `03:bf:c0:00:02:f1`" },
    mode: {
      type: "enum",
      values: NLB_MODES,
      about:
        "Cluster operation mode; where the words cannot be mapped, by its hardware address: 02-bf unicast, 03-bf multicast, 01-00-5e IGMP multicast",
    },
  },
});
