/** The manifests that install the injector, and the application that shows what it does. */
import { describe, expect, test } from "bun:test";
import manifest from "../../../package.json" with { type: "json" };
import { choose } from "../../../src/command-line.ts";
import { readSettingFlags } from "../../../src/inject/flags.ts";
import { decide } from "../../../src/webhook/admission.ts";
import { webhookCommand } from "../../../src/webhook/command.ts";
import { schemaErrors } from "../../inject/support/kubernetes.ts";
import { inject, objectsOf } from "../../inject/support/rewritten.ts";
import { patched, type Response, reviewOf } from "../../webhook/support/review.ts";
import { hasKustomize, kustomized, read, rendered } from "./rendered.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests look wherever they like.
type Any = any;

const RAW = ["namespace", "rbac", "injector", "webhook"].map((name) => `injector/${name}.yaml`);
const APP = ["app", "nginx", "jaeger"].map((name) => `nginx-app/${name}.yaml`);
const raw: Any[] = RAW.flatMap((path) => objectsOf(read(path)));
const named = (objects: readonly object[]) =>
  objects.map((object) => [(object as Any).kind, object] as const);
const ofKind = (objects: readonly Any[], kind: string) => objects.find((object) => object.kind === kind);

test("Kubernetes takes every manifest", async () => {
  expect(await schemaErrors(named([...raw, ...APP.flatMap((path) => objectsOf(read(path)))]))).toEqual([]);
});

describe("the injector", () => {
  const { spec } = ofKind(raw, "Deployment").spec.template;
  const [container] = spec.containers;

  test("is started with words that the command line takes, in the version that this is", () => {
    const [command, ...words] = container.args;
    const known = { [command]: webhookCommand(manifest.version) };
    expect(choose(container.args, {}, known).args).toEqual(words);
    expect(readSettingFlags(words, "0").image).toBe(`netramesh:${manifest.version}`);
    expect(container.image).toBe(`netramesh:${manifest.version}`);
  });

  test("is reached by its Service where the webhooks say, and is never asked about itself", () => {
    const [service, { webhooks }] = [ofKind(raw, "Service"), ofKind(raw, "MutatingWebhookConfiguration")];
    expect(container.ports).toContainEqual({ name: service.spec.ports[0].targetPort, containerPort: 8443 });
    expect(ofKind(raw, "Deployment").spec.template.metadata.labels).toEqual(service.spec.selector);
    for (const { clientConfig, failurePolicy, timeoutSeconds, namespaceSelector } of webhooks) {
      const { name, namespace } = service.metadata;
      expect(clientConfig.service).toEqual({
        name,
        namespace,
        path: "/inject",
        port: service.spec.ports[0].port,
      });
      expect([failurePolicy, timeoutSeconds]).toEqual(["Ignore", 5]);
      const elsewhere = namespaceSelector.matchExpressions.find(
        (each: Any) => each.operator === "NotIn" && each.key.startsWith("kubernetes.io"),
      );
      expect(elsewhere.values).toEqual(expect.arrayContaining(["kube-system", namespace]));
    }
  });

  test("may read and change one Secret and one configuration, and nothing else", () => {
    const rules = raw.filter(({ kind }) => kind.endsWith("Role")).flatMap((role) => role.rules);
    expect(rules).toEqual([
      {
        apiGroups: [""],
        resources: ["secrets"],
        resourceNames: ["netramesh-injector"],
        verbs: ["get", "patch"],
      },
      {
        apiGroups: ["admissionregistration.k8s.io"],
        resources: ["mutatingwebhookconfigurations"],
        resourceNames: ["netramesh-injector"],
        verbs: ["get", "patch"],
      },
    ]);
  });

  test.skipIf(!hasKustomize)("is the same by kustomize", () => {
    const byName = (objects: readonly object[]) => objects.map((object) => JSON.stringify(object)).sort();
    const sorted = (object: object): Any => JSON.parse(JSON.stringify(object), (_, value) => sortKeys(value));
    expect(byName(kustomized("injector").map(sorted))).toEqual(byName(raw.map(sorted)));
  });
});

function sortKeys(value: unknown): unknown {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  return isMap ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
}

describe("the chart", () => {
  test("says by default what the raw manifests say", () => {
    const installed = raw.filter(({ kind }) => kind !== "Namespace");
    const identified = (objects: readonly Any[]) =>
      Object.fromEntries(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]));
    expect(identified(rendered({}, "netramesh"))).toEqual(identified(installed));
  });

  test("passes on what its values say", async () => {
    const values = {
      image: "registry.example/netramesh:2",
      imagePullSecrets: [{ name: "registry" }],
      replicas: 3,
      classic: true,
      env: { NETRA_HTTP_PORTS: "80,8080", NETRA_CONTEXT_MAX_ENTRIES: 2_000_000, NETRA_TRACE_INFER: true },
      excludedNamespaces: ["system"],
    };
    const objects: Any[] = rendered(values, "mesh");
    expect(await schemaErrors(named(objects))).toEqual([]);
    const { spec, metadata } = ofKind(objects, "Deployment");
    const [{ image, args }] = spec.template.spec.containers;
    expect([metadata.namespace, spec.replicas, image]).toEqual(["mesh", 3, values.image]);
    expect(spec.template.spec.imagePullSecrets).toEqual(values.imagePullSecrets);
    expect(readSettingFlags(args, "0")).toMatchObject({
      image: values.image,
      native: false,
      env: { NETRA_HTTP_PORTS: "80,8080", NETRA_CONTEXT_MAX_ENTRIES: "2000000", NETRA_TRACE_INFER: "true" },
    });
    const [{ namespaceSelector, clientConfig }] = ofKind(objects, "MutatingWebhookConfiguration").webhooks;
    expect(clientConfig.service.namespace).toBe("mesh");
    expect(namespaceSelector.matchExpressions[1].values).toEqual(["system", "mesh"]);
  });

  test("is of the version that this is", () => {
    const [chart] = objectsOf(read("chart/Chart.yaml"));
    const [values] = objectsOf(read("chart/values.yaml"));
    expect([chart.version, chart.appVersion]).toEqual([manifest.version, manifest.version]);
    expect(values.image).toBe(`netramesh:${manifest.version}`);
  });
});

describe("the application", () => {
  const flags = [
    "--http-ports=8080",
    "--env=OTEL_EXPORTER_OTLP_ENDPOINT=http://jaeger:4318",
    "--env=OTEL_TRACES_SAMPLER=always_on",
  ];

  test("is injected by the command of its README, with nothing privileged", async () => {
    expect(read("nginx-app/README.md")).toContain(
      flags.map((flag) => flag.replace("=", " ")).join(" \\\n  "),
    );
    for (const path of APP.slice(0, 2)) {
      const { text, report } = inject(read(path), ...flags);
      expect(report.format(false)).toMatch(/^deployment\/\w+: injected\n$/);
      const objects = objectsOf(text);
      expect(await schemaErrors(named(objects))).toEqual([]);
      expect(text).not.toMatch(/privileged: true/);
    }
  });

  test("leaves Jaeger out", () => {
    expect(inject(read("nginx-app/jaeger.yaml")).report.format(false)).toContain(
      "netramesh.io/inject is disabled",
    );
  });

  test.skipIf(!hasKustomize)("is injected by the injector, because of the component", () => {
    const policy = {
      settings: readSettingFlags(flags, "1"),
      version: "1",
      excludedNamespaces: new Set<string>(),
    };
    const deployments = (kustomized("nginx-app") as Any[]).filter(({ kind }) => kind === "Deployment");
    expect(deployments.map(({ metadata }) => metadata.name).sort()).toEqual(["app", "nginx"]);
    for (const { spec } of deployments) {
      expect(spec.template.metadata.labels["netramesh.io/inject"]).toBe("enabled");
      expect(spec.selector.matchLabels).not.toHaveProperty("netramesh.io/inject");
      const pod = { apiVersion: "v1", kind: "Pod", ...spec.template };
      const { response } = decide(reviewOf(pod), policy)!.review as { response: Response };
      expect(patched(pod, response).spec.initContainers).toHaveLength(2);
    }
  });
});
