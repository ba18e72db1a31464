import { expect, test } from "bun:test";
import { tryToListen } from "../../src/check/listening.ts";
import { checkPorts, type TrafficPort } from "../../src/check/ports.ts";
import type { RunningSidecar } from "../../src/check/running.ts";
import { type Config, parseConfig } from "../../src/config.ts";
import type { Environment } from "../../src/env.ts";

const SIDECAR: RunningSidecar = {
  hasMetrics: true,
  isDraining: false,
  seesNat: true,
  loops: 0,
  variables: new Map(),
};

function config(environment: Environment): Config {
  return parseConfig(environment, "shop").config!;
}

interface Case {
  readonly environment?: Environment;
  readonly traffic?: TrafficPort;
  readonly sidecar?: Partial<RunningSidecar>;
  readonly taken?: number;
}
const rows: [label: string, given: Case, results: string[]][] = [
  ["free", {}, ["ok", "ok", "ok", "ok"]],
  ["the sidecar's", { traffic: "ours", sidecar: {}, taken: 14958 }, ["ok", "ok", "ok", "ok"]],
  ["the sidecar listens elsewhere", { traffic: "elsewhere", sidecar: {} }, ["warning", "ok", "ok", "ok"]],
  ["traffic has none", { traffic: { obstacle: "taken" } }, ["error", "ok", "ok", "ok"]],
  ["metrics have none", { taken: 14958 }, ["ok", "warning", "ok", "ok"]],
  [
    "a sidecar goes without metrics",
    { sidecar: { hasMetrics: false }, taken: 14958 },
    ["ok", "warning", "ok", "ok"],
  ],
  [
    "a sidecar goes without profiling",
    { sidecar: { variables: null }, taken: 14957 },
    ["ok", "ok", "warning", "ok"],
  ],
  ["no HTTP", { environment: {} }, ["ok", "ok", "ok", "warning"]],
  ["HTTP is found out", { environment: { NETRA_HTTP_AUTODETECT: "true" } }, ["ok", "ok", "ok", "ok"]],
];
test.each(rows)(
  "%s",
  (_, { environment = { NETRA_HTTP_PORTS: "80" }, traffic = "free", sidecar, taken }, results) => {
    const running = sidecar ? { ...SIDECAR, ...sidecar } : null;
    const listen = (_ip: string | null, port: number) =>
      port === taken ? "another process listens there" : null;
    const found = checkPorts(config(environment), traffic, running, listen);
    expect(found.map(({ result }) => result)).toEqual(results as never);
  },
);

test("listening tells what is in the way, and leaves nothing behind", () => {
  const server = Bun.listen({ hostname: "::", port: 0, socket: { data() {} } });
  expect(tryToListen(null, server.port)).toBe("another process listens there");
  server.stop(true);
  expect([tryToListen(null, server.port), tryToListen(null, server.port)]).toEqual([null, null]);
  expect(tryToListen("192.0.2.1", server.port)).toBe("this machine does not have that address");
});
