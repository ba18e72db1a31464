/** What no single variable can get wrong: values that do not go together. */
import type { Config } from "../config.ts";

export interface Conflicts {
  /** What stops the start. */
  readonly problems: readonly string[];
  /** What is probably not meant. */
  readonly warnings: readonly string[];
}

export function findConflicts(config: Config): Conflicts {
  return {
    problems: [...takenPorts(config), ...sharedHeaders(config)],
    warnings: [...oneAdminPort(config), ...opaqueAndHttp(config), ...inferringWorkers(config)],
  };
}

/** 0.10 could not start when its own port was taken. */
function takenPorts({ port, pprofPort, prometheusPort }: Config): string[] {
  const others = Object.entries({ NETRA_PPROF_PORT: pprofPort, NETRA_PROMETHEUS_PORT: prometheusPort });
  return others
    .filter(([, other]) => other === port)
    .map(([name]) => `NETRA_PORT and ${name} are both ${port}: each needs its own port`);
}

/** 0.10 could start without profiling or metrics. */
function oneAdminPort({ pprofPort, prometheusPort }: Config): string[] {
  if (pprofPort !== prometheusPort) return [];
  return [`NETRA_PPROF_PORT and NETRA_PROMETHEUS_PORT are both ${pprofPort}: only one of them can be served`];
}

/** Two meanings in one header: each would be overwritten by the other. */
function sharedHeaders({ requestIdHeader, sourceHeader, routingHeader }: Config): string[] {
  const variables = new Map<string, string>();
  const problems: string[] = [];
  for (const [variable, header] of [
    ["NETRA_HTTP_REQUEST_ID_HEADER_NAME", requestIdHeader],
    ["NETRA_HTTP_X_SOURCE_HEADER_NAME", sourceHeader],
    ["NETRA_HTTP_ROUTING_HEADER_NAME", routingHeader],
  ] as const) {
    const other = variables.get(header.toLowerCase());
    if (other === undefined) variables.set(header.toLowerCase(), variable);
    else
      problems.push(`${other} and ${variable} are both ${JSON.stringify(header)}: each needs its own header`);
  }
  return problems;
}

function opaqueAndHttp({ httpPorts, opaquePorts }: Config): string[] {
  const both = [...opaquePorts].filter((port) => httpPorts.has(port));
  if (both.length === 0) return [];
  return [`NETRA_OPAQUE_PORTS and NETRA_HTTP_PORTS both name ${both.join(", ")}: it counts as HTTP`];
}

function inferringWorkers({ workers, trace }: Config): string[] {
  if (workers === 1 || !trace.infer) return [];
  return ["NETRA_TRACE_INFER needs one event loop: with NETRA_WORKERS above 1 no parent is inferred"];
}
