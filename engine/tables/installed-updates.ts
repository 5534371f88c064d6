import { declareTable } from "./table.ts";

export const installedUpdates = declareTable({
  name: "installed_updates",
  shownBy: "list of installed updates",
  about:
    "One update a machine says is installed: from `systeminfo`, `Get-HotFix` or `wmic qfe`. What a service pack brought is not listed.",
  host: "host",
  columns: {
    host: { type: "host", about: "Machine that lists it; null if nothing tells" },
    kb: { type: "text", about: "Its number, `KB2621440`" },
    description: { type: "text", about: "Kind of update in the machine's language, `Security Update`; null if not listed" },
    installed_on: { type: "text", about: "Day it was installed, as printed; null if not listed" },
  },
});
