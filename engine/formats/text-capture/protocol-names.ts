import { NO_PROTOCOL } from "../../decoders/packet-batch.ts";

/** IP protocol numbers of the names a packet list gives to what is neither TCP nor carried by it. */
const NOT_TCP: Readonly<Record<string, number>> = names({
  1: "ICMP",
  2: "IGMP IGMPV0 IGMPV1 IGMPV2 IGMPV3",
  17:
    "UDP DNS MDNS LLMNR NBNS NBDS NBTNS NETBIOS-NS BROWSER SSDP DHCP DHCPV6 BOOTP NTP SNTP SNMP TFTP RADIUS QUIC GQUIC DTLS DTLSV1.0 DTLSV1.2 " +
    "RTP RTCP SRTP STUN CLASSIC-STUN TURN TURNCHANNEL ISAKMP ESP/UDP UDPENCAP CLDAP TEREDO SYSLOG L2TP VXLAN GTP RIP RIPV1 RIPV2 RIPNG HSRP BFD WSP COAP " +
    "WS-DISCOVERY ADWIN DHCPFO RTPEVENT RTSTP SAP/SDP WIREGUARD BJNP LOOPBACKUDP WLCCP PTP PTPV2 SRVLOC",
  41: "IPV6",
  47: "GRE",
  50: "ESP IPSEC",
  51: "AH",
  58: "ICMPV6",
  88: "EIGRP",
  89: "OSPF",
  103: "PIM PIMV2",
  112: "VRRP",
  132: "SCTP M3UA M2PA",
  [NO_PROTOCOL]:
    "ARP RARP IP IPV4 IPX SPX LLC STP RSTP MSTP LLDP CDP VTP DTP LOOP EAPOL EAP PPP PPPOE PPPOED LACP SLOW 802.11 802.3 ETHERNET FC LLTD HOMEPLUG " +
    "HOMEPLUG-AV MPLS ISIS NETEVENT FRAME USB USBMS HCI_EVT HCI_CMD BLUETOOTH L2CAP IGRP X.25 AOE PROFINET PN-DCP ECAT REALTEK",
});

function names(byProtocol: Readonly<Record<number, string>>): Record<string, number> {
  const found: Record<string, number> = Object.create(null) as Record<string, number>;
  for (const [protocol, list] of Object.entries(byProtocol)) for (const name of list.split(" ")) found[name] = Number(protocol);
  return found;
}

/** Protocols carried by TCP or by UDP, so that their name alone does not place a packet in a TCP connection. */
const EITHER = new Set(
  "KRB5 KRB4 SIP SIP/SDP SIP/XML PORTMAP NFS MOUNT NLM RPC MSRPC KPASSWD H.225.0 MEGACO MGCP DATA MALFORMED".split(" "),
);

/** What a protocol column says of the transport: the IP protocol number, 6 for TCP and what only TCP carries, null where it may be either. */
export function transportOf(protocol: string): number | null {
  const name = protocol.toUpperCase();
  const known = NOT_TCP[name];
  if (known !== undefined) return known;
  return EITHER.has(name) ? null : 6;
}
