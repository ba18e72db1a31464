/** What gets no sidecar and why, and what is too wrong to write anything. */
import { describe, expect, test } from "bun:test";
import { deployment, inject, uninject } from "./support/rewritten.ts";

const APP = { name: "web", image: "web:1" };

describe("stays as it is, with the reason:", () => {
  const rows: [label: string, spec: object, metadata: object, reason: string][] = [
    ["the node's network", { hostNetwork: true, containers: [APP] }, {}, "hostNetwork is true"],
    ["Windows", { os: { name: "windows" }, containers: [APP] }, {}, "runs on Windows"],
    [
      "nodes with Windows",
      { nodeSelector: { "kubernetes.io/os": "windows" }, containers: [APP] },
      {},
      "runs on Windows",
    ],
    [
      "a container with the sidecar's user",
      { containers: [APP, { name: "b", image: "b", securityContext: { runAsUser: 1337 } }] },
      {},
      "container b runs as user 1337",
    ],
    [
      "a pod with the sidecar's user",
      { securityContext: { runAsUser: 1337 }, containers: [APP] },
      {},
      "container web runs as user 1337",
    ],
    [
      "an init container with the sidecar's group",
      {
        initContainers: [{ name: "i", image: "i", securityContext: { runAsGroup: 1337 } }],
        containers: [APP],
      },
      {},
      "container i runs as group 1337",
    ],
    [
      "injection disabled by annotation",
      { containers: [APP] },
      { annotations: { "netramesh.io/inject": "disabled" } },
      "netramesh.io/inject is disabled",
    ],
    [
      "injection disabled by label",
      { containers: [APP] },
      { labels: { "netramesh.io/inject": "disabled" } },
      "netramesh.io/inject is disabled",
    ],
    [
      "a sidecar written by hand",
      { containers: [APP, { name: "netramesh", image: "netramesh" }] },
      {},
      "has a container named netramesh",
    ],
    [
      "the mirror of a static pod",
      { containers: [APP] },
      { annotations: { "kubernetes.io/config.mirror": "x" } },
      "mirror of a static pod",
    ],
  ];
  test.each(rows)("%s", (_, spec, metadata, reason) => {
    const original = deployment(spec, metadata);
    const { text, report } = inject(original);
    expect(text).toBe(original);
    expect(report.format(false)).toStartWith("deployment/web: not injected: ");
    expect(report.format(false)).toContain(reason);
  });

  test("unless the sidecar is given another user", () => {
    const spec = { securityContext: { runAsUser: 1337 }, containers: [APP] };
    const other = { annotations: { "config.netramesh.io/proxy-uid": "1338" } };
    expect(inject(deployment(spec, other)).report.format(false)).toBe("deployment/web: injected\n");
  });

  test("other kinds are not even mentioned", () => {
    const service = '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}, "spec": {}}';
    const { text, report } = inject(service);
    expect([text, report.format(true)]).toEqual([service, ""]);
  });
});

describe("stops everything, naming annotation and value:", () => {
  const rows: [annotation: string, value: string, expected: string][] = [
    ["netramesh.io/inject", "true", "enabled or disabled"],
    ["config.netramesh.io/http-ports", "80;81", "a port from 1 to 65535"],
    ["config.netramesh.io/opaque-ports", "http", "a port from 1 to 65535"],
    ["config.netramesh.io/skip-inbound-ports", "*", "a port or range"],
    ["config.netramesh.io/skip-outbound-ports", "90-80", "from 1 to 65535"],
    ["config.linkerd.io/skip-outbound-ports", "smtp", "from 1 to 65535"],
    ["config.netramesh.io/skip-subnets", "10.0.0.1/8", "without host bits"],
    ["config.netramesh.io/skip-subnets", "10.0.0.0/33", "a network"],
    ["config.netramesh.io/proxy-cpu-limit", "1 core", "a quantity such as 100m"],
    ["config.netramesh.io/proxy-uid", "0", "a whole number from 1"],
    ["config.netramesh.io/proxy-image", "a b", "an image reference"],
    ["config.netramesh.io/proxy-log-level", "loud", "one of debug, info"],
    ["config.netramesh.io/native-sidecar", "yes", "one of auto, true, false"],
    ["config.netramesh.io/await", "1", "true or false"],
    ["config.netramesh.io/shutdown-grace-period", "20", "a duration with unit"],
    ["config.netramesh.io/shutdown-grace-period", "-1s", "a duration above zero"],
    ["config.netramesh.io/env", "A=b", "a JSON object"],
    ["config.netramesh.io/env", '{"A":1}', "a JSON object"],
    ["config.netramesh.io/env", '{"A B":"1"}', "a JSON object"],
    ["config.netramesh.io/env", "null", "a JSON object"],
  ];
  test.each(rows)("%s: %s", (annotation, value, expected) => {
    const { text, report } = inject(
      deployment({ containers: [APP] }, { annotations: { [annotation]: value } }),
    );
    expect(text).toBeNull();
    expect(report.problems).toHaveLength(1);
    expect(report.problems[0]).toStartWith(
      `file: deployment/web: annotation ${annotation}=${JSON.stringify(value)} is not `,
    );
    expect(report.problems[0]).toContain(expected);
  });

  test("a variable that the sidecar or init would refuse", () => {
    const env = '{"NETRA_LOGGER_LEVEL":"loud","INBOUND_INTERCEPT_PORTS":"x"}';
    const annotations = { "config.netramesh.io/env": env };
    const { problems } = inject(deployment({ containers: [APP] }, { annotations })).report;
    expect(problems.join("\n")).toContain('NETRA_LOGGER_LEVEL="loud" is not one of debug');
    expect(problems.join("\n")).toContain("INBOUND_INTERCEPT_PORTS");
  });

  test.each([
    ["memory", "1Gi", "1000Mi"],
    ["memory", "1100M", "1G"],
    ["cpu", "1001m", "1"],
  ])("a %s request of %s above its limit of %s", (name, request, limit) => {
    const key = `config.netramesh.io/proxy-${name}`;
    const annotations = { [`${key}-request`]: request, [`${key}-limit`]: limit };
    expect(inject(deployment({ containers: [APP] }, { annotations })).report.problems).toEqual([
      `file: deployment/web: the ${name} request ${request} of the sidecar is above its limit ${limit}`,
    ]);
  });

  test("but not in a pod that is not injected anyway", () => {
    const annotations = { "netramesh.io/inject": "disabled", "config.netramesh.io/await": "1" };
    const original = deployment({ containers: [APP] }, { annotations });
    expect(inject(original).text).toBe(original);
  });

  test.each(["{", "5", '{"annotations": {}}'])("what uninject needs to know, changed to %s", (restore) => {
    const annotations = { "netramesh.io/status": "injected", "netramesh.io/restore": restore };
    const { text, report } = uninject(deployment({ containers: [APP] }, { annotations }));
    expect(text).toBeNull();
    expect(report.problems[0]).toContain("netramesh.io/restore");
  });
});

describe("is told, and done all the same:", () => {
  const warnings = (metadata: object) =>
    inject(deployment({ containers: [APP] }, metadata))
      .report.format(false)
      .split("\n")
      .slice(1, -1);

  test.each([
    ["config.netramesh.io/skip-inboud-ports", "did you mean config.netramesh.io/skip-inbound-ports?"],
    ["netramesh.io/injct", "did you mean netramesh.io/inject?"],
    ["config.netramesh.io/http_ports", "did you mean config.netramesh.io/http-ports?"],
    ["viz.netramesh.io/whatever-this-may-be", "has no effect"],
  ])("the unknown annotation %s", (name, hint) => {
    const [warning, ...others] = warnings({ annotations: { [name]: "x" } });
    expect(warning).toStartWith(`deployment/web: warning: unknown annotation ${name} has no effect`);
    expect(warning).toEndWith(hint);
    expect(others).toEqual([]);
  });

  test("a variable that nothing reads", () => {
    const env = '{"NETRA_HTTP_PORT":"80","MY_OWN":"x"}';
    expect(warnings({ annotations: { "config.netramesh.io/env": env } })).toEqual([
      "deployment/web: warning: unknown variable NETRA_HTTP_PORT has no effect, did you mean NETRA_HTTP_PORTS?",
    ]);
  });

  test("an annotation on the workload instead of its pods", () => {
    const text = deployment({ containers: [APP] }).replace(
      '"metadata":{"name":"web"}',
      '"metadata":{"name":"web","annotations":{"config.netramesh.io/http-ports":"80"}}',
    );
    expect(inject(text).report.format(false)).toContain("belongs to its pod template");
  });

  test("nothing about annotations of others", () => {
    expect(
      warnings({ annotations: { "example.com/x": "y" }, labels: { "netramesh.io/inject": "enabled" } }),
    ).toEqual([]);
  });
});

describe("a pod that is not built as Kubernetes wants it is told where, and stays:", () => {
  const pod = (spec: unknown, others: object = {}) => JSON.stringify({ kind: "Pod", ...others, spec });
  test.each<[text: string, problem: string]>([
    [pod({ containers: [] }), "/spec/containers is empty"],
    [pod({ containers: [null] }), "/spec/containers/0 is not a map"],
    [pod({ containers: ["web"] }), "/spec/containers/0 is not a map"],
    [pod({ containers: [APP], initContainers: "i" }), "/spec/initContainers is not a list"],
    [pod({ containers: [APP], initContainers: { a: 1 } }), "/spec/initContainers is not a list"],
    [pod({ containers: [{ ...APP, ports: "http" }] }), "/spec/containers/0/ports is not a list"],
    [
      pod({ containers: [{ ...APP, livenessProbe: { tcpSocket: 80 } }] }),
      "/spec/containers/0/livenessProbe/tcpSocket is not a map",
    ],
    [pod({ containers: [APP] }, { metadata: "web" }), "/metadata is not a map"],
    [pod({ containers: [APP] }, { metadata: { annotations: ["a"] } }), "/metadata/annotations is not a map"],
    [pod({ containers: [APP] }, { metadata: { labels: "a" } }), "/metadata/labels is not a map"],
    [
      deployment({ containers: [APP], securityContext: "none" }),
      "/spec/template/spec/securityContext is not a map",
    ],
  ])("%s", (text, problem) => {
    for (const result of [inject(text), uninject(text)]) {
      expect(result.text).toBeNull();
      expect(result.report.problems).toEqual([expect.stringContaining(`: ${problem}`)]);
    }
  });
});
