/** The way back: everything that injection left, found by its names, as changes that remove it. Pure. */
import { APP_HEALTH } from "../admin/app-probes.ts";
import type { Change, Path } from "./change.ts";
import type { Plan } from "./inject.ts";
import type { Container, Workload } from "./manifest.ts";
import { INIT, RESTORE, SIDECAR, STATUS, VERSION } from "./names.ts";
import { type PlacedProbe, probesOf } from "./probes.ts";
import { parseRestore, type Restore } from "./restore.ts";
import { shapeProblems } from "./shape.ts";

/** Plans the way back of one workload. */
export function planRemoval(workload: Workload): Plan {
  const misshapen = shapeProblems(workload);
  if (misshapen.length > 0) return plan({ problems: misshapen });
  const { path, template } = workload;
  const { metadata, spec } = template;
  const restore = parseRestore(metadata ?? {});
  if (metadata?.annotations?.[STATUS] !== "injected") return plan({ refusal: "it is not injected" });
  if (restore === null)
    return plan({ problems: [`annotation ${RESTORE} is not what netramesh inject wrote`] });
  const specPath = [...path, "spec"];
  return plan({
    changes: [
      ...restoreProbes(spec.initContainers, [...specPath, "initContainers"], restore),
      ...restoreProbes(spec.containers, [...specPath, "containers"], restore),
      ...removeItems(spec.initContainers ?? [], [...specPath, "initContainers"]),
      ...removeItems(spec.containers, [...specPath, "containers"]),
      ...removeAnnotations(metadata, [...path, "metadata"], restore),
    ],
  });
}

function plan(part: Partial<Plan>): Plan {
  return { changes: [], warnings: [], refusal: null, problems: [], ...part };
}

function restoreProbes(
  containers: readonly Container[] | null | undefined,
  path: Path,
  restore: Restore,
): Change[] {
  return probesOf(containers, path).flatMap((probe): Change[] => {
    const tcpSocket = restore.probes?.[probe.name];
    if (!tcpSocket || !isOurs(probe)) return [];
    const why = "the kubelet probes the application itself again";
    return [{ op: "swap", path: [...probe.path, "httpGet"], key: "tcpSocket", value: tcpSocket, why }];
  });
}

/** Somebody may have given the container another probe since. */
function isOurs({ container, key }: PlacedProbe): boolean {
  return container[key]!.httpGet?.path?.startsWith(APP_HEALTH) === true;
}

/** From the last to the first, so that none moves the place of another. A list of nothing else goes as a whole. */
function removeItems(containers: readonly Container[], path: Path): Change[] {
  const ours = [...containers.entries()].filter(([, { name }]) => name === SIDECAR || name === INIT);
  if (ours.length === containers.length && ours.length > 0) {
    return [{ op: "remove", path, why: "there were none before" }];
  }
  return ours
    .toReversed()
    .map(([index, { name }]) => ({ op: "remove", path: [...path, index], why: `${name} came by injection` }));
}

function removeAnnotations(
  { annotations, ...others }: { annotations?: object | null },
  path: Path,
  restore: Restore,
): Change[] {
  const given = Object.keys(annotations ?? {});
  const added = [STATUS, VERSION, RESTORE, ...(restore.annotations ?? [])];
  const ours = given.filter((name) => added.includes(name)).toReversed();
  const why = "it came by injection";
  if (ours.length < given.length) {
    return ours.map((name) => ({ op: "remove", path: [...path, "annotations", name], why }));
  }
  const isAlone = Object.keys(others).length === 0;
  return [{ op: "remove", path: isAlone ? path : [...path, "annotations"], why }];
}
