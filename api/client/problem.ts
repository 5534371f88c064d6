/** An error answer of the server, RFC 9457. */
export class Problem extends Error {
  /** HTTP status. */
  readonly status: number;
  /** What the error is about in this case, where the server says. */
  readonly detail: string | undefined;
  /** What to do about it, where the server says. */
  readonly whatToDo: string | undefined;
  /** To be quoted to whoever runs the server. */
  readonly requestId: string | undefined;
  /** Seconds after which it makes sense to try again, from `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor(status: number, body: unknown, retryAfter: string | null) {
    const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
    const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : undefined);
    const detail = text("detail");
    super(detail ?? text("title") ?? `the server answered ${status}`);
    this.name = "Problem";
    this.status = status;
    this.detail = detail;
    this.whatToDo = text("what_to_do");
    this.requestId = text("request_id");
    this.retryAfter = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined;
  }
}

/** Reads an error answer, whatever its body is. */
export async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => "");
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // A proxy's own error page.
  }
  return new Problem(response.status, body, response.headers.get("retry-after"));
}
