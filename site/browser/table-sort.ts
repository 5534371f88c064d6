/** Sorts and filters the tables of reference data. Headings become buttons of the same size, so that nothing moves. */

/** What a row is compared by in one column: numbers before text, empty last. */
function sortKey(row: HTMLTableRowElement, column: number): string {
  const cell = row.cells[column];
  return (cell?.dataset.sort ?? cell?.textContent ?? "").trim();
}

// Not of the reader's language: the order is the same for everybody who is sent a link.
const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

function compare(a: string, b: string): number {
  if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
  const [x, y] = [Number(a), Number(b)];
  return Number.isNaN(x) || Number.isNaN(y) ? order.compare(a, b) : x - y;
}

function makeSortable(table: HTMLTableElement): void {
  const [body] = table.tBodies;
  const headings = [...(table.tHead?.rows[0]?.cells ?? [])];
  if (!body) return;
  const status = document.createElement("p");
  status.className = "unseen-text";
  status.setAttribute("role", "status");
  table.after(status);
  for (const [column, heading] of headings.entries()) {
    const label = heading.querySelector(".sort");
    if (!label) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.textContent = label.textContent;
    label.replaceWith(button);
    button.addEventListener("click", () => {
      const downwards = heading.ariaSort === "ascending";
      for (const other of headings) other.ariaSort = null;
      heading.ariaSort = downwards ? "descending" : "ascending";
      const rows = [...body.rows].map((row) => ({ row, key: sortKey(row, column) }));
      // Empty cells stay last in both directions.
      rows.sort((a, b) => (downwards && a.key !== "" && b.key !== "" ? compare(b.key, a.key) : compare(a.key, b.key)));
      body.append(...rows.map(({ row }) => row));
      status.textContent = `Sorted by ${button.textContent}, ${heading.ariaSort}`;
    });
  }
}

function makeFilterable(input: HTMLInputElement): void {
  const table = document.getElementById(input.dataset.filter ?? "");
  const count = input.closest(".table-tools")?.querySelector("[data-filter-count]");
  if (!(table instanceof HTMLTableElement) || !count) return;
  const rows = [...(table.tBodies[0]?.rows ?? [])].map((row) => ({ row, text: (row.textContent ?? "").toLowerCase() }));
  const apply = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const { row, text } of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown++;
    }
    count.textContent = words.length === 0 ? `${rows.length} ${rows.length === 1 ? "entry" : "entries"}` : `${shown} of ${rows.length}`;
  };
  input.addEventListener("input", apply);
  // Whoever follows a link to an entry wants to see it.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!(target instanceof HTMLTableRowElement) || !target.hidden) return;
    input.value = "";
    apply();
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (input.value !== "") apply();
  reveal();
}

for (const table of document.querySelectorAll<HTMLTableElement>("table[data-sortable]")) makeSortable(table);
for (const input of document.querySelectorAll<HTMLInputElement>("input[data-filter]")) makeFilterable(input);
