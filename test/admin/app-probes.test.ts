import { describe, expect, test } from "bun:test";
import { appProbes } from "../../src/admin/app-probes.ts";
import { Bad } from "../../src/env.ts";

test("probes are read by container and kind, with the kubelet's defaults", () => {
  const json =
    '{"db/liveness": {"port": 3306}, "web-1/readiness": {"port": 1, "host": "10.0.0.7", "timeoutSeconds": 5}}';
  expect(appProbes(json)).toEqual(
    new Map([
      ["db/liveness", { port: 3306, host: null, timeoutMs: 1000 }],
      ["web-1/readiness", { port: 1, host: "10.0.0.7", timeoutMs: 5000 }],
    ]),
  );
});

test("no probe at all is none", () => {
  expect(appProbes("{}")).toEqual(new Map());
});

describe("a value that is wrong says what would be right:", () => {
  const OBJECT = "a JSON object such as";
  const rows: [value: string, expected: string][] = [
    ["", OBJECT],
    ["{", OBJECT],
    ["[]", OBJECT],
    ["null", OBJECT],
    ["1", OBJECT],
    ['{"db": {"port": 1}}', '"db" has to be named "<container>/<kind>"'],
    ['{"/liveness": {"port": 1}}', "has to be named"],
    ['{"DB/liveness": {"port": 1}}', "has to be named"],
    ['{"db/liveness/x": {"port": 1}}', "has to be named"],
    ['{"db/liveness": 3306}', '"db/liveness" has to be an object such as {"port": 3306}'],
    ['{"db/liveness": {}}', 'with a "port" from 1 to 65535'],
    ['{"db/liveness": {"port": "3306"}}', 'with a "port" from 1 to 65535'],
    ['{"db/liveness": {"port": 65536}}', 'with a "port" from 1 to 65535'],
    ['{"db/liveness": {"port": 1.5}}', 'with a "port" from 1 to 65535'],
    ['{"db/liveness": {"port": 1, "host": "db"}}', 'with an IP address as "host"'],
    ['{"db/liveness": {"port": 1, "host": 5}}', 'with an IP address as "host"'],
    ['{"db/liveness": {"port": 1, "timeoutSeconds": 0}}', 'with "timeoutSeconds" from 1 to 60'],
    ['{"db/liveness": {"port": 1, "timeoutSeconds": 61}}', 'with "timeoutSeconds" from 1 to 60'],
    ['{"db/liveness": {"port": 1, "prot": 2}}', 'without "prot": it may have port, host, timeoutSeconds'],
    [
      JSON.stringify(
        Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`c${i}/liveness`, { port: 1 }])),
      ),
      "an object of at most 12 probes",
    ],
  ];
  test.each(rows)("%s", (value, expected) => {
    const bad = appProbes(value);
    expect(bad).toBeInstanceOf(Bad);
    expect((bad as Bad).expected).toContain(expected);
  });
});
