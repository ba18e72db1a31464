/**
 * With inbound connections redirected, the sidecar accepts in the application's place: a `tcpSocket` probe succeeds
 * even if the application is down. So the sidecar makes it on the kubelet's behalf, as `httpGet` of a path of its own.
 * HTTP and gRPC probes need an answer and pass through.
 */
import { APP_HEALTH, MAX_PROBES, MAX_TIMEOUT_SECONDS } from "../admin/app-probes.ts";
import { Bad, ip } from "../env.ts";
import type { Change, Path } from "./change.ts";
import type { Container, PodSpec, TcpSocket } from "./manifest.ts";

const KINDS = { livenessProbe: "liveness", readinessProbe: "readiness", startupProbe: "startup" } as const;
type ProbeKey = keyof typeof KINDS;

const TOO_MANY = `the sidecar makes at most ${MAX_PROBES} probes`;

/** What the sidecar dials for one probe (the variable NETRA_APP_PROBES). */
export interface AppProbe {
  readonly port: number;
  readonly host?: string;
  readonly timeoutSeconds?: number;
}

export interface RewrittenProbes {
  readonly changes: readonly Change[];
  /** `container/kind` → what to dial. */
  readonly appProbes: Readonly<Record<string, AppProbe>>;
  /** `container/kind` → the `tcpSocket` that was there. */
  readonly originals: Readonly<Record<string, TcpSocket>>;
  readonly warnings: readonly string[];
}

/** A probe of a container, and where it is written. */
export interface PlacedProbe {
  readonly container: Container;
  readonly key: ProbeKey;
  /** `container/kind`. */
  readonly name: string;
  readonly path: Path;
}

/** The probes of a list of containers that are there. */
export function probesOf(containers: readonly Container[] | null | undefined, path: Path): PlacedProbe[] {
  return (containers ?? []).flatMap((container, index) =>
    (Object.keys(KINDS) as ProbeKey[])
      .filter((key) => container[key])
      .map((key) => ({
        container,
        key,
        name: `${container.name}/${KINDS[key]}`,
        path: [...path, index, key],
      })),
  );
}

/**
 * Moves the `tcpSocket` probes of a pod to the sidecar's `adminPort`. Init containers that start before the sidecar
 * (`native` false) keep theirs: nobody would answer.
 */
export function rewriteProbes(
  spec: PodSpec,
  specPath: Path,
  native: boolean,
  adminPort: number,
): RewrittenProbes {
  const changes: Change[] = [];
  const appProbes: Record<string, AppProbe> = {};
  const originals: Record<string, TcpSocket> = {};
  const warnings: string[] = [];
  const placed = [
    ...(native ? probesOf(spec.initContainers, [...specPath, "initContainers"]) : []),
    ...probesOf(spec.containers, [...specPath, "containers"]),
  ];
  for (const { container, key, name, path } of placed) {
    const { tcpSocket, timeoutSeconds } = container[key]!;
    if (!tcpSocket) continue;
    const dialled = changes.length < MAX_PROBES ? toAppProbe(tcpSocket, timeoutSeconds, container) : TOO_MANY;
    if (typeof dialled === "string") {
      warnings.push(`the ${name} probe stays as it is and will always succeed: ${dialled}`);
      continue;
    }
    appProbes[name] = dialled;
    originals[name] = tcpSocket;
    changes.push({
      op: "swap",
      path: [...path, "tcpSocket"],
      key: "httpGet",
      value: { path: `${APP_HEALTH}${name}`, port: adminPort },
      why: "the sidecar accepts for the application, so a tcpSocket probe would never fail: the sidecar dials instead",
    });
  }
  return { changes, appProbes, originals, warnings };
}

/** What the sidecar is to dial, or why it cannot. */
function toAppProbe(
  { port, host }: TcpSocket,
  timeoutSeconds: number | undefined,
  container: Container,
): AppProbe | string {
  const number = portNumber(port, container);
  if (number === null) return `container ${container.name} has no port named ${port}`;
  if (!isPort(number)) return `${port} is no port`;
  if (host && ip(host) instanceof Bad) return `its host ${host} is not an IP address`;
  return {
    port: number,
    ...(host && { host }),
    ...(timeoutSeconds && { timeoutSeconds: Math.min(timeoutSeconds, MAX_TIMEOUT_SECONDS) }),
  };
}

function isPort(number: number): boolean {
  return number >= 1 && number <= 65_535;
}

function portNumber(port: number | string, { ports }: Container): number | null {
  if (typeof port === "number" || /^\d+$/.test(port)) return Number(port);
  return ports?.find(({ name }) => name === port)?.containerPort ?? null;
}
