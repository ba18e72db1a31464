/**
 * What is done to a manifest, as a list of changes with their reasons. One list serves both ways out: edits of a text
 * that somebody wrote, and the JSON patch of an admission review. A change never moves what a later one points to, so
 * all paths hold in the original, too.
 */

export type Path = readonly (string | number)[];

interface Reasoned {
  /** For a person: why this is done. */
  readonly why: string;
}

/** Sets a key, or puts an item before the one at the index; the index that is the length appends. */
export interface Add extends Reasoned {
  readonly op: "add";
  readonly path: Path;
  readonly value: unknown;
}

export interface Remove extends Reasoned {
  readonly op: "remove";
  readonly path: Path;
}

/** Puts another key with another value in the place of the one at `path`. */
export interface Swap extends Reasoned {
  readonly op: "swap";
  readonly path: Path;
  readonly key: string;
  readonly value: unknown;
}

export type Change = Add | Remove | Swap;

/** An operation of RFC 6902. */
export interface PatchOperation {
  readonly op: "add" | "remove";
  readonly path: string;
  readonly value?: unknown;
}

/** The changes as a JSON patch (RFC 6902). */
export function toJsonPatch(changes: readonly Change[]): PatchOperation[] {
  return changes.flatMap((change): PatchOperation[] => {
    const path = pointer(change.path);
    if (change.op === "add") return [{ op: "add", path, value: change.value }];
    if (change.op === "remove") return [{ op: "remove", path }];
    const added = pointer([...change.path.slice(0, -1), change.key]);
    return [
      { op: "remove", path },
      { op: "add", path: added, value: change.value },
    ];
  });
}

/** A JSON pointer (RFC 6901). */
export function pointer(path: Path): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/**
 * `value` with the changes; it stays as it is itself, because aliases of YAML make one object appear in many places. A
 * path must lead through what is there.
 */
export function applyChanges(value: unknown, changes: readonly Change[]): unknown {
  return changes.reduce((result, change) => applyBelow(result, change.path, change), value);
}

function applyBelow(node: unknown, [step, ...rest]: Path, change: Change): unknown {
  const copy = Array.isArray(node) ? [...node] : { ...(node as object) };
  if (rest.length > 0) set(copy, step!, applyBelow(copy[step as never], rest, change));
  else if (Array.isArray(copy)) copy.splice(Number(step), ...spliced(change));
  else applyToMap(copy, String(step), change);
  return copy;
}

function spliced(change: Change): [removed: number, ...added: unknown[]] {
  return change.op === "add" ? [0, change.value] : [1];
}

function applyToMap(map: object, key: string, change: Change): void {
  if (change.op !== "add") delete map[key as never];
  if (change.op !== "remove") set(map, change.op === "add" ? key : change.key, change.value);
}

function set(target: object, step: string | number, value: unknown): void {
  (target as Record<string | number, unknown>)[step] = value;
}

/** What lies at `path`, undefined where it leads nowhere. */
export function at(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string | number, unknown>)?.[step], root);
}
