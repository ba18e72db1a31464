/** What went wrong, for the person who has to make it right. */
import { describeErrno, Errno } from "../ffi/errno.ts";
import type { KernelError } from "../ffi/netlink.ts";
import type { BackendChoice } from "./config.ts";
import type { Step } from "./nft-messages.ts";

const PRIVILEGES =
  "init needs the capability NET_ADMIN and user 0: in Kubernetes securityContext: {runAsUser: 0, runAsNonRoot: " +
  "false, capabilities: {drop: [ALL], add: [NET_ADMIN]}}";

const CALLS = {
  socket: "open a netfilter socket",
  bind: "bind the netfilter socket",
  sendto: "send to the kernel",
  recv: "read the kernel's answer",
} as const;

/** One line per failure, and below them what to do, each hint once. `steps` is the batch they belong to; none for a dump. */
export function explainFailures(errors: readonly KernelError[], steps: readonly Step[]): string[] {
  const hints = errors.map((error) => hint(error, stepOf(error, steps)));
  return [...errors.map((error) => describe(error, stepOf(error, steps))), ...new Set(hints.filter(Boolean))];
}

/** Whether a failed batch left the old rules in place, which is certain unless its answer was lost. */
export function explainOutcome(errors: readonly KernelError[]): string {
  return errors.some(({ call }) => call === "recv")
    ? "whether the rules are in place is not known: run init again"
    : "nothing was changed: a batch is applied whole or not at all";
}

function stepOf(error: KernelError, steps: readonly Step[]): Step | undefined {
  return error.refusal ? steps[error.refusal.request] : undefined;
}

function describe({ call, errno, refusal }: KernelError, step: Step | undefined): string {
  const what = call === "request" ? (step?.what ?? "read the rules") : CALLS[call];
  const detail = refusal?.detail ? `: ${refusal.detail}` : "";
  const offset = refusal?.offset ? `, at byte ${refusal.offset} of the request` : "";
  return `could not ${what}: ${describeErrno(errno)}${detail}${offset}`;
}

function hint({ call, errno }: KernelError, step: Step | undefined): string {
  if (errno === Errno.EPERM || errno === Errno.EACCES) return PRIVILEGES;
  if (call === "socket") {
    return "this kernel or sandbox has no nfnetlink: the node must load the modules nfnetlink and nf_tables";
  }
  if (step && LACKING.has(errno)) {
    return `if the kernel lacks a module: the node must load ${step.modules} (inet nat needs Linux 5.2)`;
  }
  return "";
}

/** How a kernel says that it does not know what was asked of it. */
const LACKING: ReadonlySet<number> = new Set([
  Errno.ENOENT,
  Errno.EINVAL,
  Errno.EPROTONOSUPPORT,
  Errno.EOPNOTSUPP,
  Errno.EAFNOSUPPORT,
]);

/** The last line where no backend is there. */
export function explainLacking(choice: BackendChoice): string {
  return `nothing was changed: ${OUT_OF_CHOICE[choice]}`;
}

const OUT_OF_CHOICE: Record<BackendChoice, string> = {
  auto: "neither nf_tables nor iptables can be used here",
  nft: "nf_tables cannot be used here, and NETRA_BACKEND=nft excludes iptables",
  iptables: "iptables cannot be used here, and NETRA_BACKEND=iptables excludes nf_tables",
};

/** Whether another way to the same rules may succeed: the kernel is willing, but does not know this one. */
export function isLacking({ errno }: KernelError): boolean {
  return LACKING.has(errno);
}
