/**
 * The core of `netramesh inject` and of the webhook: a workload in, a list of changes with their reasons out. Pure.
 */
import { addAnnotations, addContainers } from "./additions.ts";
import { CONFIG, readAnnotations, unknownNames } from "./annotations.ts";
import type { Change } from "./change.ts";
import { portsOf } from "./containers.ts";
import { doubtsAbout } from "./doubts.ts";
import { environmentProblems, environmentWarnings } from "./environment.ts";
import type { Metadata, Workload } from "./manifest.ts";
import { INJECT } from "./names.ts";
import { rewriteProbes } from "./probes.ts";
import { refusalOf } from "./refusal.ts";
import { resourceProblems } from "./resources.ts";
import type { Settings } from "./settings.ts";
import { shapeProblems } from "./shape.ts";

/** What is to be done to a workload, or why nothing is. */
export interface Plan {
  readonly changes: readonly Change[];
  /** What is accepted but probably not meant. */
  readonly warnings: readonly string[];
  /** Why the workload stays as it is; no fault of anyone. */
  readonly refusal: string | null;
  /** What cannot be meant: nothing may be written. */
  readonly problems: readonly string[];
}

/** Plans the injection of one workload; `version` is what injects. */
export function planInjection(workload: Workload, defaults: Settings, version: string): Plan {
  const misshapen = shapeProblems(workload);
  if (misshapen.length > 0) return { changes: [], warnings: [], refusal: null, problems: misshapen };
  const metadata = workload.template.metadata ?? {};
  const { settings, problems } = readAnnotations(metadata, defaults);
  const wrong = [
    ...problems,
    ...switchProblems(metadata),
    ...resourceProblems(settings.resources),
    ...environmentProblems(settings.env),
  ];
  const warnings = [...unknownNames(metadata), ...misplaced(workload), ...environmentWarnings(settings.env)];
  const refusal = refusalOf(workload.template, settings.uid);
  const nothing = { changes: [], warnings, refusal, problems: refusal === null ? wrong : [] };
  if (refusal !== null || wrong.length > 0) return nothing;
  const specPath = [...workload.path, "spec"];
  const probes = rewriteProbes(workload.template.spec, specPath, settings.native, portsOf(settings).admin);
  const changes = [
    ...probes.changes,
    ...addContainers(workload, settings, probes),
    ...addAnnotations(workload, settings, probes, version),
  ];
  const doubts = [...doubtsAbout(workload, settings), ...probes.warnings];
  return { changes, warnings: [...warnings, ...doubts], refusal, problems: [] };
}

function switchProblems({ annotations, labels }: Metadata): string[] {
  const given = { annotation: annotations?.[INJECT], label: labels?.[INJECT] };
  return Object.entries(given)
    .filter(([, value]) => value !== undefined && value !== "enabled" && value !== "disabled")
    .map(([word, value]) => `${word} ${INJECT}=${JSON.stringify(value)} is not enabled or disabled`);
}

/** Only a pod's own annotations count, as with linkerd and Istio. */
function misplaced({ metadata, path, kind }: Workload): string[] {
  if (path.length === 0) return [];
  const names = Object.keys(metadata.annotations ?? {}).filter(
    (name) => name.startsWith(CONFIG) || name === INJECT,
  );
  return names.map(
    (name) => `annotation ${name} of the ${kind} has no effect: it belongs to its pod template`,
  );
}
