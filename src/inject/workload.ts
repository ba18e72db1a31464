import { at, type Path } from "./change.ts";
import type { Metadata, PodTemplate, Workload } from "./manifest.ts";

const TEMPLATE = ["spec", "template"];

/** Kind → where its pod template lies. */
const TEMPLATE_PATHS: ReadonlyMap<string, Path> = new Map<string, Path>([
  ["Pod", []],
  ["Deployment", TEMPLATE],
  ["StatefulSet", TEMPLATE],
  ["DaemonSet", TEMPLATE],
  ["ReplicaSet", TEMPLATE],
  ["ReplicationController", TEMPLATE],
  ["Job", TEMPLATE],
  ["CronJob", ["spec", "jobTemplate", "spec", "template"]],
]);

const LIST = "List";

/**
 * Every workload in a document: itself, or what a List holds. Other kinds are none, and neither is a broken one. An item
 * of a PodList is a Pod without saying so: `listed` is the kind of those that name none.
 */
export function findWorkloads(document: unknown, path: Path = [], listed = ""): Workload[] {
  const { kind = listed, items, metadata } = (document ?? {}) as Record<string, unknown>;
  if (typeof kind !== "string") return [];
  if (kind.endsWith(LIST) && Array.isArray(items)) {
    const of = kind.slice(0, -LIST.length);
    return items.flatMap((item, index) => findWorkloads(item, [...path, "items", index], of));
  }
  const below = TEMPLATE_PATHS.get(kind);
  const template = below && (at(document, below) as PodTemplate | undefined);
  if (!Array.isArray(template?.spec?.containers)) return [];
  return [{ kind, metadata: (metadata ?? {}) as Metadata, path: [...path, ...below!], template }];
}

/** `deployment/web`, as kubectl writes it. */
export function describeWorkload({ kind, metadata }: Workload): string {
  return `${kind.toLowerCase()}/${metadata.name ?? metadata.generateName ?? "?"}`;
}
