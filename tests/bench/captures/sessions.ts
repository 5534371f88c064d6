import { clientHello, dnsMessage, httpHead, serverHello, TLS_ALERT, tlsHeader } from "./payload.ts";
import { closeFin, handshake, injectReset, segment, sendReliably, sendReset, synOptions, transfer } from "./tcp.ts";
import { C2S, type DatagramPacket, Flag, type Host, S2C, type Session, type World } from "./world.ts";

function datagram(s: Session, kind: "udp" | "icmp", dir: number, body: Buffer, dns = false): DatagramPacket {
  return { kind, s, dir, body, dns, tx: 0, ipid: 0, lost: false };
}

function dnsLookup(w: World, t: number, client: Host, server: Host): number {
  const s = w.newSession(53, { v4only: true, client, server: w.resolver });
  const id = w.random.int(0, 65535);
  const query = () => datagram(s, "udp", C2S, dnsMessage(id, server.name!), true);
  const at = w.send(t, query());
  if (at < 0 || w.random.next() < 0.01) {
    w.send(t + 5e6, query(), false);
    return t + 5e6 + 1000;
  }
  const back = at + w.random.expo(3000) + 100;
  const answer = dnsMessage(id, server.name!, w.random.next() < 0.03 ? null : server.v4);
  return Math.max(t, w.send(back, datagram(s, "udp", S2C, answer, true), false));
}

export function sipCall(w: World, t: number): void {
  const { random } = w;
  const s = w.newSession(5060, { v4only: true });
  const call = `${random.int(1, 1e9)}@10.20.0.1`;
  const message = (line: string, cseq: string) =>
    Buffer.from(
      `${line}\r\nVia: SIP/2.0/UDP 10.20.0.1;branch=z9hG4bK${call}\r\nFrom: <sip:a@example.test>;tag=1\r\nTo: <sip:b@example.test>\r\nCall-ID: ${call}\r\nCSeq: ${cseq}\r\nContent-Length: 0\r\n\r\n`,
    );
  const udp = (dir: number, at: number, body: Buffer) => w.send(at, datagram(s, "udp", dir, body), false);
  let at = udp(C2S, t, message("INVITE sip:b@example.test SIP/2.0", "1 INVITE"));
  at = udp(S2C, at + 500, message("SIP/2.0 100 Trying", "1 INVITE"));
  const final = random.pick(["200 OK", "200 OK", "200 OK", "486 Busy Here", "503 Service Unavailable", "408 Request Timeout"]);
  at = udp(S2C, at + random.int(1e5, 3e6), message(`SIP/2.0 ${final}`, "1 INVITE"));
  at = udp(C2S, at + 200, message("ACK sip:b@example.test SIP/2.0", "1 ACK"));
  if (final !== "200 OK") return;
  at = udp(C2S, at + random.int(1e6, 2e7), message("BYE sip:b@example.test SIP/2.0", "2 BYE"));
  udp(S2C, at + 300, message("SIP/2.0 200 OK", "2 BYE"));
}

export function ping(w: World, t: number): void {
  const s = w.newSession(0, { v4only: true });
  for (let i = 0; i < 4; i++) {
    const at = w.send(t + i * 1e6, datagram(s, "icmp", C2S, w.pool.subarray(0, 56)));
    if (at >= 0) w.send(at + 30, datagram(s, "icmp", S2C, w.pool.subarray(0, 56)));
  }
}

export function arp(w: World, start: number): void {
  let t = start;
  const ends = [
    [w.taps.client, w.random.pick(w.clients), Buffer.from([10, 20, 0, 1]), w.routers[0]],
    [w.taps.server, w.random.pick(w.servers), Buffer.from([198, 51, 100, 1]), w.routers[1]],
  ] as const;
  for (const [tap, host, gateway, gatewayMac] of ends) {
    const answered = w.random.next() > 0.02;
    for (const reply of answered ? [false, true] : [false, false, false]) {
      const raw = Buffer.alloc(60);
      (reply ? host.mac : Buffer.alloc(6, 255)).copy(raw, 0);
      (reply ? gatewayMac : host.mac).copy(raw, 6);
      raw.writeUInt16BE(0x0806, 12);
      Buffer.from([0, 1, 8, 0, 6, 4, 0, reply ? 2 : 1]).copy(raw, 14);
      (reply ? gatewayMac : host.mac).copy(raw, 22);
      (reply ? gateway : host.v4).copy(raw, 28);
      (reply ? host.mac : Buffer.alloc(6)).copy(raw, 32);
      (reply ? host.v4 : gateway).copy(raw, 38);
      tap?.see(t, { kind: "arp", raw, tx: t });
      t += reply ? 0 : answered ? 180 : 1e6;
    }
  }
}

/** Nobody answers, or the port is closed, or the client vanishes after its SYN. */
function failedOpen(w: World, s: Session, t: number, roll: number): void {
  if (roll >= 0.985) {
    for (const wait of [0, 1e6, 3e6, 7e6]) {
      const packet = segment(s, C2S, t + wait, Flag.syn, 0, 0, { opts: synOptions(s.mss), rtx: wait ? 1 : 0 });
      packet.tx = t + wait;
      packet.lost = true;
      packet.ipid = s.ipid[C2S]++;
      w.taps.client?.see(packet.tx, packet);
    }
    return;
  }
  const at = sendReliably(w, s, C2S, t, Flag.syn, 0, 0, { opts: synOptions(s.mss), rto: 1e6 });
  s.next[C2S] = s.rcv[S2C] = 1;
  if (at < 0) return;
  if (roll < 0.975) sendReset(w, s, S2C, at + 20);
  else
    for (const wait of [0, 1e6, 3e6])
      w.send(at + 30 + wait, segment(s, S2C, at + wait, Flag.syn | Flag.ack, 0, 0, { opts: synOptions(s.mss), rtx: wait ? 1 : 0 }));
}

/** The TLS handshake's flights; answers when it is done, or -1 where the session ended instead. */
function tlsHandshake(w: World, s: Session, start: number): number {
  let t = transfer(w, s, C2S, start, 517, { head: clientHello(w, s.server.name!), reply: true });
  if (t < 0) return -1;
  if (w.random.next() < 0.02) {
    t = transfer(w, s, S2C, t + 300, 7, { head: TLS_ALERT });
    if (t >= 0) sendReset(w, s, S2C, t);
    return -1;
  }
  const hello = serverHello(w);
  const certificates = w.random.int(1200, 4200);
  t = transfer(w, s, S2C, t + w.random.int(200, 2000), hello.length + certificates, {
    head: Buffer.concat([hello, tlsHeader(certificates - 5)]),
  });
  if (t < 0) return -1;
  return transfer(w, s, C2S, t + 300, 80, { head: Buffer.concat([Buffer.from([20, 3, 3, 0, 1, 1]), tlsHeader(69)]), reply: true });
}

/** One request and its response; answers when it is done, or -1. */
function webTurn(w: World, s: Session, start: number, tls: boolean, bulk: boolean): number {
  const { random } = w;
  const up = random.next() < 0.12 ? random.pareto(4000, 1.1, 400000) : random.int(180, 900);
  const down = bulk ? random.pareto(150000, 1.2, 4e6) : random.pareto(400, 0.95, 150000);
  const status = random.pick(["200 OK", "200 OK", "200 OK", "302 Found", "404 Not Found", "503 Service Unavailable"]);
  const request = tls
    ? undefined
    : httpHead(up > 1000 ? "POST /upload HTTP/1.1" : `GET /item/${random.int(1, 1e6)} HTTP/1.1`, s.server, up > 1000 ? up : 0);
  const t = transfer(w, s, C2S, start + random.expo(20000), request && up <= 1000 ? request.length : up, {
    head: request,
    records: tls,
    reply: true,
  });
  if (t < 0) return -1;
  const slow = random.next() < 0.02 ? random.int(1e6, 6e6) : random.expo(15000);
  return transfer(w, s, S2C, t + slow, down, { head: tls ? undefined : httpHead(`HTTP/1.1 ${status}`, s.server, down), records: tls });
}

export function tcpSession(w: World, start: number): void {
  const { random, opt } = w;
  const roll = random.next();
  const tls = random.next() < 0.65;
  const bulk = roll >= 0.72 && roll < 0.75;
  const interactive = roll >= 0.75 && roll < 0.86;
  const s = w.newSession(interactive ? 22 : tls ? 443 : 80);
  w.sessions++;
  if (opt.nat && !s.v6 && opt.pair)
    w.nat.push([s.id, `${[...s.client.v4].join(".")}:${s.cport}`, `${[...w.natV4].join(".")}:${s.natPort}`]);
  let t = start;
  if (random.next() < 0.5) t = dnsLookup(w, t, s.client, s.server) + 100;
  if (roll >= 0.96) {
    failedOpen(w, s, t, roll);
    return;
  }
  t = handshake(w, s, t);
  if (t < 0) return;
  if (random.next() < opt.injectRst) s.doomedAt = t + random.expo(150000);
  const doomed = () => s.doomedAt !== undefined && t > s.doomedAt;
  if (!interactive && tls) {
    t = tlsHandshake(w, s, t);
    if (t < 0) return;
  }
  const turns = bulk ? 1 : interactive ? random.int(20, 150) : random.pareto(1, 1.3, 24);
  for (let i = 0; i < turns && t >= 0 && !doomed(); i++) {
    if (interactive) {
      t = transfer(w, s, C2S, t + random.expo(180000), random.int(36, 52), { reply: true });
      if (t >= 0) t = transfer(w, s, S2C, t + random.int(100, 3000), random.int(36, 600));
    } else t = webTurn(w, s, t, tls, bulk);
  }
  if (t < 0) return;
  if (doomed()) injectReset(w, s, t);
  else if (random.next() < 0.07) sendReset(w, s, random.next() < 0.5 ? C2S : S2C, t + 1000);
  else closeFin(w, s, t + random.expo(50000), random.next() < 0.6 ? C2S : S2C);
}
