import { accessToken } from "./access-token.ts";
import { arpListing } from "./arp-listing.ts";
import { certificateDetail } from "./certificate-detail.ts";
import { certificateList } from "./certificate-list.ts";
import { certutil } from "./certutil.ts";
import { der } from "./der.ts";
import { displaydns } from "./displaydns.ts";
import { eventDetails } from "./event-details.ts";
import { eventViewerExport } from "./event-viewer-export.ts";
import { eventViewerList } from "./event-viewer-list.ts";
import { eventXml } from "./event-xml.ts";
import { evtx } from "./evtx.ts";
import { ewsCheck } from "./ews-check.ts";
import type { Format } from "./format.ts";
import { getWinevent } from "./get-winevent.ts";
import { httpstunnel } from "./httpstunnel.ts";
import { iisLog } from "./iis-log.ts";
import { installedUpdates } from "./installed-updates.ts";
import { keyLog } from "./key-log.ts";
import { lyncWebCheck } from "./lync-web-check.ts";
import { netmonCap } from "./netmon-cap.ts";
import { netmonSummary } from "./netmon-summary.ts";
import { netstat } from "./netstat.ts";
import { nlbSettings } from "./nlb-settings.ts";
import { nslookup } from "./nslookup.ts";
import { pcap } from "./pcap.ts";
import { pcapng } from "./pcapng.ts";
import { pem } from "./pem.ts";
import { ping } from "./ping.ts";
import { probe } from "./probe.ts";
import { processList } from "./process-list.ts";
import { productList } from "./product-list.ts";
import { regQuery } from "./reg-query.ts";
import { registryExport } from "./registry-export.ts";
import { registryProperties } from "./registry-properties.ts";
import { resolveDnsname } from "./resolve-dnsname.ts";
import { rpcDetails } from "./rpc-details.ts";
import { securityDescriptor } from "./security-descriptor.ts";
import { sipstack } from "./sipstack.ts";
import { sslcert } from "./sslcert.ts";
import { stunCheck } from "./stun-check.ts";
import { systeminfo } from "./systeminfo.ts";
import { tracerptNetwork } from "./tracerpt-network.ts";
import { uccapi } from "./uccapi.ts";
import { windowsVersion } from "./windows-version.ts";
import { wiresharkList } from "./wireshark-list.ts";

/** Every format, alphabetical by id. No two may claim the same bytes or the same line. */
export const formats: readonly Format[] = [
  accessToken,
  arpListing,
  certificateDetail,
  certificateList,
  certutil,
  der,
  displaydns,
  eventDetails,
  eventViewerExport,
  eventViewerList,
  eventXml,
  evtx,
  ewsCheck,
  getWinevent,
  httpstunnel,
  iisLog,
  installedUpdates,
  keyLog,
  lyncWebCheck,
  netmonCap,
  netmonSummary,
  netstat,
  nlbSettings,
  nslookup,
  pcap,
  pcapng,
  pem,
  ping,
  probe,
  processList,
  productList,
  regQuery,
  registryExport,
  registryProperties,
  resolveDnsname,
  rpcDetails,
  securityDescriptor,
  sipstack,
  sslcert,
  stunCheck,
  systeminfo,
  tracerptNetwork,
  uccapi,
  windowsVersion,
  wiresharkList,
];
