/** Light, dark or as the system has it: applied before the first paint, chosen with the button of the header, remembered on this machine. */
const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const KEY = "casebook-theme";

/** Storage may be forbidden; then a choice lasts as long as the page. */
function remembered(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? "auto";
  } catch {
    return "auto";
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {}
}

function apply(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

let theme = remembered();
apply(theme);
// Style sheets show what needs a script only where scripts run, and from the first paint on.
document.documentElement.dataset.scripted = "";

document.addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector<HTMLButtonElement>("[data-theme-toggle]");
  const name = button?.querySelector("[data-theme-name]");
  if (!button || !name) return;
  button.hidden = false;
  name.textContent = theme;
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
    apply(theme);
    remember(theme);
    name.textContent = theme;
  });
});
