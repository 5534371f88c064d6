import type { Value } from "../tables/table.ts";

/** The row of `stun_transactions` that one step of a probe stands for; null if it sent no STUN request. */
export function stunRowOf(step: Readonly<Record<string, Value | undefined>>): Record<string, Value> | null {
  if (step.kind !== "stun" || step.step !== "stun" || step.outcome === "skipped") return null;
  // Whatever its code, an error is an answer.
  const answered = step.outcome === "passed" || typeof step.status === "number";
  return {
    time: step.time ?? null,
    via: "probe",
    transport: step.transport ?? "udp",
    server_ip: step.ip ?? step.name ?? null,
    server_port: step.port ?? null,
    method: "allocate",
    answered,
    outcome: !answered ? null : typeof step.status === "number" ? "error" : "success",
    error_code: answered ? (step.status ?? null) : null,
    reason: answered ? (step.detail ?? null) : null,
    server_answers: answered,
    response_time: answered ? (step.duration ?? null) : null,
  };
}
