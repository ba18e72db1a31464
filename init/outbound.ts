import type { InitConfig } from "./config.ts";
import {
  LINK_LOCAL,
  NOT_TCP,
  pass,
  passNetwork,
  passOnHost,
  passSkipped,
  redirects,
  sampling,
} from "./drafts.ts";
import { literalNetwork } from "./network.ts";
import type { Draft, Place } from "./plan.ts";
import { formatRange } from "./ranges.ts";

const LOOPBACK4 = literalNetwork("127.0.0.0/8");
const LOOPBACK6 = literalNetwork("::1");

/** The rules for connections made here, in order. */
export function outboundRules(config: InitConfig, place: Place): Draft[] {
  return [
    NOT_TCP,
    ...config.userIds.map((range) =>
      pass([{ kind: "user", range }], "the sidecar's own user: redirecting it would loop"),
    ),
    ...config.groupIds.map((range) =>
      pass([{ kind: "group", range }], "the sidecar's own group: redirecting it would loop"),
    ),
    passNetwork("destination", LOOPBACK4, "inside the pod, as is Docker's DNS at 127.0.0.11"),
    passNetwork("destination", LOOPBACK6, "inside the pod"),
    LINK_LOCAL,
    ...passOnHost(place, config.outboundPorts),
    ...passSkipped(config, "destination"),
    ...config.outboundSkipUserPorts.map(({ users, ports }) =>
      pass(
        [
          { kind: "user", range: users },
          { kind: "port", range: ports },
        ],
        `OUTBOUND_SKIP_USER_PORTS names ${formatRange(users)}/${formatRange(ports)}`,
      ),
    ),
    ...(config.skipSelf ? [TO_SELF] : []),
    ...sampling(config.outboundProbability),
    ...redirects("outbound", config.outboundPorts, config.sidecarPort),
  ];
}

const TO_SELF = pass([{ kind: "local", is: true }], "NETRA_SKIP_SELF: calls to an address of our own");
