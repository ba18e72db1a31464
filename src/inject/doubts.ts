/** What can be injected but will hardly do what was meant. */
import { portsOf } from "./containers.ts";
import type { Workload } from "./manifest.ts";
import { containersOf } from "./refusal.ts";
import type { Settings } from "./settings.ts";

/** What Kubernetes gives a pod to end. */
const DEFAULT_GRACE_SECONDS = 30;

/** The sidecar's ports that a container of the pod listens on, too. */
function takenPorts({ template }: Workload, settings: Settings): number[] {
  const ours = Object.values(portsOf(settings));
  return containersOf(template).flatMap(({ ports }) =>
    (ports ?? []).map(({ containerPort }) => containerPort).filter((port) => ours.includes(port)),
  );
}

/** A warning for each doubt about a workload with these settings. */
export function doubtsAbout(workload: Workload, settings: Settings): string[] {
  const { native, env } = settings;
  const drainMs = Number(env.NETRA_DRAIN_TIMEOUT_MILLISECONDS ?? 0);
  const graceSeconds = workload.template.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  return [
    ...takenPorts(workload, settings).map(
      (port) => `a container listens on port ${port}, which the sidecar needs`,
    ),
    ...(!native && isJob(workload)
      ? [
          "the job will never be complete: a sidecar that is not native goes on when the application has ended",
        ]
      : []),
    ...(drainMs > 0 && drainMs >= 1000 * graceSeconds
      ? [
          `the sidecar may drain for ${drainMs / 1000} s, but is killed after the pod's ` +
            `terminationGracePeriodSeconds, ${graceSeconds}`,
        ]
      : []),
  ];
}

function isJob({ kind, metadata }: Workload): boolean {
  const isMadeByJob = metadata.ownerReferences?.some((owner) => owner.kind === "Job") ?? false;
  return kind === "Job" || kind === "CronJob" || isMadeByJob;
}
