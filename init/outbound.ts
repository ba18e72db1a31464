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
import type { InterfaceName } from "./interface-name.ts";
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
    exemptionTest(config),
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

/**
 * At its start the sidecar connects to its own metrics port to learn whether its user is exempt (proxy/exemption.ts).
 * Whatever else is left alone, that connection must not be, or it would prove nothing.
 */
function exemptionTest({ prometheusPort, sidecarPort }: InitConfig): Draft {
  const range = { first: prometheusPort, last: prometheusPort };
  return {
    matches: [
      { kind: "interface", end: "destination", name: LOOPBACK },
      { kind: "port", range },
    ],
    action: { kind: "redirect", port: sidecarPort },
    why: "the sidecar tests so whether its user is exempt",
  };
}

const LOOPBACK: InterfaceName = { text: "lo", isPrefix: false };
const TO_SELF = pass([{ kind: "local", is: true }], "NETRA_SKIP_SELF: calls to an address of our own");
