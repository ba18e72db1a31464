import { manPage } from "./man.ts";
import { markdown } from "./markdown.ts";

/** What is generated, by its path. */
export const FILES: Readonly<Record<string, () => string>> = {
  "docs/reference.md": markdown,
  "docs/netramesh.1": manPage,
};
