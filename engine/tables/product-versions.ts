import { declareTable } from "./table.ts";

/** Builds of products that evidence names, and where they stand among the updates of the reference data. */
export const productVersions = declareTable({
  name: "product_versions",
  shownBy: "SIP trace, list of products or list of file versions",
  about:
    "One build of a product or of a part of it: from a SIP header, an installed product or a file's version. Where it stands is compared with the updates of the reference data, within the same product.",
  host: "host",
  columns: {
    host: { type: "host", about: "Machine it is on; null if nothing tells, as of the other clients a trace shows" },
    via: { type: "enum", values: ["sip_header", "product_list", "file_version"], about: "What shows it" },
    name: { type: "text", about: "Product, component or file as written" },
    product: {
      type: "text",
      words: {
        "lync-2010": "Lync 2010",
        "lync-2013": "Lync 2013",
        "lync-server-2010": "Lync Server 2010",
        "lync-server-2013": "Lync Server 2013",
      },
      about: "Product id, `lync-2010`; products that no update is known of give no row",
    },
    component: {
      type: "text",
      about:
        "Part of the product the version is of, `client`, `core_components`; null where the product as a whole is meant. Parts that most updates leave as they are give no row",
    },
    version: { type: "text", about: "Version, numbers with dots" },
    updates_behind: {
      type: "integer",
      about: "How many updates of the reference data have a higher build; null where the build cannot be compared with them",
    },
    at_kb: { type: "text", about: "Update that brought it to this build, or the last one before it; null if it is older than all" },
    at_title: { type: "text", about: "That update's title" },
    newest_version: { type: "text", about: "Build of the newest update of the reference data" },
    newest_kb: { type: "text", about: "That update" },
    newest_title: { type: "text", about: "Its title" },
  },
});
