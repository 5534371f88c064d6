/** Buttons that copy the text of the element they name in `data-copy`. Without JavaScript they are not shown. */
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const from = document.getElementById(button.dataset.copy ?? "");
    if (!from) return;
    await navigator.clipboard.writeText(from.textContent ?? "");
    button.dataset.done = "";
    setTimeout(() => delete button.dataset.done, 1500);
  });
}
