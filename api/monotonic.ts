/**
 * Milliseconds since some time in the past, the same for all processes of a machine: a clock that nobody sets, so that it never jumps. It
 * begins anew when the machine does, and does not go on while the machine sleeps.
 */
export function monotonic(): number {
  return Math.floor(Number(process.hrtime.bigint()) / 1e6);
}
