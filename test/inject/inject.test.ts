/** What a pod looks like after injection. */
import { describe, expect, test } from "bun:test";
import { deployment, inject, injectedPod, objectsOf, VERSION } from "./support/rewritten.ts";

const APP = { name: "web", image: "web:1" };
const names = (containers: { name: string }[] = []) => containers.map(({ name }) => name);
const named = (containers: { name: string }[], name: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: tests look wherever they like.
  containers.find((container) => container.name === name) as any;
const envOf = (container: { env?: { name: string; value?: string }[] }) =>
  Object.fromEntries((container.env ?? []).map(({ name, value }) => [name, value]));

describe("a native sidecar", () => {
  const { spec, metadata } = injectedPod({
    initContainers: [{ name: "first", image: "x" }],
    containers: [APP],
  });

  test("and its init container come before the init containers of the pod, which then have the mesh", () => {
    expect(names(spec.initContainers)).toEqual(["netramesh-init", "netramesh", "first"]);
    expect(spec.containers).toEqual([APP]);
  });

  test("is restarted, and the rest waits until it is ready", () => {
    const sidecar = named(spec.initContainers, "netramesh");
    expect(sidecar.restartPolicy).toBe("Always");
    expect(sidecar.startupProbe).toEqual({
      httpGet: { path: "/ready", port: 14958 },
      periodSeconds: 1,
      failureThreshold: 120,
    });
    expect(sidecar.lifecycle).toBeUndefined();
  });

  test("has no privilege, and its init container one capability", () => {
    const [init, sidecar] = spec.initContainers;
    expect(init.securityContext).toMatchObject({
      runAsUser: 0,
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] },
    });
    expect(sidecar.securityContext).toMatchObject({
      runAsUser: 1337,
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  test("is recorded in annotations", () => {
    expect(metadata.annotations).toMatchObject({
      "netramesh.io/status": "injected",
      "netramesh.io/version": VERSION,
      "prometheus.io/port": "14958",
    });
    expect(metadata.annotations).not.toHaveProperty("kubectl.kubernetes.io/default-container");
  });
});

describe("a classic sidecar", () => {
  const pod = injectedPod(
    { initContainers: [{ name: "first", image: "x" }], containers: [APP] },
    {},
    "--classic",
  );
  const { spec, metadata } = pod;

  test("is the first container, and its init container the last, because from then on nothing connects without it", () => {
    expect(names(spec.initContainers)).toEqual(["first", "netramesh-init"]);
    expect(names(spec.containers)).toEqual(["netramesh", "web"]);
  });

  test("holds the other containers back until it is ready", () => {
    const sidecar = named(spec.containers, "netramesh");
    expect(sidecar.lifecycle).toEqual({ postStart: { exec: { command: ["netramesh", "wait"] } } });
    expect(sidecar).not.toHaveProperty("startupProbe");
    expect(sidecar).not.toHaveProperty("restartPolicy");
  });

  test("leaves the application the default of kubectl", () => {
    expect(metadata.annotations["kubectl.kubernetes.io/default-container"]).toBe("web");
  });

  test("leaves the probes of init containers alone, which run before it", () => {
    const cache = { ...APP, restartPolicy: "Always", startupProbe: { tcpSocket: { port: 6379 } } };
    const both = { initContainers: [cache], containers: [APP] };
    expect(injectedPod(both, {}, "--classic").spec.initContainers[0]).toEqual(cache);
    expect(injectedPod(both).spec.initContainers[2].startupProbe.httpGet.path).toBe(
      "/app-health/web/startup",
    );
  });
});

describe("tcpSocket probes", () => {
  const probed = {
    ...APP,
    ports: [{ name: "mysql", containerPort: 3306 }],
    startupProbe: { tcpSocket: { port: "mysql" }, periodSeconds: 2 },
    livenessProbe: { tcpSocket: { port: 3307, host: "127.0.0.1" }, timeoutSeconds: 4 },
    readinessProbe: { httpGet: { path: "/", port: 80 } },
  };
  const { spec } = injectedPod({ containers: [probed] });
  const [web] = spec.containers;

  test("go to the sidecar, which knows what to dial; the others stay", () => {
    expect(web.startupProbe).toEqual({
      httpGet: { path: "/app-health/web/startup", port: 14958 },
      periodSeconds: 2,
    });
    expect(web.livenessProbe).toEqual({
      httpGet: { path: "/app-health/web/liveness", port: 14958 },
      timeoutSeconds: 4,
    });
    expect(web.readinessProbe).toEqual(probed.readinessProbe);
    expect(JSON.parse(envOf(named(spec.initContainers, "netramesh")).NETRA_APP_PROBES!)).toEqual({
      "web/liveness": { port: 3307, host: "127.0.0.1", timeoutSeconds: 4 },
      "web/startup": { port: 3306 },
    });
  });

  const unanswerable: [string, object, string][] = [
    ["of a port that has no such name", { tcpSocket: { port: "nowhere" } }, "web has no port named nowhere"],
    ["of a host that is a name", { tcpSocket: { port: 80, host: "db" } }, "its host db is not an IP address"],
  ];
  test.each(unanswerable)("%s stay, with a warning", (_, livenessProbe, reason) => {
    const lost = { ...APP, livenessProbe };
    const { text, report } = inject(deployment({ containers: [lost] }));
    expect(objectsOf(text)[0].spec.template.spec.containers).toEqual([lost]);
    expect(report.format(false)).toContain(`the web/liveness probe stays as it is and will always succeed: `);
    expect(report.format(false)).toContain(reason);
  });

  test("beyond what the sidecar makes stay, with a warning", () => {
    const livenessProbe = { tcpSocket: { port: 80 } };
    const containers = Array.from({ length: 13 }, (_, i) => ({ name: `c${i}`, image: "c", livenessProbe }));
    const { text, report } = inject(deployment({ containers }));
    const last = objectsOf(text)[0].spec.template.spec.containers.at(-1);
    expect(last).toEqual(containers[12]);
    expect(report.format(false)).toContain("at most 12 probes");
  });
});

describe("annotations of the pod", () => {
  const config = (settings: Record<string, string>) => ({
    annotations: Object.fromEntries(
      Object.entries(settings).map(([k, v]) => [`config.netramesh.io/${k}`, v]),
    ),
  });
  const containersOf = (metadata: object, ...flags: string[]) => {
    const { initContainers } = injectedPod({ containers: [APP] }, metadata, ...flags).spec;
    return { init: initContainers[0], sidecar: initContainers[1] };
  };

  const variables: [string, string, "init" | "sidecar", Record<string, string>][] = [
    ["http-ports", "80,8080", "sidecar", { NETRA_HTTP_PORTS: "80,8080" }],
    ["http-autodetect", "true", "sidecar", { NETRA_HTTP_AUTODETECT: "true" }],
    ["opaque-ports", "3306", "sidecar", { NETRA_OPAQUE_PORTS: "3306" }],
    ["skip-inbound-ports", "22,8000-8100", "init", { INBOUND_SKIP_PORTS: "22,8000-8100" }],
    ["skip-outbound-ports", "25", "init", { OUTBOUND_SKIP_PORTS: "25" }],
    [
      "skip-subnets",
      "10.0.0.0/8",
      "init",
      { INBOUND_SKIP_CIDRS: "10.0.0.0/8", OUTBOUND_SKIP_CIDRS: "10.0.0.0/8" },
    ],
    ["proxy-log-level", "debug", "sidecar", { NETRA_LOGGER_LEVEL: "debug" }],
    ["proxy-log-format", "json", "sidecar", { NETRA_LOG_FORMAT: "json" }],
    ["access-log", "json", "sidecar", { NETRA_ACCESS_LOG: "json" }],
    ["shutdown-grace-period", "1m5s", "sidecar", { NETRA_DRAIN_TIMEOUT_MILLISECONDS: "65000" }],
    ["env", '{"JAEGER_AGENT_HOST":"$(HOST_IP)"}', "sidecar", { JAEGER_AGENT_HOST: "$(HOST_IP)" }],
    ["env", '{"INBOUND_INTERCEPT_PORTS":"80"}', "init", { INBOUND_INTERCEPT_PORTS: "80" }],
    ["proxy-uid", "2000", "init", { NETRA_SIDECAR_USER_ID: "2000", NETRA_SIDECAR_GROUP_ID: "2000" }],
  ];
  test.each(variables)("%s: %s becomes a variable of %s", (name, value, container, expected) => {
    const containers = containersOf(config({ [name]: value }));
    expect(envOf(containers[container])).toMatchObject(expected);
    const other = container === "init" ? "sidecar" : "init";
    expect(Object.keys(envOf(containers[other]))).not.toContain(Object.keys(expected)[0]!);
  });

  test("ports of the sidecar are told to both, and its probes follow", () => {
    const env = JSON.stringify({ NETRA_PORT: "15000", NETRA_PROMETHEUS_PORT: "15090" });
    const { init, sidecar } = containersOf(config({ env }));
    expect(envOf(init)).toEqual({ NETRA_PORT: "15000", NETRA_PROMETHEUS_PORT: "15090" });
    expect(sidecar.ports.map((port: { containerPort: number }) => port.containerPort)).toEqual([
      15000, 15090,
    ]);
    expect(sidecar.livenessProbe.httpGet.port).toBe(15090);
  });

  test("choose image, resources, user and kind of sidecar", () => {
    const metadata = config({
      "proxy-image": "registry.example/netramesh:2",
      "proxy-cpu-limit": "500m",
      "proxy-memory-request": "64Mi",
      "proxy-uid": "2000",
      await: "false",
    });
    const { init, sidecar } = containersOf(metadata);
    expect([init.image, sidecar.image]).toEqual(Array(2).fill("registry.example/netramesh:2"));
    expect(sidecar.resources).toEqual({
      requests: { memory: "64Mi" },
      limits: { cpu: "500m" },
    });
    expect(sidecar.securityContext).toMatchObject({ runAsUser: 2000, runAsGroup: 2000 });
    expect(sidecar).not.toHaveProperty("startupProbe");
    const classic = config({ "native-sidecar": "false" });
    expect(names(injectedPod({ containers: [APP] }, classic).spec.containers)).toEqual(["netramesh", "web"]);
    const native = config({ "native-sidecar": "true" });
    expect(names(injectedPod({ containers: [APP] }, native, "--classic").spec.containers)).toEqual(["web"]);
  });

  const amounts: [Record<string, string>, object][] = [
    [{}, { requests: { cpu: "10m", memory: "48Mi" }, limits: { memory: "128Mi" } }],
    [{ "memory-limit": "32Mi" }, { requests: { cpu: "10m" }, limits: { memory: "32Mi" } }],
    [
      { "memory-request": "1Gi", "memory-limit": "1024Mi" },
      { requests: { cpu: "10m", memory: "1Gi" }, limits: { memory: "1024Mi" } },
    ],
    [
      { "cpu-request": "500m", "cpu-limit": "0.5" },
      { requests: { cpu: "500m", memory: "48Mi" }, limits: { cpu: "0.5", memory: "128Mi" } },
    ],
  ];
  test.each(amounts)("about resources never leave a request above its limit: %j", (asked, expected) => {
    const metadata = config(
      Object.fromEntries(Object.entries(asked).map(([name, value]) => [`proxy-${name}`, value])),
    );
    expect(containersOf(metadata).sidecar.resources).toEqual(expected);
  });

  test("win over switches", () => {
    const metadata = config({ "http-ports": "81" });
    const { sidecar } = containersOf(metadata, "--http-ports=80", "--env=JAEGER_AGENT_HOST=jaeger");
    expect(envOf(sidecar)).toMatchObject({ NETRA_HTTP_PORTS: "81", JAEGER_AGENT_HOST: "jaeger" });
  });

  test.each([
    ["config.linkerd.io/skip-inbound-ports", "INBOUND_SKIP_PORTS"],
    ["config.linkerd.io/skip-outbound-ports", "OUTBOUND_SKIP_PORTS"],
    ["traffic.sidecar.istio.io/excludeInboundPorts", "INBOUND_SKIP_PORTS"],
    ["traffic.sidecar.istio.io/excludeOutboundPorts", "OUTBOUND_SKIP_PORTS"],
  ])("%s of another mesh counts, where ours is not set", (alias, variable) => {
    expect(envOf(containersOf({ annotations: { [alias]: "25" } }).init)).toEqual({ [variable]: "25" });
    const ours =
      alias.includes("nbound") && variable.startsWith("IN") ? "skip-inbound-ports" : "skip-outbound-ports";
    const both = { annotations: { [alias]: "25", [`config.netramesh.io/${ours}`]: "26" } };
    expect(envOf(containersOf(both).init)).toEqual({ [variable]: "26" });
  });
});

describe("the service is named after", () => {
  const service = (text: string) => {
    const [{ spec }] = objectsOf(inject(text).text);
    const { initContainers } = (spec.jobTemplate?.spec ?? spec).template?.spec ?? spec;
    return envOf(initContainers[1]).OTEL_SERVICE_NAME;
  };
  const pod = (metadata: object) =>
    JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [APP] } });
  const owned = (kind: string, name: string) => ({
    generateName: `${name}-`,
    ownerReferences: [{ apiVersion: "v1", kind, name, uid: "1", controller: true }],
  });
  const annotations = { "resource.opentelemetry.io/service.name": "said" };
  const labels = { "app.kubernetes.io/name": "labelled" };

  test.each<[string, string, string]>([
    ["its annotation", pod({ name: "p", annotations, labels }), "said"],
    ["its label", pod({ name: "p", labels }), "labelled"],
    ["the pod itself", pod({ name: "p" }), "p"],
    ["a DaemonSet that owns it", pod(owned("DaemonSet", "agent")), "agent"],
    ["a CronJob above the Job that owns it", pod(owned("Job", "report-29384710")), "report"],
    [
      "a Deployment above the ReplicaSet that owns it",
      pod({ ...owned("ReplicaSet", "web-7c9f5d"), labels: { "pod-template-hash": "7c9f5d" } }),
      "web",
    ],
    [
      "a Job without a name of its own",
      '{"kind": "Job", "metadata": {"generateName": "import-"}, "spec": {"template": {"spec": {"containers": [{"name": "a"}]}}}}',
      "import",
    ],
    [
      "a CronJob",
      '{"kind": "CronJob", "metadata": {"name": "nightly"}, "spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [{"name": "a"}]}}}}}}',
      "nightly",
    ],
  ])("%s", (_, text, expected) => {
    expect(service(text)).toBe(expected);
  });
});

describe("a warning says that", () => {
  const warningsOf = (text: string, ...flags: string[]) =>
    inject(text, ...flags)
      .report.format(false)
      .match(/(?<=warning: ).*/g) ?? [];
  const job = (kind: string) => deployment({ containers: [APP] }).replace("Deployment", kind);

  test("a job with a classic sidecar never ends; one with a native sidecar does", () => {
    expect(warningsOf(job("Job"), "--classic")).toEqual([
      expect.stringContaining("the job will never be complete"),
    ]);
    expect(warningsOf(job("Job"))).toEqual([]);
    expect(warningsOf(job("Deployment"), "--classic")).toEqual([]);
  });

  test("a container listens where the sidecar has to", () => {
    const ports = [{ containerPort: 14956 }, { containerPort: 80 }];
    const text = deployment({ containers: [{ ...APP, ports }] });
    expect(warningsOf(text)).toEqual(["a container listens on port 14956, which the sidecar needs"]);
    expect(warningsOf(text, "--env=NETRA_PORT=15000", "--env=NETRA_SIDECAR_PORT=15000")).toEqual([]);
  });

  test("a probe of a port that is none stays, for Kubernetes to refuse", () => {
    const probed = (port: number) => ({ ...APP, livenessProbe: { tcpSocket: { port } } });
    for (const port of [0, 65_536]) {
      expect(warningsOf(deployment({ containers: [probed(port)] }))).toEqual([
        expect.stringContaining(`always succeed: ${port} is no port`),
      ]);
    }
  });

  test("the pod ends before the sidecar may have drained", () => {
    const annotations = { "config.netramesh.io/shutdown-grace-period": "20s" };
    const short = deployment({ containers: [APP], terminationGracePeriodSeconds: 20 }, { annotations });
    expect(warningsOf(short)).toEqual([expect.stringContaining("may drain for 20 s, but is killed after")]);
    expect(warningsOf(deployment({ containers: [APP] }, { annotations }))).toEqual([]);
    expect(warningsOf(deployment({ containers: [APP], terminationGracePeriodSeconds: 0 }))).toEqual([]);
  });

  test("init would redirect to a port where the sidecar does not listen", () => {
    const flags = ["--env=NETRA_PORT=15000", "--env=NETRA_SIDECAR_PORT=15001"];
    expect(warningsOf(deployment({ containers: [APP] }), ...flags)).toEqual([
      expect.stringContaining("NETRA_PORT is 15000 but NETRA_SIDECAR_PORT is 15001"),
    ]);
    expect(warningsOf(deployment({ containers: [APP] }), flags[1]!)).toEqual([
      expect.stringContaining("NETRA_PORT is 14956 but NETRA_SIDECAR_PORT is 15001"),
    ]);
  });
});

test("a variable of the pod's fields that is set is there once", () => {
  const { spec } = injectedPod({ containers: [APP] }, {}, "--env=POD_NAME=web");
  const { env } = named(spec.initContainers, "netramesh");
  expect(env.filter(({ name }: { name: string }) => name === "POD_NAME")).toEqual([
    { name: "POD_NAME", value: "web" },
  ]);
});

test.each([
  ["DeploymentList", ["deployment/web"]],
  ["ServiceList", []],
  ["List", []],
])("an item of a %s that names no kind is of the list's", (kind, injected) => {
  const { kind: _, apiVersion, ...item } = JSON.parse(deployment({ containers: [APP] }));
  const { text, report } = inject(JSON.stringify({ apiVersion, kind, items: [item] }));
  expect(report.format(false)).toBe(injected.map((name) => `${name}: injected\n`).join(""));
  expect(objectsOf(text)[0].items[0].spec.template.spec.initContainers?.length ?? 0).toBe(
    2 * injected.length,
  );
});
