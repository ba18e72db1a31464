/** What bun.lock pins. Its structure: `BunLockFile` in bun-types. */
import type { BunLockFile } from "bun";

/** A package of npm, with the hash of its tarball as Subresource Integrity writes it (`sha512-...`). */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  /** Where it is installed, below node_modules. */
  readonly path: string;
}

interface Dependencies {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** What is locked for `name`. Throws if bun.lock does not know it. */
export function lockedPackage(lock: BunLockFile, name: string): NpmPackage {
  return read(lock, name).package;
}

/** Everything that the product depends on, directly or not, by name; development dependencies are not among it. */
export function productionPackages(lock: BunLockFile): NpmPackage[] {
  const found = new Map<string, NpmPackage>();
  const visit = (parent: string, name: string) => {
    const key = keyOf(lock, parent, name);
    if (found.has(key)) return;
    const { package: locked, dependencies } = read(lock, key);
    found.set(key, locked);
    for (const dependency of dependencies) visit(key, dependency);
  };
  for (const name of Object.keys(lock.workspaces[""]!.dependencies ?? {})) visit("", name);
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** A version that only one parent wants is locked below that parent's key, as node_modules would nest it. */
function keyOf(lock: BunLockFile, parent: string, name: string): string {
  for (let path = parent; path !== ""; path = path.slice(0, Math.max(path.lastIndexOf("/"), 0))) {
    if (`${path}/${name}` in lock.packages) return `${path}/${name}`;
  }
  return name;
}

interface LockedPackage {
  readonly package: NpmPackage;
  /** Their names. */
  readonly dependencies: readonly string[];
}

type Entry = readonly [id: string, registry: string, info: Dependencies, integrity: string];

function read(lock: BunLockFile, key: string): LockedPackage {
  const entry = lock.packages[key] as unknown as Entry | undefined;
  if (entry === undefined) throw new Error(`bun.lock has no package ${key}: run \`bun install\``);
  const [id, , info, integrity] = entry;
  const at = id.lastIndexOf("@");
  const path = key.replaceAll(/(?<!\/@[^/]*|^@[^/]*)\//g, "/node_modules/");
  return {
    package: { name: id.slice(0, at), version: id.slice(at + 1), integrity, path },
    dependencies: Object.keys(info.dependencies ?? {}),
  };
}
