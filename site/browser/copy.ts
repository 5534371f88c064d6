/** Buttons that copy the text of the element they name in `data-copy`, and links that copy their own address. Without scripts they are not shown. */
const SHOWN_MS = 1500;

const status = document.createElement("p");
status.className = "unseen-text";
status.setAttribute("role", "status");
document.body.append(status);

async function copy(text: string, from: HTMLElement): Promise<void> {
  // Not there on a page that came over plain HTTP from elsewhere than this machine.
  const done = await navigator.clipboard?.writeText(text).then(
    () => true,
    () => false,
  );
  if (!done) return;
  from.dataset.done = "";
  status.textContent = "Copied";
  setTimeout(() => {
    delete from.dataset.done;
    status.textContent = "";
  }, SHOWN_MS);
}

for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
  button.hidden = navigator.clipboard === undefined;
  button.addEventListener("click", () => {
    const from = document.getElementById(button.dataset.copy ?? "");
    if (from) void copy(from.textContent ?? "", button);
  });
}

for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-copy-link]"))
  link.addEventListener("click", () => void copy(link.href, link));
