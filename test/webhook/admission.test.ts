/** Reviews in, patches out; never a pod held up. */
import { describe, expect, test } from "bun:test";
import { readSettingFlags } from "../../src/inject/flags.ts";
import { decide } from "../../src/webhook/admission.ts";
import { schemaErrors } from "../inject/support/kubernetes.ts";
import { inject, objectsOf, VERSION } from "../inject/support/rewritten.ts";
import { patched, podOf, type Response, reviewOf } from "./support/review.ts";

const policy = {
  settings: readSettingFlags(["--http-ports=80"], VERSION),
  version: VERSION,
  excludedNamespaces: new Set(["kube-system", "netramesh"]),
};

function responseTo(body: unknown) {
  const verdict = decide(body, policy)!;
  return { ...verdict, response: (verdict.review as { response: Response }).response };
}

describe("a pod", () => {
  const probe = { tcpSocket: { port: 80 } };
  const pods: [string, ReturnType<typeof podOf>][] = [
    ["of a ReplicaSet", podOf()],
    ["with init containers", podOf({ initContainers: [{ name: "first", image: "f" }] })],
    ["with probes", podOf({ containers: [{ name: "web", image: "web:1", livenessProbe: probe }] })],
    ["with annotations", podOf({}, { annotations: { "a.b/c~d": "e" } })],
    ["without metadata", podOf({}, { labels: null, annotations: null })],
  ];
  test.each(pods)("%s gets what inject writes", async (_, pod) => {
    const { response, line } = responseTo(reviewOf(pod));
    expect(response).toMatchObject({ uid: "0-1-2-3", allowed: true, patchType: "JSONPatch" });
    expect(response).not.toHaveProperty("warnings");
    expect(line).toBe("shop/pod/web-7c9f5d-: injected");
    const injected = patched(pod, response);
    const [expected] = objectsOf(inject(JSON.stringify(pod), "--http-ports=80").text);
    expect(injected).toEqual(expected);
    expect(await schemaErrors([["pod", injected]])).toEqual([]);
  });

  test("is named after what owns the ReplicaSet", () => {
    const pod = podOf();
    const [, sidecar] = patched(pod, responseTo(reviewOf(pod)).response).spec.initContainers;
    expect(sidecar.env).toContainEqual({ name: "OTEL_SERVICE_NAME", value: "web" });
  });

  test("that is injected already is admitted as it is, for webhooks may be called again", () => {
    const pod = podOf();
    const injected = patched(pod, responseTo(reviewOf(pod)).response);
    const { response } = responseTo(reviewOf(injected));
    expect(response).toEqual({ uid: "0-1-2-3", allowed: true });
  });
});

describe("is admitted as it is:", () => {
  const rows: [label: string, object: object, namespace: string, line: string][] = [
    ["a pod of kube-system", podOf(), "kube-system", "its namespace is excluded"],
    ["a pod beside the injector", podOf(), "netramesh", "its namespace is excluded"],
    ["a pod in the node's network", podOf({ hostNetwork: true }), "shop", "hostNetwork is true"],
    [
      "a pod that wants none",
      podOf({}, { labels: { "netramesh.io/inject": "disabled" } }),
      "shop",
      "is disabled",
    ],
    ["something else", { kind: "Service", spec: {} }, "shop", "no pod"],
  ];
  test.each(rows)("%s", (_, object, namespace, line) => {
    const verdict = responseTo(reviewOf(object, namespace));
    expect(verdict.response).toEqual({ uid: "0-1-2-3", allowed: true });
    expect(verdict.line).toContain(line);
    expect(verdict.isProblem).toBeFalse();
  });

  test("a pod with a wrong annotation, with a warning that names it", () => {
    const annotations = { "config.netramesh.io/http-ports": "http" };
    const { response, isProblem, line } = responseTo(reviewOf(podOf({}, { annotations })));
    expect(response).not.toHaveProperty("patch");
    expect(response.allowed).toBeTrue();
    expect(response.warnings![0]).toStartWith(
      'netramesh: not injected: annotation config.netramesh.io/http-ports="http" is not',
    );
    expect(isProblem).toBeTrue();
    expect(line).toContain("config.netramesh.io/http-ports");
  });
});

test("a misspelt annotation is warned of, at no great length", () => {
  const annotations = { "config.netramesh.io/http-port": "80", [`netramesh.io/${"x".repeat(2000)}`]: "y" };
  const { response } = responseTo(reviewOf(podOf({}, { annotations })));
  expect(response.patch).toBeDefined();
  expect(response.warnings![0]).toContain("did you mean config.netramesh.io/http-ports?");
  expect(Math.max(...response.warnings!.map(({ length }) => length))).toBeLessThanOrEqual(250);
});

test.each<[unknown]>([
  [undefined],
  [null],
  [[]],
  ["AdmissionReview"],
  [{ ...reviewOf(podOf()), apiVersion: "admission.k8s.io/v1beta1" }],
  [{ ...reviewOf(podOf()), kind: "Pod" }],
  [{ ...reviewOf(podOf()), request: null }],
  [{ ...reviewOf(podOf()), request: { uid: 1 } }],
  [{ ...reviewOf(podOf()), request: { uid: "1", object: "pod" } }],
])("what is no review is not decided on: %j", (body) => {
  expect(decide(body, policy)).toBeNull();
});
