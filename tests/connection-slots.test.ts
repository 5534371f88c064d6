import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EtherType } from "../engine/decoders/layers.ts";
import { Family, Known, Mark, TcpFlag } from "../engine/decoders/packet-batch.ts";
import * as bits from "../engine/decoders/packet-bits.ts";
import { ConnectionSlots } from "../engine/derive/connection-slots.ts";
import { CountColumn, FrameLists } from "../engine/derive/growing-columns.ts";
import { HistoryBook, LETTER_ACK, LETTER_FLIP, LETTER_RST, LETTER_SYN, LETTER_SYN_ACK } from "../engine/derive/history-book.ts";
import { CONNECTION_STREAM, END_SIZE, FIRST_END, SLOT_SIZE } from "../engine/derive/tcp-connection-state.ts";
import { Table } from "../engine/tables/table.ts";
import { tcpConnections } from "../engine/tables/tcp-connections.ts";
import { analyseFrames } from "./support/analysed.ts";
import { type CapturedFrame, tcpFrame } from "./support/capture-writer.ts";

describe("ConnectionSlots", () => {
  it("finds what was inserted and not released, as a map would", () => {
    const operation = fc.record({ key: fc.integer({ min: 0, max: 30 }), release: fc.boolean() });
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const slots = new ConnectionSlots();
        const held = new Map<number, number>();
        // Few different low bits, so that keys crowd.
        const end = (key: number) => [key & 3, (key >> 2) << 28, 0x0050_0051, Family.ipv4] as const;
        for (const { key, release } of operations) {
          slots.reserve(1);
          const slot = slots.find(...end(key));
          expect(slot).toBe(held.get(key) ?? -1);
          if (slot === -1) held.set(key, slots.insert(...end(key)));
          else if (release) {
            slots.release(slot);
            held.delete(key);
          }
        }
        expect(slots.live).toBe(held.size);
        expect(new Set(held.values()).size).toBe(held.size);
        expect(held.get(0) === 0).toBe(false);
      }),
      { seed: 9293, numRuns: 200 },
    );
  });

  it("keeps everything in place when it grows", () => {
    const slots = new ConnectionSlots();
    for (let i = 0; i < 5000; i++) {
      slots.reserve(1);
      slots.reset(slots.insert(i, ~i, i << 16, Family.ipv4), i);
    }
    const streams = Array.from(
      { length: 5000 },
      (_, i) => slots.ints[slots.find(i, ~i, i << 16, Family.ipv4) * SLOT_SIZE + CONNECTION_STREAM],
    );
    expect(streams).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  });
});

describe("literal constants", () => {
  it("say what the contracts say", () => {
    expect([bits.FLAG_FIN, bits.FLAG_SYN, bits.FLAG_RST, bits.FLAG_PSH, bits.FLAG_ACK]).toEqual([
      TcpFlag.fin,
      TcpFlag.syn,
      TcpFlag.rst,
      TcpFlag.psh,
      TcpFlag.ack,
    ]);
    expect(bits.KNOWN_SEGMENT).toBe(Known.seq | Known.ack | Known.window | Known.length | Known.ports | Known.flags);
    expect([bits.KNOWN_LENGTH, bits.KNOWN_OPTIONS, bits.KNOWN_TIME, bits.KNOWN_PORTS, bits.KNOWN_ALL]).toEqual([
      Known.length,
      Known.options,
      Known.time,
      Known.ports,
      Known.all,
    ]);
    expect([bits.MARK_TRUNCATED, bits.MARK_IP_LENGTH_ZERO, bits.MARK_FRAGMENT, bits.MARK_TIMESTAMPS]).toEqual([
      Mark.truncated,
      Mark.ipLengthZero,
      Mark.fragment,
      Mark.timestamps,
    ]);
    expect(bits.FAMILY_IPV4).toBe(Family.ipv4);
    expect([bits.ETHERTYPE_UNKNOWN, bits.ETHERTYPE_IPV4, bits.ETHERTYPE_IPV6]).toEqual([EtherType.unknown, EtherType.ipv4, EtherType.ipv6]);
    expect(SLOT_SIZE).toBe(FIRST_END + 2 * END_SIZE);
    expect(SLOT_SIZE % 2).toBe(0);
  });
});

describe("memory of a long capture", () => {
  /** A connection that is reset at once, and one that stays. */
  const short = (index: number): CapturedFrame[] => {
    const client = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}:1024`;
    const at = index / 20;
    return [
      { time: at, bytes: tcpFrame(client, "192.0.2.1:80", { flags: "S", seq: index, ack: 0 }) },
      { time: at + 0.001, bytes: tcpFrame("192.0.2.1:80", client, { flags: "RA", seq: 0, ack: index + 1 }) },
    ];
  };

  it("gives back what closed connections held, and keeps their rows", async () => {
    const connections = 9000;
    const captured = Array.from({ length: connections }, (_, index) => short(index)).flat();
    const { connections: part } = (await analyseFrames(captured)).capture;
    expect(part.length).toBe(connections);
    const table = new Table(tcpConnections, [part]);
    for (const index of [0, 1, 4095, 4096, 8999]) {
      const row = ["stream", "conn_state", "client_ip", "first_frame"].map((column) => table.value(index, column));
      expect(row).toEqual([index, "REJ", `10.0.${index >> 8}.${index & 255}`, 2 * index + 1]);
    }
  });
});

describe("columns", () => {
  it("widen when a count outgrows them", () => {
    const counts = new CountColumn(3);
    for (const [row, value] of [200, 60_000, 5_000_000].entries()) counts.set(row, value);
    counts.add(0);
    counts.grow(4);
    expect([...counts.values]).toEqual([201, 60_000, 5_000_000, 0]);
    const others = new CountColumn(4);
    others.set(1, 7);
    counts.exchange(others, Uint8Array.of(0, 1, 0, 0), 4);
    counts.cut(2);
    expect([...counts.values]).toEqual([201, 7]);
    expect([...others.values]).toEqual([0, 60_000, 0, 0]);
  });

  it("keep lists of frames apart and in order", () => {
    const lists = new FrameLists();
    let [a, b] = [-1, -1];
    for (let frame = 1; frame <= 600; frame++) {
      if (frame % 2 === 0) a = lists.append(a, frame);
      else b = lists.append(b, frame);
    }
    expect([lists.size(a), lists.size(b), lists.size(-1)]).toEqual([300, 300, 0]);
    expect([lists.first(a), lists.first(b), lists.first(-1)]).toEqual([2, 1, 0]);
    const written = new Uint32Array(600);
    lists.write(a, written, 300);
    lists.write(b, written, 600);
    expect([...written.subarray(297, 303)]).toEqual([596, 598, 600, 1, 3, 5]);
  });
});

describe("HistoryBook", () => {
  it("shares equal histories and stops at a length nobody reads", () => {
    const book = new HistoryBook();
    const path = (letters: readonly (readonly [number, boolean])[]) =>
      letters.reduce((node, [letter, orig]) => book.append(node, letter, orig), 0);
    const handshake = [
      [LETTER_SYN, true],
      [LETTER_SYN_ACK, false],
      [LETTER_ACK, true],
    ] as const;
    expect(path(handshake)).toBe(path(handshake));
    expect(book.text(path(handshake))).toBe("ShA");
    expect(book.text(path([[LETTER_FLIP, true], ...handshake]))).toBe("^ShA");
    const long = path(Array.from({ length: 500 }, () => [LETTER_RST, false] as const));
    expect(book.text(long)).toMatch(/^r{64}$/);
    expect(book.texts()[long]).toBe(book.text(long));
  });
});
