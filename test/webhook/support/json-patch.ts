import type { PatchOperation } from "../../../src/inject/change.ts";

/** `document` with an RFC 6902 patch applied, as the API server does it: every path must lead somewhere. */
export function applyPatch(document: object, patch: readonly PatchOperation[]): unknown {
  const copy = structuredClone(document);
  for (const { op, path, value } of patch) {
    const steps = path
      .split("/")
      .slice(1)
      .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = steps.pop()!;
    // biome-ignore lint/suspicious/noExplicitAny: a patch may lead anywhere.
    const parent = steps.reduce((node: any, step) => node[step], copy as any);
    if (Array.isArray(parent))
      parent.splice(Number(last), op === "remove" ? 1 : 0, ...(op === "add" ? [value] : []));
    else if (op === "add") parent[last] = value;
    else if (last in parent) delete parent[last];
    else throw new Error(`nothing to remove at ${path}`);
  }
  return copy;
}
