/** A prompt before a command: `C:\>`, `PS C:\>`, `user@host:~$`, `[root@host ~]#`. */
export const PROMPT = /^(?:PS )?[A-Z]:\\[^>]*>|^[^\s@]*@[^\s:~]+[:~ ][^#$]*[#$] |^\[[^\]]+\][#$>]/;
/** The prompt of a network device, which carries its name: `edge-sw1#`, `R1(config)#`, `fw/act>`, `<core>`. */
export const DEVICE_PROMPT = /^<?(?<name>[A-Za-z][\w.-]{0,62})(?:\/[\w/-]{1,30})?(?:\([\w-]{1,30}\))?[#>]\s?(?=\S)/;
/** What people and pagers leave where rows were taken out. */
export const CUT = /^(?:\.{3,}|…|\[?(?:\.\.\.|…)\]?|<?-*\s*(?:snip|cut|gekürzt|truncated|output omitted)\b.*|--\s?(?:more|mehr)\s?--.*)$/i;
/** Commands after a pipe that pass everything on. */
const PASSES_ON = /^(?:more|clip|tee|out-file|less|cat|no-more|ft|fl|format-table|format-list|sort|sort-object)\b/i;

/** What a pipe after a command does, where it leaves rows out; null if nothing is known to be left out. */
export function filteringPipe(command: string): string | null {
  const pipe = /\|\s*(.*)$/.exec(command)?.[1];
  return pipe === undefined || PASSES_ON.test(pipe) ? null : pipe.slice(0, 60);
}
