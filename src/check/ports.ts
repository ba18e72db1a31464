/** Are the sidecar's ports its own, or free for it, and does any carry HTTP? */
import type { Config } from "../config.ts";
import { error, type Finding, ok, warning } from "./finding.ts";
import type { RunningSidecar } from "./running.ts";

/** Why nobody could listen there, in words; null: somebody could. */
export type TryToListen = (ip: string | null, port: number) => string | null;

/**
 * NETRA_PORT: the sidecar's that runs; nobody's, while that one takes connections elsewhere; free; or why nobody could
 * listen there, in words.
 */
export type TrafficPort = "ours" | "elsewhere" | "free" | { readonly obstacle: string };

export function checkPorts(
  config: Config,
  traffic: TrafficPort,
  sidecar: RunningSidecar | null,
  tryToListen: TryToListen,
): Finding[] {
  const { port, prometheusPort, pprofPort, pprofHost } = config;
  const admin = (variable: string, ip: string | null, at: number, isOurs: boolean) =>
    isOurs ? owned(variable, at) : secondary(variable, at, tryToListen(ip, at));
  return [
    primary(port, traffic),
    admin("NETRA_PROMETHEUS_PORT", null, prometheusPort, sidecar?.hasMetrics === true),
    admin("NETRA_PPROF_PORT", pprofHost, pprofPort, sidecar !== null && sidecar.variables !== null),
    httpPorts(config),
  ];
}

function owned(variable: string, port: number): Finding {
  return ok("port", `${variable} ${port} is the sidecar's`);
}

function primary(port: number, traffic: TrafficPort): Finding {
  const name = `NETRA_PORT ${port}`;
  if (traffic === "ours") return owned("NETRA_PORT", port);
  if (traffic === "free") return ok("port", `${name} is free`);
  if (traffic === "elsewhere") {
    const hint = "run the check with the sidecar's variables";
    return warning("port", `${name} is not where the sidecar that runs here takes connections`, hint);
  }
  const hint =
    "stop what listens there, or choose another port for the sidecar and init: set NETRA_PORT for both";
  return error("port", `${name} cannot be used: ${traffic.obstacle}`, hint);
}

/** The sidecar goes on without these. */
function secondary(variable: string, port: number, obstacle: string | null): Finding {
  if (obstacle === null) return ok("port", `${variable} ${port} is free`);
  const hint = "a sidecar goes on without this port: stop what listens there, or choose another one";
  return warning("port", `${variable} ${port} cannot be used: ${obstacle}`, hint);
}

function httpPorts({ httpPorts: ports, httpAutodetect }: Config): Finding {
  if (httpAutodetect) return ok("http-ports", "HTTP/1 is read wherever it is found");
  if (ports.size > 0) return ok("http-ports", `HTTP/1 is read on ports ${[...ports].join(",")}`);
  const hint = "name the ports that carry HTTP/1 in NETRA_HTTP_PORTS, or set NETRA_HTTP_AUTODETECT=true";
  return warning(
    "http-ports",
    "no port carries HTTP: everything is relayed unread, there will be no span",
    hint,
  );
}
