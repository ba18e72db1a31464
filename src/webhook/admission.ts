/**
 * Admission reviews (admission.k8s.io/v1): a pod that is about to be made in, the patch that injects it out. A pod is
 * never held up: where it cannot be injected, it is admitted as it is, with a warning that says why.
 */
import { toJsonPatch } from "../inject/change.ts";
import { type Plan, planInjection } from "../inject/inject.ts";
import type { Settings } from "../inject/settings.ts";
import { describeWorkload, findWorkloads } from "../inject/workload.ts";

export interface AdmissionPolicy {
  readonly settings: Settings;
  readonly version: string;
  /** Pods there run without the mesh: they must start when it does not. */
  readonly excludedNamespaces: ReadonlySet<string>;
}

/** The answer to a review, and a line about it for the log. */
export interface Verdict {
  readonly review: object;
  readonly line: string;
  readonly isProblem: boolean;
}

interface Request {
  readonly uid: string;
  readonly namespace: string;
  readonly object: object | null;
}

const REVIEW = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" };

/** Decides on the body of a request. Null if that is no review. */
export function decide(body: unknown, policy: AdmissionPolicy): Verdict | null {
  const request = readRequest(body);
  if (request === null) return null;
  const { uid, namespace, object } = request;
  const [workload] = findWorkloads({ ...object, kind: "Pod" });
  if (!workload) return admit(uid, "an object that is no pod was left alone", []);
  const name = `${namespace}/${describeWorkload(workload)}`;
  if (policy.excludedNamespaces.has(namespace))
    return admit(uid, `${name}: not injected: its namespace is excluded`, []);
  return judge(uid, name, planInjection(workload, policy.settings, policy.version));
}

function judge(uid: string, name: string, { changes, warnings, refusal, problems }: Plan): Verdict {
  if (problems.length > 0) {
    const found = problems.join("; ");
    return {
      ...admit(uid, `${name}: not injected: ${found}`, [`not injected: ${found}`, ...warnings]),
      isProblem: true,
    };
  }
  if (refusal !== null) return admit(uid, `${name}: not injected: ${refusal}`, warnings);
  const patch = Buffer.from(JSON.stringify(toJsonPatch(changes))).toString("base64");
  return admit(uid, `${name}: injected`, warnings, { patchType: "JSONPatch", patch });
}

/** kubectl shows warnings; the API server cuts long ones off. */
function admit(uid: string, line: string, warnings: readonly string[], patch: object = {}): Verdict {
  const shown = warnings.map((warning) => `netramesh: ${warning}`.slice(0, 250));
  const response = { uid, allowed: true, ...patch, ...(shown.length > 0 && { warnings: shown }) };
  return { review: { ...REVIEW, response }, line, isProblem: false };
}

function readRequest(body: unknown): Request | null {
  const { apiVersion, kind, request } = (body ?? {}) as Record<string, unknown>;
  const { uid, namespace = "", object = null } = (request ?? {}) as Record<string, unknown>;
  const isReview = apiVersion === REVIEW.apiVersion && kind === REVIEW.kind;
  const isRead = typeof uid === "string" && typeof namespace === "string" && typeof object === "object";
  return isReview && isRead ? { uid, namespace, object } : null;
}
