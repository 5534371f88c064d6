/** Words of ids that are not written with a single capital at their front. */
const SPELLINGS: Readonly<Record<string, string>> = {
  arp: "ARP",
  directaccess: "DirectAccess",
  dns: "DNS",
  iis: "IIS",
  nlb: "NLB",
  r2: "R2",
  rds: "RDS",
  rpc: "RPC",
  sccm: "SCCM",
  sip: "SIP",
  sp1: "SP1",
  sp2: "SP2",
  sql: "SQL",
  tcp: "TCP",
  tls: "TLS",
  tmg: "TMG",
  uag: "UAG",
  udp: "UDP",
  xp: "XP",
};

/** Name of a product or an area from its id: `windows-server-2008-r2` is Windows Server 2008 R2. */
export function displayName(id: string): string {
  return id
    .split("-")
    .map((word) => (Object.hasOwn(SPELLINGS, word) ? SPELLINGS[word] : word.slice(0, 1).toUpperCase() + word.slice(1)))
    .join(" ");
}
