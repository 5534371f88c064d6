import { accessTokens, objectSecurity } from "./access-control.ts";
import { arpAnswers } from "./arp-answers.ts";
import { arpBursts } from "./arp-bursts.ts";
import { arpEntries } from "./arp-entries.ts";
import { captures, zeroLengthPackets } from "./captures.ts";
import {
  anomalies,
  arpPackets,
  driverEvents,
  events,
  hosts,
  httpstunnelInterfaces,
  icmpMessages,
  sipRecords,
  sockets,
  udpFlows,
} from "./host-tables.ts";
import { iisRequests } from "./iis.ts";
import { installedUpdates } from "./installed-updates.ts";
import { nlbClusters } from "./nlb-clusters.ts";
import { flowProcesses, processes, processTraffic } from "./process-tables.ts";
import { productVersions } from "./product-versions.ts";
import { registryValues } from "./registry-values.ts";
import { rpcEndpoints } from "./rpc.ts";
import { sdpCandidates } from "./sdp-candidates.ts";
import { foreignResets, lostSegments, sessionPairs } from "./session-pairs.ts";
import { stunTransactions } from "./stun-transactions.ts";
import type { TableDeclaration } from "./table.ts";
import { tcpConnections } from "./tcp-connections.ts";
import { tcpRetransmissions, tcpStalls } from "./tcp-segments.ts";
import { certificates, clientCertificateChecks, keyLogEntries, privateKeys, tlsSessions } from "./tls.ts";
import { dnsAnswers, probeResults, sslBindings, urlChecks } from "./web-tables.ts";

/** Every table, alphabetical by name. Documentation, linter, editor schema and query compiler are derived from this list. */
export const tableDeclarations: readonly TableDeclaration[] = [
  accessTokens,
  anomalies,
  arpAnswers,
  arpBursts,
  arpEntries,
  arpPackets,
  captures,
  certificates,
  clientCertificateChecks,
  dnsAnswers,
  driverEvents,
  events,
  flowProcesses,
  foreignResets,
  hosts,
  httpstunnelInterfaces,
  icmpMessages,
  iisRequests,
  installedUpdates,
  keyLogEntries,
  lostSegments,
  nlbClusters,
  objectSecurity,
  privateKeys,
  probeResults,
  processTraffic,
  processes,
  productVersions,
  registryValues,
  rpcEndpoints,
  sdpCandidates,
  sessionPairs,
  sipRecords,
  sockets,
  sslBindings,
  stunTransactions,
  tcpConnections,
  tcpRetransmissions,
  tcpStalls,
  tlsSessions,
  udpFlows,
  urlChecks,
  zeroLengthPackets,
];

export function tableDeclaration(name: string): TableDeclaration | undefined {
  return tableDeclarations.find((table) => table.name === name);
}
