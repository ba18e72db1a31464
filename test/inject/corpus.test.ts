/** Manifests as people write them: injected they are what Kubernetes takes, and taken out again they are as they were. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { schemaErrors } from "./support/kubernetes.ts";
import { inject, objectsOf, uninject } from "./support/rewritten.ts";

/** On a machine that may be busy. */
setDefaultTimeout(60_000);

const CORPUS = join(import.meta.dir, "corpus");
const FILES = readdirSync(CORPUS).sort();
const MODES = { native: [], classic: ["--classic"] } as const;
const CASES = FILES.flatMap((file) => [[file, "native"] as const, [file, "classic"] as const]);

const read = (file: string) => readFileSync(join(CORPUS, file), "utf8");

/** What is empty means the same as what is not there, and comes back as that. */
const LOSES_WHAT_IS_EMPTY = ["cronjob.yaml", "replicaset.yaml"];
/** An alias that had to be written out stays so. */
const LOSES_AN_ALIAS = ["anchors.yaml"];

test("every manifest of the corpus is one that Kubernetes takes", async () => {
  const originals = FILES.flatMap((file) => objectsOf(read(file)).map((object) => [file, object] as const));
  expect(await schemaErrors(originals)).toEqual([]);
});

test("so is every one that is injected", async () => {
  const injected = CASES.flatMap(([file, mode]) =>
    objectsOf(inject(read(file), ...MODES[mode]).text).map((object) => [`${file} ${mode}`, object] as const),
  );
  expect(await schemaErrors(injected)).toEqual([]);
});

describe("injected,", () => {
  test.each(CASES)("%s keeps its comments: %s", (file, mode) => {
    expect(commentsOf(inject(read(file), ...MODES[mode]).text!)).toEqual(commentsOf(read(file)));
  });

  test("a manifest keeps every line but those of its tcpSocket probe", () => {
    const kept = new Set(linesOf(inject(read("multi-container.yaml")).text!));
    const gone = linesOf(read("multi-container.yaml")).filter((line) => !kept.has(line));
    expect(gone.map((line) => line.trim())).toEqual(["tcpSocket:", "port: http   # by name"]);
  });

  test.each(CASES)("%s has a sidecar in every pod: %s", (file, mode) => {
    const { text, report } = inject(read(file), ...MODES[mode]);
    const pods = report
      .format(false)
      .trim()
      .split("\n")
      .filter((line) => !line.includes(": warning: "));
    expect(pods.filter((line) => !line.endsWith(": injected"))).toEqual([]);
    expect(text!.match(/"?netramesh\.io\/status"?:/g)).toHaveLength(pods.length);
  });

  test.each(CASES)("%s does not change when it is injected again: %s", (file, mode) => {
    const once = inject(read(file), ...MODES[mode]).text!;
    expect(inject(once).text).toBe(once);
    expect(inject(once, "--classic").text).toBe(once);
  });
});

function linesOf(text: string): string[] {
  return text.split("\n");
}

function commentsOf(text: string): string[] {
  return text.match(/(?<=^|\s)#.*$/gm) ?? [];
}

describe("uninjected,", () => {
  const exact = CASES.filter(([file]) => ![...LOSES_WHAT_IS_EMPTY, ...LOSES_AN_ALIAS].includes(file));
  test.each(exact)("%s is byte for byte what it was: %s", (file, mode) => {
    expect(uninject(inject(read(file), ...MODES[mode]).text!).text).toBe(read(file));
  });

  const aliased = CASES.filter(([file]) => LOSES_AN_ALIAS.includes(file));
  test.each(aliased)("%s means what it meant: %s", (file, mode) => {
    expect(objectsOf(uninject(inject(read(file), ...MODES[mode]).text!).text)).toEqual(objectsOf(read(file)));
  });

  const emptied = CASES.filter(([file]) => LOSES_WHAT_IS_EMPTY.includes(file));
  test.each(emptied)("%s means what it meant, less what was empty: %s", (file, mode) => {
    const original = objectsOf(read(file).replace(/^ *initContainers: \[\]\n|, annotations: \{\}/gm, ""));
    expect(objectsOf(uninject(inject(read(file), ...MODES[mode]).text!).text)).toEqual(original);
  });

  test.each(FILES)("%s that never was injected does not change", (file) => {
    expect(uninject(read(file)).text).toBe(read(file));
  });
});
