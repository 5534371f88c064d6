/** Writes an address of the site, `reference/errors/#0x274c`, as a link from where it stands. An empty address is the start page. */
export type Link = (address: string) => string;

/** Links of the page at `path` (`cases/x/`, `404.html`), relative, so that the site works below any base path. */
export function linksFrom(path: string): Link {
  const here = path.split("/").slice(0, -1);
  return (address) => {
    const hash = address.indexOf("#");
    const [target, fragment] = hash < 0 ? [address, ""] : [address.slice(0, hash), address.slice(hash)];
    if (target === path && fragment !== "") return fragment;
    const steps = target.split("/");
    let shared = 0;
    while (shared < here.length && shared < steps.length - 1 && here[shared] === steps[shared]) shared++;
    const relative = "../".repeat(here.length - shared) + steps.slice(shared).join("/");
    return (relative === "" ? "./" : relative) + fragment;
  };
}

/** Links of a page that a host may show in place of any other, at any depth: absolute below the site's own address. */
export function linksBelow(url: URL): Link {
  return (address) => new URL(address, url).pathname + new URL(address, url).hash;
}
