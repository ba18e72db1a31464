import { expect, test } from "bun:test";
import { type ConfigurationView, checkConfiguration } from "../../src/check/configuration.ts";
import { describeConfig } from "../../src/config/describe.ts";

const RIGHT: ConfigurationView = { environment: {}, problems: [], warnings: [], running: null };
const running = (environment: Record<string, string>) => new Map(Object.entries(describeConfig(environment)));

const rows: [label: string, view: Partial<ConfigurationView>, results: string[]][] = [
  ["right variables are one line", {}, ["ok variables"]],
  ["each problem is an error", { problems: ["a", "b"] }, ["error variables", "error variables"]],
  ["each warning stays one", { warnings: ["a"] }, ["warning variables", "ok variables"]],
  [
    "a name that nobody reads is a warning",
    { environment: { NETRA_PROT: "1" } },
    ["warning unknown-variable", "ok variables"],
  ],
  [
    "what Kubernetes sets for Services is not ours",
    {
      environment: {
        NETRA_X_SERVICE_HOST: "1",
        NETRA_X_SERVICE_PORT_HTTP: "1",
        NETRA_X_PORT: "tcp://1",
        NETRA_X_PORT_80_TCP_ADDR: "1",
      },
    },
    ["ok variables"],
  ],
  [
    "a sidecar with the same variables",
    { environment: { NETRA_HTTP_PORTS: "80" }, running: running({ NETRA_HTTP_PORTS: "80" }) },
    ["ok variables", "ok same-as-running"],
  ],
  [
    "a sidecar with other variables",
    { running: running({ NETRA_HTTP_PORTS: "80" }) },
    ["ok variables", "warning same-as-running"],
  ],
  [
    "a sidecar of another version, which does not know them all",
    { running: new Map([["NETRA_PORT", "14956"]]) },
    ["ok variables", "ok same-as-running"],
  ],
  [
    "values of several lines are compared by the first",
    { environment: { JAEGER_TAGS: "a=b\nc" }, running: running({ JAEGER_TAGS: "a=b" }) },
    ["ok variables", "ok same-as-running"],
  ],
];
test.each(rows)("%s", (_, view, results) => {
  const found = checkConfiguration({ ...RIGHT, ...view });
  expect(found.map(({ result, name }) => `${result} ${name}`)).toEqual(results);
});

test("a misspelt name is told the right one", () => {
  const [found] = checkConfiguration({ ...RIGHT, environment: { NETRA_HTP_PORTS: "80" } });
  expect(found!.hint).toBe("did you mean NETRA_HTTP_PORTS?");
});

test("of many differences some are named, and secrets are not shown", () => {
  const names = [
    "NETRA_PPROF_PORT",
    "NETRA_HTTP_PORTS",
    "NETRA_ROUTES",
    "JAEGER_USER",
    "JAEGER_TAGS",
    "JAEGER_ENDPOINT",
  ];
  const other = Object.fromEntries(names.map((name) => [name, "s3cret"]));
  const message = checkConfiguration({ ...RIGHT, running: running(other) }).at(-1)!.message;
  expect(message).toContain("NETRA_PPROF_PORT");
  expect(message).toEndWith(" and 1 more");
  expect(message).not.toContain("s3cret");
});
