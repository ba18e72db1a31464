import type { Metadata, Workload } from "./manifest.ts";

const SERVICE_NAME_ANNOTATION = "resource.opentelemetry.io/service.name";
const LABEL = "app.kubernetes.io/name";

/**
 * The name that a workload's spans get (OpenTelemetry's order for Kubernetes): what the pod's annotation says, its
 * label, the workload that owns it.
 */
export function serviceNameOf({ metadata, template }: Workload): string {
  const pod = template.metadata ?? {};
  return pod.annotations?.[SERVICE_NAME_ANNOTATION] || pod.labels?.[LABEL] || ownerOf(metadata);
}

/** Who stands at the top: a Deployment above its ReplicaSets, a CronJob above its Jobs, as their names tell. */
function ownerOf({ name, generateName = "", labels, ownerReferences }: Metadata): string {
  const owner = ownerReferences?.find(({ controller }) => controller);
  if (owner === undefined) return name ?? generateName.replace(/-$/, "");
  const hash = labels?.["pod-template-hash"];
  if (owner.kind === "ReplicaSet" && hash) return withoutSuffix(owner.name, `-${hash}`);
  return owner.kind === "Job" ? owner.name.replace(/-\d{8,10}$/, "") : owner.name;
}

function withoutSuffix(name: string, suffix: string): string {
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}
