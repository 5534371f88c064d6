import { describe, expect, it } from "vitest";
import { wiresharkList } from "../engine/formats/wireshark-list.ts";
import { analyseText } from "./support/analysed.ts";
import { collectText } from "./support/collect.ts";

const detects = (text: string) => wiresharkList.detect(text.split("\n"));

async function connections(text: string) {
  expect(detects(text)).toBe(true);
  return (await analyseText(wiresharkList, text)).rows("tcp_connections");
}

/** Three segments and an answer of which the second byte range is missing, as `tshark -T fields` prints them. */
const ROWS = [
  "frame.number frame.time_relative ip.src ip.dst tcp.srcport tcp.dstport tcp.flags tcp.seq tcp.ack tcp.len tcp.window_size_value tcp.options.mss_val",
  "1 0.000000000 192.0.2.1 192.0.2.2 50000 80 0x0002 0 0 0 64240 1460",
  "2 0.010000000 192.0.2.2 192.0.2.1 80 50000 0x0012 0 1 0 65160 512",
  "3 0.020000000 192.0.2.1 192.0.2.2 50000 80 0x0010 1 1 0 502 ",
  "4 0.030000000 192.0.2.1 192.0.2.2 50000 80 0x0018 1 1 100 502 ",
  "5 0.040000000 192.0.2.1 192.0.2.2 50000 80 0x0018 301 1 100 502 ",
].map((line) => line.split(" "));

describe("a list of fields", () => {
  const expected = {
    client_ip: "192.0.2.1",
    client_port: 50000,
    server_port: 80,
    client_mss: 1460,
    server_mss: 512,
    client_sack_permitted: null,
    client_timestamps: null,
    syn_count: 1,
    orig_pkts: 4,
    client_lost_segments: 1,
    client_open_gap: true,
  };

  it.each([
    ["tabs", "\t", ""],
    ["commas", ",", ""],
    ["semicolons", ";", ""],
    ["bars", "|", ""],
    ["blanks", " ", ""],
    ["commas and double quotes", ",", '"'],
    ["tabs and single quotes", "\t", "'"],
  ])("is read with %s", async (_, separator, quote) => {
    const text = ROWS.map((cells) => cells.map((cell) => (cell === "" ? "" : quote + cell + quote)).join(separator)).join("\n");
    expect(await connections(text)).toMatchObject([expected]);
  });

  it("whose trailing tabs a mail program dropped is read", async () => {
    const text = ROWS.map((cells) => cells.join("\t").trimEnd()).join("\n");
    expect(await connections(text)).toMatchObject([expected]);
  });

  it("takes missing frames for rows left out, not for segments that were lost", async () => {
    const text = ROWS.filter((_, row) => row !== 3)
      .map((cells) => cells.join(","))
      .join("\n");
    expect(await connections(text)).toMatchObject([{ client_lost_segments: 0, client_open_gap: false }]);
  });

  it("believes the fields of the analysis rather than its own view", async () => {
    const said = ["tcp.analysis.lost_segment", "", "", "", "", ""];
    const text = ROWS.map((cells, row) => [...cells, said[row]].join(",")).join("\n");
    expect(await connections(text)).toMatchObject([{ client_lost_segments: 0 }]);
  });

  it("numbers rows by itself where it has no frame numbers", async () => {
    const text = ROWS.map((cells) => cells.slice(1).join("\t")).join("\n");
    expect(await connections(text)).toMatchObject([{ orig_pkts: 4, first_frame: 1, last_frame: 5 }]);
  });

  it("reads flags from their bits, as 1 or True, and from letters", async () => {
    const bits = [
      "tcp.flags.syn,tcp.flags.ack,tcp.flags.fin,tcp.flags.reset",
      "1,0,0,0",
      "True,True,False,False",
      "0,1,0,0",
      "0,1,0,0",
      "0,1,0,1",
    ];
    const text = ROWS.map((cells, row) => [...cells.slice(0, 6), bits[row], ...cells.slice(7)].join(",")).join("\n");
    expect(await connections(text)).toMatchObject([{ conn_state: "RSTO", syn_count: 1, syn_ack_count: 1, reset_by: "client" }]);
    const letters = ["tcp.flags.str", "··········S·", "·······A··S·", "·······A····", "·······AP···", "·······A·R··"];
    const named = ROWS.map((cells, row) => [...cells.slice(0, 6), letters[row], ...cells.slice(7)].join(",")).join("\n");
    expect(await connections(named)).toMatchObject([{ conn_state: "RSTO", syn_count: 1, syn_ack_count: 1, reset_by: "client" }]);
  });

  it("does not take the ports of a quoted packet for the row's own", async () => {
    const quoted = '6,0.050000000,"192.0.2.9,192.0.2.1","192.0.2.1,192.0.2.2",50001,80,,0,,,,';
    const text = [...ROWS.map((cells) => cells.join(",")), quoted].join("\n");
    expect(await connections(text)).toHaveLength(1);
  });

  it("says which rows it cannot read, because a field with several values is not quoted", async () => {
    const text = [...ROWS.map((cells) => cells.join(",")), "6,0.05,192.0.2.9,10.0.0.1,192.0.2.2,192.0.2.2,50001,80,,0,,,,"].join("\n");
    const read = await collectText(wiresharkList, text);
    expect(read.anomalies.map(({ name, at }) => [name, at])).toEqual([["wireshark-list.unreadable-row", 6]]);
  });

  it("is no list without addresses", () => {
    expect(detects("frame.number\ttcp.srcport\ttcp.dstport\ttcp.len\n1\t80\t50000\t0")).toBe(false);
  });
});
