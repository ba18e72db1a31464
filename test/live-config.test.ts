import { beforeEach, describe, expect, test } from "bun:test";
import { withFile } from "../src/config/file.ts";
import type { Config } from "../src/config.ts";
import { LiveConfig } from "../src/live-config.ts";
import type { LogLevel, ProcessLog } from "../src/log.ts";
import { MemoryLog } from "./fakes/log.ts";

class LevelledLog extends MemoryLog implements ProcessLog {
  level: LogLevel = "info";
  readonly dropped = 0;
  setLevel(level: LogLevel): void {
    this.level = level;
  }
  onLevel(): void {}
  async drain(): Promise<void> {}
}

const OWN = { NETRA_HTTP_X_SOURCE_VALUE: "own", JAEGER_SAMPLER_TYPE: "const" };
const STARTED = { JAEGER_SAMPLER_PARAM: "1", NETRA_HTTP_PORTS: "80", JAEGER_PASSWORD: "old" };
const YAML = "JAEGER_SAMPLER_PARAM: 1\nNETRA_HTTP_PORTS: 80\nJAEGER_PASSWORD: old\n";

let log: LevelledLog;
let live: LiveConfig;
let applied: Config[];
beforeEach(() => {
  log = new LevelledLog();
  applied = [];
  const started = withFile(STARTED, OWN);
  live = new LiveConfig({ own: OWN, started, serviceName: "shop", path: "/c.yaml", log });
});

async function change(text: string): Promise<void> {
  await live.changed(text, async (config) => void applied.push(config));
}

describe("what is live holds at once, one line each:", () => {
  const rows: [line: string, expected: Partial<Config>, said: string][] = [
    [
      "NETRA_HTTP_TRACING_IGNORED_PATHS: [/a, /b]",
      { ignoredPaths: new Set(["/a", "/b"]) },
      "NETRA_HTTP_TRACING_IGNORED_PATHS is now /a,/b, it was none",
    ],
    [
      "HTTP_HEADER_TAG_MAP: X-A:a",
      { headerTags: [{ name: "X-A", tag: "a" }] },
      "HTTP_HEADER_TAG_MAP is now X-A:a, it was none",
    ],
    [
      "HTTP_COOKIE_TAG_MAP: a:b",
      { cookieTags: [{ name: "a", tag: "b" }] },
      "HTTP_COOKIE_TAG_MAP is now a:b, it was none",
    ],
    [
      "NETRA_HTTP_ROUTING_ENABLED: true",
      { routing: true },
      "NETRA_HTTP_ROUTING_ENABLED is now true, it was false",
    ],
    [
      "NETRA_HTTP_ROUTING_COOKIE_ENABLED: true",
      { routingByCookie: true },
      "NETRA_HTTP_ROUTING_COOKIE_ENABLED is now true, it was false",
    ],
    ["NETRA_ACCESS_LOG: json", { accessLog: "json" }, "NETRA_ACCESS_LOG is now json, it was off"],
  ];
  test.each(rows)("%s", async (line, expected, said) => {
    await change(`${YAML}${line}\n`);
    expect(applied).toMatchObject([expected]);
    expect(log.lines).toEqual([`info: ${said}`]);
  });

  test("sampling", async () => {
    await change(YAML.replace("PARAM: 1", "PARAM: 0"));
    expect(applied[0]!.trace.jaeger.sampler).toEqual({ type: "const", param: 0 });
    expect(log.lines[0]).toBe("info: JAEGER_SAMPLER_PARAM is now 0, it was 1");
    expect(log.lines[1]).toStartWith("warn: no new trace will be sampled");
  });

  test("the log's level, but only if that is what has changed", async () => {
    await change(`${YAML}NETRA_LOGGER_LEVEL: debug\n`);
    expect(log.level).toBe("debug");
    log.setLevel("error");
    await change(`${YAML}NETRA_LOGGER_LEVEL: debug\nNETRA_ACCESS_LOG: json\n`);
    expect(log.level).toBe("error");
  });

  test("a variable that leaves the file has its default again", async () => {
    await change(`${YAML}NETRA_ACCESS_LOG: json\n`);
    await change(YAML);
    expect(applied.map(({ accessLog }) => accessLog)).toEqual(["json", "off"]);
  });
});

test("a warning is said when it is new", async () => {
  await change(`${YAML}HTTP_HEADER_TAG_MAP: nocolon\n`);
  await change(`${YAML}HTTP_HEADER_TAG_MAP: nocolon\nNETRA_ACCESS_LOG: json\n`);
  const about = log.lines.filter((line) => line.startsWith("warn"));
  expect(about).toEqual(['warn: HTTP_HEADER_TAG_MAP: "nocolon" is not name:tag, skipped']);
});

test("what needs a restart is named without its value, and keeps its old one beside what is live", async () => {
  await change(`${YAML.replace(": 80", ": 81").replace(": old", ": s3cret")}NETRA_ACCESS_LOG: json\n`);
  expect(log.lines).toEqual([
    "warn: NETRA_HTTP_PORTS has changed in /c.yaml: it needs a restart",
    "warn: JAEGER_PASSWORD has changed in /c.yaml: it needs a restart",
    "info: NETRA_ACCESS_LOG is now json, it was off",
  ]);
  expect(applied).toMatchObject([{ accessLog: "json", httpPorts: new Set([80]) }]);
  expect(live.variables).toMatchObject({ NETRA_HTTP_PORTS: "80", NETRA_ACCESS_LOG: "json" });
});

test("the environment wins over the file", async () => {
  await change(`${YAML}NETRA_HTTP_X_SOURCE_VALUE: file\nJAEGER_SAMPLER_TYPE: probabilistic\n`);
  expect([log.lines, applied]).toEqual([[], []]);
});

test("other white space and comments are no change", async () => {
  await change(`# new\n${YAML}`);
  expect([log.lines, applied]).toEqual([[], []]);
});

describe("nothing changes, and the reason is said,", () => {
  const KEPT = "the configuration stays as it was";
  test.each([
    [
      "when a file is broken",
      `${YAML}NETRA_ACCESS_LOG: [`,
      /^error: \/c.yaml: line 4: .*; the configuration stays as it was$/,
    ],
    [
      "when a name is unknown",
      `${YAML}NETRA_ACESS_LOG: json`,
      `error: /c.yaml: line 4: "NETRA_ACESS_LOG" is not a variable, did you mean NETRA_ACCESS_LOG?; ${KEPT}`,
    ],
    [
      "when a value is wrong",
      `${YAML}NETRA_ACCESS_LOG: yes`,
      `error: /c.yaml: NETRA_ACCESS_LOG="yes" is not one of off, json, common; ${KEPT}`,
    ],
    [
      "when a value that needs a restart is wrong",
      `${YAML}NETRA_ACCESS_LOG: json\nNETRA_PORT: x`,
      `error: /c.yaml: NETRA_PORT="x" is not a port from 1 to 65535; ${KEPT}`,
    ],
  ])("%s", async (_, text, said) => {
    await change(text);
    expect(log.lines).toEqual([said instanceof RegExp ? expect.stringMatching(said) : said]);
    expect(applied).toEqual([]);
  });

  test("when the file cannot be read", () => {
    live.failed("ENOENT");
    expect(log.lines).toEqual([`error: /c.yaml: ENOENT; ${KEPT}`]);
  });
});
