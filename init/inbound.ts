import type { InitConfig } from "./config.ts";
import { LINK_LOCAL, NOT_TCP, pass, passOnHost, passSkipped, redirects, sampling } from "./drafts.ts";
import type { Draft, Match, Place } from "./plan.ts";

/** The rules for connections that come from outside, in order. */
export function inboundRules(config: InitConfig, place: Place): Draft[] {
  const own = new Map([
    [config.sidecarPort, "proxy"],
    [config.pprofPort, "profiling"],
    [config.prometheusPort, "metrics"],
  ]);
  return [
    NOT_TCP,
    ...(place === "host" ? [NOT_OURS] : []),
    ...[...own].map(([port, name]) => pass([onePort(port)], `the sidecar's own ${name} port`)),
    LINK_LOCAL,
    ...passOnHost(place, config.inboundPorts),
    ...passSkipped(config, "source"),
    ...sampling(config.inboundProbability),
    ...redirects("inbound", config.inboundPorts, config.sidecarPort),
  ];
}

const NOT_OURS = pass([{ kind: "local", is: false }], "forwarded: a host carries traffic of others");

function onePort(port: number): Match {
  return { kind: "port", range: { first: port, last: port } };
}
