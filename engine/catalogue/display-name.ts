/** Words of ids that are not written with a single capital at their front. */
const SPELLINGS: Readonly<Record<string, string>> = {
  ad: "AD",
  arp: "ARP",
  dcom: "DCOM",
  dhcp: "DHCP",
  directaccess: "DirectAccess",
  dns: "DNS",
  dtc: "DTC",
  esx: "ESX",
  esxi: "ESXi",
  http: "HTTP",
  https: "HTTPS",
  icmp: "ICMP",
  iis: "IIS",
  ip: "IP",
  ipsec: "IPsec",
  iscsi: "iSCSI",
  ldap: "LDAP",
  nlb: "NLB",
  ntlm: "NTLM",
  r2: "R2",
  rdp: "RDP",
  rds: "RDS",
  rpc: "RPC",
  sccm: "SCCM",
  sip: "SIP",
  smb: "SMB",
  smtp: "SMTP",
  sp1: "SP1",
  sp2: "SP2",
  sql: "SQL",
  ssl: "SSL",
  stun: "STUN",
  tcp: "TCP",
  tls: "TLS",
  tmg: "TMG",
  turn: "TURN",
  uag: "UAG",
  udp: "UDP",
  vmware: "VMware",
  vpn: "VPN",
  wan: "WAN",
  wcf: "WCF",
  winrm: "WinRM",
  xp: "XP",
};

/** Name of a product or an area from its id: `windows-server-2008-r2` is Windows Server 2008 R2. */
export function displayName(id: string): string {
  return id
    .split("-")
    .map((word) => (Object.hasOwn(SPELLINGS, word) ? SPELLINGS[word] : word.slice(0, 1).toUpperCase() + word.slice(1)))
    .join(" ");
}
