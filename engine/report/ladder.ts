import { html, type Markup } from "./markup.ts";
import { quoted } from "./printable.ts";
import type { Ladder } from "./report.ts";
import { duration } from "./wording.ts";

type Step = Ladder["steps"][number];

/** How a mark is said in words, in the legend and the table; the drawing tells them apart by line and end sign, not by colour alone. */
export const MARKS: Readonly<Record<NonNullable<Step["mark"]>, string>> = {
  cited: "cited as evidence",
  retransmission: "sent again",
  lost: "sent, never arrived",
  foreign: "received, never sent by that end",
};

// Geometry in SVG user units, which are CSS pixels at full width.
const WIDTH = 960;
const CLIENT_X = 150;
const SERVER_X = { one: 930, two: 846 } as const;
/** The network between two capture points, as a share of the way from client to server. */
const NETWORK = { from: 0.4, to: 0.6 } as const;
const HEAD_HEIGHT = 62;
const ROW_HEIGHT = 38;
const PAUSE_HEIGHT = 32;
/** How much lower an arrow ends than it starts: time flows down. */
const SLANT = 8;
/** A pause of this many seconds or more is drawn as a break in the lifelines instead of to scale. */
const PAUSE_SECONDS = 1;
const LABEL_LENGTH = 92;
const ADDRESS_LENGTH = 48;
const SOURCE_LENGTH = 40;

/** Where things stand across the drawing. */
interface Frame {
  readonly two: boolean;
  readonly client: number;
  readonly server: number;
  readonly middle: number;
}

/** The ladder as inline SVG, styled by the classes in `html-style.ts`. `id` must be unique in the document. */
export function renderLadder(ladder: Ladder, id: string): Markup {
  const two = ladder.points.length > 1;
  const server = two ? SERVER_X.two : SERVER_X.one;
  const frame: Frame = { two, client: CLIENT_X, server, middle: (CLIENT_X + server) / 2 };
  const rows = place(ladder.steps);
  const bottom = (rows.at(-1)?.y ?? HEAD_HEIGHT) + ROW_HEIGHT;
  return html`<svg class="ladder" viewBox="0 0 ${WIDTH} ${bottom + 6}" width="${WIDTH}" height="${bottom + 6}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${ladder.title}</title>
<desc id="${id}-desc">${describe(ladder)}</desc>
${two && network(frame, bottom)}${heads(ladder, frame)}
<line class="life" x1="${frame.client}" y1="${HEAD_HEIGHT - 6}" x2="${frame.client}" y2="${bottom}"/><line class="life" x1="${server}" y1="${HEAD_HEIGHT - 6}" x2="${server}" y2="${bottom}"/>
${rows.map(({ step, y, pause }) => [pause !== null && pauseMark(frame, y - ROW_HEIGHT, pause), drawStep(step, y, frame)])}</svg>`;
}

function place(steps: readonly Step[]): { step: Step; y: number; pause: number | null }[] {
  let y = HEAD_HEIGHT + 18;
  return steps.map((step, index) => {
    const gap = index === 0 ? 0 : step.time - steps[index - 1]!.time;
    const pause = gap >= PAUSE_SECONDS ? gap : null;
    if (index > 0) y += ROW_HEIGHT;
    if (pause !== null) y += PAUSE_HEIGHT;
    return { step, y, pause };
  });
}

function heads({ points }: Ladder, frame: Frame): Markup {
  const [near, far] = [points[0], points.at(-1)];
  if (!near || !far) return html``;
  const caption = (side: "client" | "server", source: string) => (frame.two || near.side === side ? `captured here: ${tail(source)}` : "");
  return html`<text class="role" x="${CLIENT_X - 8}" y="14">Client <tspan class="where">${caption("client", near.source)}</tspan></text><text class="address" x="${CLIENT_X - 8}" y="31">${quoted(near.client, ADDRESS_LENGTH)}</text>
<text class="role end" x="${frame.server + 8}" y="14"><tspan class="where">${caption("server", far.source)}</tspan> Server</text><text class="address end" x="${frame.server + 8}" y="31">${quoted(far.server, ADDRESS_LENGTH)}</text>
${frame.two && translated(near, far, frame)}
<text class="column end" x="66" y="${HEAD_HEIGHT - 12}">time</text><text class="column end" x="${CLIENT_X - 12}" y="${HEAD_HEIGHT - 12}">frame</text>${frame.two && html`<text class="column" x="${frame.server + 12}" y="${HEAD_HEIGHT - 12}">frame</text>`}`;
}

/** The end of a long path, which tells files apart better than its beginning. */
function tail(path: string): string {
  const characters = [...quoted(path)];
  return characters.length <= SOURCE_LENGTH ? characters.join("") : `…${characters.slice(1 - SOURCE_LENGTH).join("")}`;
}

/** Addresses as the other end knows them, where a device in between translates. */
function translated(near: Ladder["points"][number], far: Ladder["points"][number], frame: Frame): Markup {
  const [left, right] = edges(frame);
  const y = HEAD_HEIGHT - 12;
  return html`${near.server !== far.server && html`<text class="where end" x="${left - 6}" y="${y}">server is ${quoted(near.server, ADDRESS_LENGTH)}</text>`}${near.client !== far.client && html`<text class="where" x="${right + 6}" y="${y}">client is ${quoted(far.client, ADDRESS_LENGTH)}</text>`}`;
}

function edges({ client, server }: Frame): readonly [number, number] {
  return [client + (server - client) * NETWORK.from, client + (server - client) * NETWORK.to];
}

function network(frame: Frame, bottom: number): Markup {
  const [left, right] = edges(frame);
  return html`<rect class="network" x="${left}" y="${HEAD_HEIGHT - 26}" width="${right - left}" height="${bottom - HEAD_HEIGHT + 26}"/><line class="edge" x1="${left}" y1="${HEAD_HEIGHT - 6}" x2="${left}" y2="${bottom}"/><line class="edge" x1="${right}" y1="${HEAD_HEIGHT - 6}" x2="${right}" y2="${bottom}"/><text class="column middle" x="${frame.middle}" y="${HEAD_HEIGHT - 12}">network</text>`;
}

function pauseMark({ client, server, middle }: Frame, y: number, seconds: number): Markup {
  const zigzag = (x: number) => `M${x} ${y - 4}l-5 4l10 6l-10 6l5 4`;
  return html`<g class="pause"><rect class="gap" x="${client - 6}" y="${y - 4}" width="12" height="20"/><rect class="gap" x="${server - 6}" y="${y - 4}" width="12" height="20"/><path d="${zigzag(client)}"/><path d="${zigzag(server)}"/><text class="middle" x="${middle}" y="${y + 10}">${duration(seconds)} later</text></g>`;
}

function drawStep(step: Step, y: number, frame: Frame): Markup {
  const [near, far] = [step.frames[0] ?? null, step.frames[1] ?? null];
  const label = quoted(step.text, LABEL_LENGTH);
  return html`<g class="step ${step.mark ?? "plain"}"><title>${stepSentence(step)}</title><text class="time end" x="66" y="${y + 4}">${step.time.toFixed(3)}</text>${near !== null && html`<text class="number end" x="${CLIENT_X - 12}" y="${y + 4}">${near}</text>`}${frame.two && far !== null && html`<text class="number" x="${frame.server + 12}" y="${y + 4}">${far}</text>`}${arrow(step, y, frame)}<text class="label middle" x="${frame.middle}" y="${y - 6}">${label}</text></g>`;
}

/** What the legend calls a packet that one capture of two does not hold, although nothing says that it was lost or foreign. */
export const ONE_CAPTURE_ONLY = "in one capture only";

/** Whether the ladder draws such a packet, as half a line that ends in a circle. */
export function hasOneCaptureOnly({ points, steps }: Ladder): boolean {
  const two = points.length > 1;
  return steps.some((step) => step.mark !== "lost" && step.mark !== "foreign" && reach(step, two) !== "whole");
}

/** Which part of the way the packet was seen on: all of it, from its sender to the middle, or from the middle to its receiver. */
function reach(step: Step, two: boolean): "whole" | "sent" | "received" {
  if (step.mark === "lost") return "sent";
  if (step.mark === "foreign") return "received";
  if (!two || (step.frames[0] != null && step.frames[1] != null)) return "whole";
  const seenAtClient = step.frames[0] != null;
  return seenAtClient === (step.from === "client") ? "sent" : "received";
}

function arrow(step: Step, y: number, frame: Frame): Markup {
  const [sender, receiver] = step.from === "client" ? [frame.client, frame.server] : [frame.server, frame.client];
  const seen = reach(step, frame.two);
  const from = seen === "received" ? frame.middle : sender;
  const to = seen === "sent" ? frame.middle : receiver;
  const [startY, endY] = [seen === "received" ? y + SLANT / 2 : y, seen === "sent" ? y + SLANT / 2 : y + SLANT];
  const line = html`<line class="way" x1="${from}" y1="${startY}" x2="${to}" y2="${endY}"/>`;
  const back = to > from ? -9 : 9;
  const tip = html`<path class="tip" d="M${to} ${endY}l${back} -4.5v9z"/>`;
  const at = frame.middle;
  const center = y + SLANT / 2;
  if (step.mark === "lost") return html`${line}<path class="cross" d="M${at - 6} ${center - 6}l12 12m0 -12l-12 12"/>`;
  if (step.mark === "foreign") return html`${line}${tip}<path class="origin" d="M${at} ${center - 7}l7 7l-7 7l-7 -7z"/>`;
  if (seen === "whole") return html`${line}${tip}`;
  return html`${line}${seen === "received" && tip}<circle class="unseen" cx="${at}" cy="${center}" r="4"/>`;
}

/** One step in words. */
export function stepSentence(step: Step): string {
  const frames = step.frames.flatMap((number) => (number === null ? [] : [number]));
  const to = step.from === "client" ? "server" : "client";
  return `${step.time.toFixed(3)} s, frame ${frames.join(" and ")}, ${step.from} to ${to}: ${quoted(step.text)}${step.mark === null ? "" : ` (${MARKS[step.mark]})`}`;
}

function describe({ points, steps }: Ladder): string {
  const seen = points.map(({ source, side }) => `${quoted(source, 80)}${side ? ` (${side} side)` : ""}`).join(" and ");
  const marked = Object.entries(MARKS).flatMap(([mark, words]) => {
    const count = steps.filter((step) => step.mark === mark).length;
    return count > 0 ? [`${count} ${words}`] : [];
  });
  return `${steps.length} packets between client and server as seen in ${seen}${marked.length > 0 ? `: ${marked.join(", ")}` : ""}. A table with the same follows.`;
}
