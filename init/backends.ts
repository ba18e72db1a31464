import { type Backend, Failure, type Status } from "./backend.ts";
import type { BackendChoice } from "./config.ts";
import { IptablesBackend } from "./iptables-backend.ts";
import { NftBackend } from "./nft-backend.ts";
import type { Plan } from "./plan.ts";
import type { System } from "./system.ts";

/** Every backend there is, the preferred one first. */
export function allBackends(system: System): Backend[] {
  return [new NftBackend(system.openNetlink), new IptablesBackend(system)];
}

/** Those that may be used. */
export function chosen(backends: readonly Backend[], choice: BackendChoice): Backend[] {
  return backends.filter(({ name }) => choice === "auto" || choice === name);
}

/**
 * Applies the plan by the first chosen backend that this kernel and image have, then removes what another one had
 * put in place: two redirects would contradict each other. Null: done.
 */
export function applyByFirst(
  backends: readonly Backend[],
  choice: BackendChoice,
  plan: Plan,
  mark: string | null,
): Failure | null {
  const lacking: string[] = [];
  for (const backend of chosen(backends, choice)) {
    const failure = backend.apply(plan, mark);
    if (failure === null) return removeTraces(backends.filter((other) => other !== backend));
    if (!failure.isLacking) return failure;
    lacking.push(...failure.lines);
  }
  return new Failure(lacking, true);
}

function removeTraces(backends: readonly Backend[]): Failure | null {
  const failures = backends.filter((backend) => backend.hasTraces()).map((backend) => backend.remove());
  return failures.find((failure) => failure !== null) ?? null;
}

/** Does something with every chosen backend that is there. A failure, if one fails or none is there. */
export function withEach(
  backends: readonly Backend[],
  act: (backend: Backend) => Failure | null,
): Failure | null {
  const failures = backends.map(act);
  const real = failures.find((failure) => failure !== null && !failure.isLacking);
  if (real) return real;
  return failures.includes(null) ? null : new Failure(failures.flatMap((failure) => failure?.lines ?? []));
}

/** A backend and what it has in place. */
export interface Found {
  readonly backend: Backend;
  readonly status: Status;
}

/** Those that have rules in place. A failure if one cannot tell, or none is there. */
export function readStatuses(backends: readonly Backend[]): Found[] | Failure {
  const answers = backends.map((backend) => ({ backend, status: backend.status() }));
  const failures = answers.map(({ status }) => status).filter((status) => status instanceof Failure);
  const grave = failures.find(({ isLacking }) => !isLacking);
  if (grave) return grave;
  if (failures.length === answers.length) return new Failure(failures.flatMap(({ lines }) => lines));
  return answers.filter(
    (answer): answer is Found => answer.status !== null && !(answer.status instanceof Failure),
  );
}
