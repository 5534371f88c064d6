import { byteSize, counted } from "../../../engine/report/wording.ts";
import { element } from "./elements.ts";
import type { MatchProgress } from "./messages.ts";

const STAGES: Readonly<Record<string, string>> = {
  loading: "Loading the engine",
  uploading: "Uploading",
  queued: "Waiting for its turn",
  running: "Starting",
  opening: "Opening",
  reading: "Reading",
  correlating: "Bringing together what belongs together",
  matching: "Asking the rules",
  quoting: "Quoting the evidence",
};

/** How far a match has come, in words for everybody and as a bar. */
export interface ProgressView {
  begin(name: string, stage: string): void;
  update(progress: Omit<MatchProgress, "stage"> & { readonly stage: string }): void;
  end(): void;
}

export function progressView(): ProgressView {
  const part = element("progress", HTMLElement);
  const [name, stage, amount, bar] = [
    element("progress-name", HTMLElement),
    element("stage", HTMLElement),
    element("amount", HTMLElement),
    element("bar", HTMLProgressElement),
  ];
  // Screen readers are told of every stage, not of every byte.
  const say = (key: string) => {
    const words = STAGES[key] ?? key;
    if (stage.textContent !== words) stage.textContent = words;
  };
  return {
    begin(what, key) {
      name.textContent = what;
      say(key);
      part.hidden = false;
    },
    update({ stage: key, bytes, totalBytes, packets, rules }) {
      say(key);
      const packetCount =
        packets >= 1e6 ? `${(packets / 1e6).toFixed(1)} million packets` : packets > 0 ? `${packets.toLocaleString("en")} packets` : "";
      const read = bytes > 0 ? `${byteSize(bytes)} of ${byteSize(totalBytes)}` : "";
      amount.textContent = [read, packetCount, rules > 0 ? counted(rules, "rule") : ""].filter(Boolean).join(", ");
      // Archives hold more than their own size.
      if (totalBytes > 0 && bytes > 0) bar.value = Math.min(1, bytes / totalBytes);
    },
    end() {
      part.hidden = true;
      stage.textContent = "";
      amount.textContent = "";
      bar.removeAttribute("value");
    },
  };
}
