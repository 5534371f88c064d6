import type { Exchange, Message } from "./http.ts";

const REQUEST_SCHEMA = "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006";
const RESPONSE_SCHEMA = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

/** Autodiscover's request for the settings of a mailbox, MS-OXDSCLI section 2.2.3. */
export function autodiscoverRequest(url: URL, address: string): Message {
  const request = `<Request><EMailAddress>${escaped(address)}</EMailAddress><AcceptableResponseSchema>${RESPONSE_SCHEMA}</AcceptableResponseSchema></Request>`;
  const body = `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="${REQUEST_SCHEMA}">${request}</Autodiscover>`;
  const headers = { "content-type": "text/xml; charset=utf-8", "content-length": String(Buffer.byteLength(body)) };
  return { method: "POST", url, headers, body };
}

/** The URL of Exchange Web Services for use from outside: that of the protocol EXPR, or the one a WEB protocol calls external. */
export function externalEwsUrl(body: string): URL | null {
  for (const [, protocol] of body.matchAll(/<Protocol(?:\s[^>]*)?>([\s\S]*?)<\/Protocol>/g)) {
    if (!/<Type>\s*EXPR\s*<\/Type>/.test(protocol!)) continue;
    const url = URL.parse(/<(?:EwsUrl|ASUrl)>\s*([^<\s]+)\s*<\//.exec(protocol!)?.[1]?.replaceAll("&amp;", "&") ?? "");
    if (url && /^https?:$/.test(url.protocol)) return url;
  }
  return null;
}

/** Where the answer sends the client on to: by HTTP, or by a RedirectUrl of its own; only to HTTPS. */
export function redirection(from: URL, { status, headers, body }: Exchange): URL | null {
  const place = status >= 301 && status <= 308 ? headers.location : /<RedirectUrl>\s*([^<\s]+)\s*<\//.exec(body)?.[1];
  const url = place === undefined ? null : URL.parse(place, from.href);
  return url?.protocol === "https:" ? url : null;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
