/** Whether a workload is built as injection expects it: what is something else must not be overwritten or stumbled over. */
import { isObject } from "../json.ts";
import { type Path, pointer } from "./change.ts";
import type { Workload } from "./manifest.ts";

/** A map with these keys, or a list of such; whatever is missing or null fits. */
type Shape = { readonly [key: string]: Shape } | readonly [Shape];

const PROBE = { tcpSocket: {}, httpGet: {} };
const CONTAINER = {
  ports: [{}],
  securityContext: {},
  livenessProbe: PROBE,
  readinessProbe: PROBE,
  startupProbe: PROBE,
} as const;
const METADATA = { annotations: {}, labels: {}, ownerReferences: [{}] } as const;
const TEMPLATE = {
  metadata: METADATA,
  spec: {
    containers: [CONTAINER],
    initContainers: [CONTAINER],
    securityContext: {},
    os: {},
    nodeSelector: {},
  },
} as const;

/** What is no map or list although Kubernetes has one there, each with its place. */
export function shapeProblems({ metadata, path, template }: Workload): string[] {
  const empty =
    template.spec.containers.length === 0 ? [`${pointer([...path, "spec", "containers"])} is empty`] : [];
  const own = path.length === 0 ? [] : misfits(metadata, METADATA, ["metadata"]);
  return [...own, ...misfits(template, TEMPLATE, path), ...empty];
}

function misfits(value: unknown, shape: Shape, path: Path): string[] {
  if (isList(shape)) {
    if (!Array.isArray(value)) return [`${pointer(path)} is not a list`];
    return value.flatMap((item, index) => misfits(item, shape[0], [...path, index]));
  }
  if (!isObject(value)) return [`${pointer(path)} is not a map`];
  return Object.entries(shape).flatMap(([key, below]) => {
    const child = value[key];
    return child === undefined || child === null ? [] : misfits(child, below, [...path, key]);
  });
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}
