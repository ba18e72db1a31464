import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { loadFile } from "../../src/config/file.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync("/tmp/netra-config-file-");
});
afterAll(() => rmSync(folder, { recursive: true }));

function fifo(path: string): void {
  Bun.spawnSync(["mkfifo", path]);
}

describe("a configuration file is refused", () => {
  const NO_FILE = "it is not a regular file";
  const rows: [label: string, make: (path: string) => void, why: string | RegExp][] = [
    ["that is not there", () => {}, /ENOENT/],
    ["that is a pipe, from which nothing may ever come", fifo, NO_FILE],
    ["that has a byte too many", (path) => truncate(path, 65_537), "it has 65537 bytes, more than 65536"],
  ];
  test.each(rows)("%s", async (label, make, why) => {
    const path = `${folder}/${label}`;
    make(path);
    const { values, problems } = await loadFile(path);
    expect(values).toEqual({});
    const [problem = "", ...others] = problems;
    expect(others).toEqual([]);
    expect(problem).toStartWith(`NETRA_CONFIG_FILE=${JSON.stringify(path)}: `);
    expect(problem).toMatch(why);
  });

  test.each(["/", "/dev/zero"])("that is %s", async (path) => {
    expect((await loadFile(path)).problems).toEqual([`NETRA_CONFIG_FILE="${path}": ${NO_FILE}`]);
  });
});

test("a configuration file may be as large as that", async () => {
  const path = `${folder}/large`;
  writeFileSync(path, `NETRA_PORT: 1\n${" ".repeat(65_536 - 14)}`);
  expect(await loadFile(path)).toMatchObject({ values: { NETRA_PORT: "1" }, problems: [] });
});

function truncate(path: string, bytes: number): void {
  writeFileSync(path, "");
  truncateSync(path, bytes);
}
