import type { PatchOperation } from "../../../src/inject/change.ts";
import { applyPatch } from "./json-patch.ts";

/** What the API server sends about an object that is to be made in `namespace`. */
export function reviewOf(object: object, namespace = "shop") {
  const resource = { group: "", version: "v1", resource: "pods" };
  const request = {
    uid: "0-1-2-3",
    kind: {},
    resource,
    operation: "CREATE",
    namespace,
    dryRun: false,
    object,
  };
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request };
}

/** A pod as a Deployment's ReplicaSet makes it. */
export function podOf(spec: object = {}, metadata: object = {}) {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-7c9f5d", uid: "1", controller: true };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: "web-7c9f5d-",
      labels: { app: "web", "pod-template-hash": "7c9f5d" },
      ownerReferences: [owner],
      ...metadata,
    },
    spec: { containers: [{ name: "web", image: "web:1" }], ...spec },
  };
}

export interface Response {
  readonly uid: string;
  readonly allowed: boolean;
  readonly patchType?: string;
  readonly patch?: string;
  readonly warnings?: readonly string[];
}

/** The object as it is after the patch of a response. */
// biome-ignore lint/suspicious/noExplicitAny: tests look wherever they like.
export function patched(object: object, { patch }: Response): any {
  const operations = JSON.parse(Buffer.from(patch!, "base64").toString()) as PatchOperation[];
  return applyPatch(object, operations);
}
