/** What injection adds to a pod: two containers, and annotations that tell what was done. */
import type { Change, Path } from "./change.ts";
import { initContainer, portsOf, sidecarContainer } from "./containers.ts";
import type { Workload } from "./manifest.ts";
import { DEFAULT_CONTAINER, PROMETHEUS, RESTORE, STATUS, VERSION } from "./names.ts";
import type { RewrittenProbes } from "./probes.ts";
import { formatRestore } from "./restore.ts";
import { serviceNameOf } from "./service-name.ts";
import type { Settings } from "./settings.ts";

interface Item {
  readonly value: object;
  readonly why: string;
}

/**
 * The init container and the sidecar: a native one as the first two init containers, so that the pod's own already have
 * the mesh; a classic one with the init container last, because without a sidecar nothing connects any more.
 */
export function addContainers(workload: Workload, settings: Settings, probes: RewrittenProbes): Change[] {
  const { path, template } = workload;
  const name = serviceNameOf(workload);
  const init = {
    value: initContainer(settings),
    why: "redirects the pod's connections; root with NET_ADMIN and nothing else",
  };
  const sidecar = {
    value: sidecarContainer(settings, name, probes.appProbes),
    why: `relays the pod's connections and traces them as ${name}; unprivileged`,
  };
  const { containers, initContainers } = template.spec;
  const inits = [...path, "spec", "initContainers"];
  if (settings.native) return addItems(inits, initContainers, 0, [init, sidecar]);
  return [
    ...addItems(inits, initContainers, initContainers?.length ?? 0, [init]),
    ...addItems([...path, "spec", "containers"], containers, 0, [sidecar]),
  ];
}

/** Items at `index` of a list that may be missing; the last first, so that none moves the place of another. */
function addItems(
  path: Path,
  list: readonly unknown[] | null | undefined,
  index: number,
  items: readonly Item[],
): Change[] {
  if (!list) {
    const why = items.map((item) => item.why).join(", and ");
    return [{ op: "add", path, value: items.map(({ value }) => value), why }];
  }
  return items.toReversed().map(({ value, why }) => ({ op: "add", path: [...path, index], value, why }));
}

/** What was done, for whoever looks and for uninject; and what others need to know of the sidecar. */
export function addAnnotations(
  { path, template }: Workload,
  settings: Settings,
  probes: RewrittenProbes,
  version: string,
): Change[] {
  const { metadata } = template;
  const foreign = foreignAnnotations(template, settings);
  const restore = formatRestore(Object.keys(foreign), probes.originals);
  const own: Added = {
    [STATUS]: { text: "injected", why: "a second injection leaves the pod alone" },
    [VERSION]: { text: version, why: "another version changes the template, so that pods are replaced" },
    ...(restore && { [RESTORE]: { text: restore, why: "what netramesh uninject needs to know" } }),
  };
  return addEntries([...path, "metadata"], metadata, { ...own, ...foreign });
}

type Added = Readonly<Record<string, { readonly text: string; readonly why: string }>>;

/** Annotations for others; what is there stays. */
function foreignAnnotations({ metadata, spec }: Workload["template"], settings: Settings): Added {
  const there = Object.keys(metadata?.annotations ?? {});
  const isScraped = there.some((name) => name.startsWith(PROMETHEUS));
  const scrape = { scrape: "true", port: `${portsOf(settings).admin}`, path: "/metrics" };
  const why = "Prometheus finds the sidecar's metrics";
  return {
    ...(!isScraped &&
      Object.fromEntries(Object.entries(scrape).map(([name, text]) => [PROMETHEUS + name, { text, why }]))),
    ...(!settings.native &&
      !there.includes(DEFAULT_CONTAINER) && {
        [DEFAULT_CONTAINER]: {
          text: spec.containers[0]!.name,
          why: "kubectl logs and exec mean the application",
        },
      }),
  };
}

function addEntries(path: Path, metadata: Workload["template"]["metadata"], added: Added): Change[] {
  const entries = Object.entries(added);
  if (metadata?.annotations) {
    return entries.map(([name, { text, why }]) => ({
      op: "add",
      path: [...path, "annotations", name],
      value: text,
      why,
    }));
  }
  const annotations = Object.fromEntries(entries.map(([name, { text }]) => [name, text]));
  const why = [...new Set(entries.map(([, each]) => each.why))].join("; ");
  if (metadata) return [{ op: "add", path: [...path, "annotations"], value: annotations, why }];
  return [{ op: "add", path, value: { annotations }, why }];
}
