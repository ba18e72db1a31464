import type { Container, PodTemplate, SecurityContext } from "./manifest.ts";
import { INIT, INJECT, SIDECAR, STATUS, VERSION } from "./names.ts";

/** Why this pod gets no sidecar, for a person; null if it can have one. `uid` is the sidecar's. */
export function refusalOf({ metadata, spec }: PodTemplate, uid: number): string | null {
  const { annotations, labels } = metadata ?? {};
  const containers = containersOf({ spec });
  if (annotations?.[INJECT] === "disabled" || labels?.[INJECT] === "disabled") return `${INJECT} is disabled`;
  if (annotations?.[STATUS] === "injected") {
    const version = annotations[VERSION] ?? "unknown";
    return `it is injected already, by version ${version} (to renew: netramesh uninject | netramesh inject)`;
  }
  const taken = containers.find(({ name }) => name === SIDECAR || name === INIT);
  if (taken) return `it has a container named ${taken.name} that netramesh inject has not written`;
  if (spec.hostNetwork)
    return "hostNetwork is true: the rules would redirect the connections of the whole node";
  if (spec.os?.name === "windows" || spec.nodeSelector?.["kubernetes.io/os"] === "windows") {
    return "it runs on Windows, where there are no redirect rules";
  }
  if (annotations?.["kubernetes.io/config.mirror"])
    return "it is the mirror of a static pod, which cannot change";
  return explainIds(containers, spec.securityContext, uid);
}

/** Every container of a pod that the manifest names, in the order in which they start. */
export function containersOf({ spec }: Pick<PodTemplate, "spec">): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

/** The rules let the sidecar's own user and group pass: whoever shares them would not be in the mesh. */
function explainIds(
  containers: readonly Container[],
  pod: SecurityContext | null | undefined,
  uid: number,
): string | null {
  for (const { name, securityContext: own } of containers) {
    for (const [key, word] of [
      ["runAsUser", "user"],
      ["runAsGroup", "group"],
    ] as const) {
      if ((own?.[key] ?? pod?.[key]) !== uid) continue;
      return (
        `container ${name} runs as ${word} ${uid}, which is the sidecar's: its connections would bypass the sidecar ` +
        "(config.netramesh.io/proxy-uid gives the sidecar another)"
      );
    }
  }
  return null;
}
