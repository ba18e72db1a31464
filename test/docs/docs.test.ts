/** The reference says what the program does, because it is made of what the program parses. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { FILES } from "../../scripts/docs/files.ts";
import { GROUPS } from "../../scripts/docs/sources.ts";
import { VARIABLES } from "../../src/config/variables.ts";

const TOP = join(import.meta.dir, "..", "..");

test.each(Object.entries(FILES))("%s is what `bun run docs` writes", async (path, write) => {
  expect(await Bun.file(join(TOP, path)).text()).toBe(write());
});

test("every variable is in one group", () => {
  const names = GROUPS.flatMap(({ variables }) => variables.map(([name]) => name));
  expect(names.toSorted()).toEqual([...VARIABLES.keys()].toSorted());
});

test("every variable that the README names is known", async () => {
  const readme = await Bun.file(join(TOP, "README.md")).text();
  const names = readme.match(
    /\b(NETRA|JAEGER|OTEL|INBOUND|OUTBOUND|SKIP|HTTP_(?:HEADER|COOKIE))_[A-Z0-9_]*[A-Z0-9]\b(?!\*|_)/g,
  )!;
  expect(names.length).toBeGreaterThan(20);
  expect([...new Set(names)].filter((name) => !VARIABLES.has(name))).toEqual([]);
});

test("groff reads the manual page without a complaint", () => {
  const { stdout, stderr, exitCode } = Bun.spawnSync(
    ["groff", "-man", "-Tutf8", "-ww", "-z", "docs/netramesh.1"],
    { cwd: TOP },
  );
  expect([exitCode, `${stdout}${stderr}`]).toEqual([0, ""]);
});
