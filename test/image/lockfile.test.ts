import { expect, test } from "bun:test";
import type { BunLockFile } from "bun";
import { lockedPackage, productionPackages } from "../../scripts/image/lockfile.ts";

/** A lock file as bun writes it; a package's dependencies are names, whatever their ranges. */
function lockFile(
  dependencies: readonly string[],
  packages: Readonly<Record<string, [id: string, dependencies?: readonly string[]]>>,
): BunLockFile {
  const ranges = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, "*"]));
  const entries = Object.entries(packages).map(([key, [id, needs = []]]) => [
    key,
    [id, "", { dependencies: ranges(needs) }, `sha512-${key}`],
  ]);
  const workspaces = {
    "": { name: "top", dependencies: ranges(dependencies), devDependencies: { dev: "*" } },
  };
  return { lockfileVersion: 2, workspaces, packages: Object.fromEntries(entries) } as unknown as BunLockFile;
}

test("a scoped package has its version and hash", () => {
  const lock = lockFile([], { "@oven/bun-linux-x64": ["@oven/bun-linux-x64@1.4.5"] });
  expect(lockedPackage(lock, "@oven/bun-linux-x64")).toEqual({
    name: "@oven/bun-linux-x64",
    version: "1.4.5",
    integrity: "sha512-@oven/bun-linux-x64",
    path: "@oven/bun-linux-x64",
  });
});

test("a package that is not locked is named", () => {
  expect(() => lockedPackage(lockFile([], {}), "bun")).toThrow("bun.lock has no package bun");
});

const ROWS: [label: string, BunLockFile, found: string[]][] = [
  ["no dependency", lockFile([], { dev: ["dev@1"] }), []],
  [
    "a dependency, and not what only development needs",
    lockFile(["a"], { a: ["a@1"], dev: ["dev@1"] }),
    ["a@1 a"],
  ],
  ["what a dependency needs", lockFile(["b"], { b: ["b@1", ["a"]], a: ["a@2"] }), ["a@2 a", "b@1 b"]],
  [
    "what is needed twice, once",
    lockFile(["a", "b"], { a: ["a@1", ["b"]], b: ["b@1", ["a"]] }),
    ["a@1 a", "b@1 b"],
  ],
  [
    "the version that is nested below its parent",
    lockFile(["a"], { a: ["a@1", ["b"]], b: ["b@1"], "a/b": ["b@2"] }),
    ["a@1 a", "b@2 a/node_modules/b"],
  ],
  [
    "the version that is nested below a grandparent",
    lockFile(["a"], { a: ["a@1", ["b"]], "a/b": ["b@2", ["c"]], "a/c": ["c@3"], c: ["c@1"] }),
    ["a@1 a", "b@2 a/node_modules/b", "c@3 a/node_modules/c"],
  ],
  [
    "scopes, which are no nesting",
    lockFile(["@s/a"], { "@s/a": ["@s/a@1", ["@s/b"]], "@s/b": ["@s/b@1"], "@s/a/@s/b": ["@s/b@2"] }),
    ["@s/a@1 @s/a", "@s/b@2 @s/a/node_modules/@s/b"],
  ],
  ["a package under another name", lockFile(["alias"], { alias: ["real@1"] }), ["real@1 alias"]],
];

test.each(ROWS)("production packages are: %s", (_, lock, found) => {
  expect(productionPackages(lock).map(({ name, version, path }) => `${name}@${version} ${path}`)).toEqual(
    found,
  );
});
