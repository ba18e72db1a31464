import { Doubtful, headerName, type LenientParser, splitList } from "../env.ts";

/** A header or cookie whose value becomes a span tag. */
export interface TagMapping {
  readonly name: string;
  readonly tag: string;
}

export const headerTags = tagMap((name) => typeof headerName(name) === "string");
export const cookieTags = tagMap((name) => name !== "");

/**
 * `name:tag,name:tag`, split at the first colon; a name's last tag counts. Pairs that are none are skipped with a
 * warning, as 0.10 skipped them.
 */
function tagMap(isName: (text: string) => boolean): LenientParser<readonly TagMapping[]> {
  return (text) => {
    const tags = new Map<string, string>();
    const warnings: string[] = [];
    for (const pair of splitList(text)) {
      const colon = pair.indexOf(":");
      const name = pair.slice(0, Math.max(0, colon)).trim();
      const tag = pair.slice(colon + 1).trim();
      if (isName(name) && tag !== "") tags.set(name, tag);
      else warnings.push(`${JSON.stringify(pair)} is not name:tag, skipped`);
    }
    const mappings = [...tags].map(([name, tag]) => ({ name, tag }));
    return warnings.length === 0 ? mappings : new Doubtful(mappings, warnings);
  };
}
