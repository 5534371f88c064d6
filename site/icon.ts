import type { FileSource } from "./files.ts";

/** The sign of the house for tabs and bookmarks; it knows light and dark itself. */
export const iconFiles: FileSource = () => [
  {
    path: "icon.svg",
    content: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><style>path{fill:none;stroke-width:2.5;stroke-linecap:round;stroke-linejoin:round}.a{stroke:#1f262d}.b{stroke:#0d5a78}@media (prefers-color-scheme:dark){.a{stroke:#e4e7e9}.b{stroke:#7cc7e4}}</style><path class="a" d="M4 5h10a2 2 0 0 1 2 2v20a2 2 0 0 0-2-2H4zM28 5H18a2 2 0 0 0-2 2v20a2 2 0 0 1 2-2h10z"/><path class="b" d="M19.5 11h5M19.5 15h5M19.5 19h3M7.500 11h5M7.500 15h3"/></svg>
`,
  },
];
