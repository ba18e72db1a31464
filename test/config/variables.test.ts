/** The tables and the code that reads variables know the same names. */
import { describe, expect, test } from "bun:test";
import { parseInitConfig } from "../../init/config.ts";
import { VARIABLES, variablesOf } from "../../src/config/variables.ts";
import { parseConfig } from "../../src/config.ts";
import type { Environment } from "../../src/env.ts";

/** An environment that remembers what it was asked for. */
function listening(values: Environment, asked: Set<string>): Environment {
  return new Proxy(values, {
    get: (target, name: string) => {
      asked.add(name);
      return target[name];
    },
  });
}

/** Some variables matter only beside others. */
const CIRCUMSTANCES: readonly Environment[] = [
  {},
  { JAEGER_SAMPLER_TYPE: "const" },
  { OTEL_TRACES_SAMPLER: "traceidratio" },
  ...["PROTOCOL", "HEADERS", "TIMEOUT", "COMPRESSION", "CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE"].map(
    (suffix) => ({ [`OTEL_EXPORTER_OTLP_TRACES_${suffix}`]: "x" }),
  ),
];

/** The sidecar asks for these once it runs, if it could not test whether init's rules exempt it (sidecar.ts). */
const ASKED_LATER = ["NETRA_SIDECAR_USER_ID", "NETRA_SIDECAR_GROUP_ID"];

function askedBySidecar(): Set<string> {
  const asked = new Set(ASKED_LATER);
  for (const values of CIRCUMSTANCES) parseConfig(listening(values, asked), undefined);
  return asked;
}

/** Every variable of init can be wrong, so every one that is read is complained of. */
function askedByInit(): string[] {
  const wrong = Object.fromEntries([...VARIABLES.keys()].map((name) => [name, "\u0001"]));
  const parsed = parseInitConfig(wrong);
  return "problems" in parsed ? parsed.problems.map(({ variable }) => variable) : [];
}

/** Names in quotes in the product's sources, but for beginnings of names. */
async function written(): Promise<string[]> {
  const top = `${import.meta.dir}/../..`;
  const paths = [...new Bun.Glob("{src,init}/**/*.ts").scanSync(top)];
  const sources = await Promise.all(paths.map((path) => Bun.file(`${top}/${path}`).text()));
  const name = /(?<=")(?:(?:NETRA|JAEGER|OTEL|POD|HTTP)_[A-Z0-9_]*[A-Z0-9]|[A-Z]+_INTERCEPT_PORTS)(?=")/g;
  return sources.flatMap((source) => source.match(name) ?? []);
}

describe("the tables hold what is read, and nothing else:", () => {
  test("by the sidecar", () => {
    expect([...askedBySidecar()].toSorted()).toEqual(variablesOf("sidecar").toSorted());
  });

  test("by init", () => {
    expect(askedByInit().toSorted()).toEqual(variablesOf("init").toSorted());
  });

  test("anywhere", async () => {
    const names = await written();
    expect(names).toContain("NETRA_INBOUND_PROBABILITY");
    expect(names.filter((name) => !VARIABLES.has(name))).toEqual([]);
  });
});

describe("a description", () => {
  test.each([...VARIABLES])(
    "of %s is one line that a table can hold",
    (_, { default: text, value, means }) => {
      for (const line of [text, value, means]) expect(line).toMatch(/^[^\n|]+$/);
      expect(means).not.toEndWith(".");
    },
  );
});

/** Defaults that are a text one could set, and not words about it or the name of another variable. */
const TEXTS = [...VARIABLES].filter(([, { default: text }]) => !/^none$| |[A-Z]{3}/.test(text));

test.each(TEXTS)("%s set to its default changes nothing", (name, { default: text }) => {
  expect(parseConfig({ [name]: text }, "shop")).toEqual(parseConfig({}, "shop"));
  expect(parseInitConfig({ [name]: text })).toEqual(parseInitConfig({}));
});
