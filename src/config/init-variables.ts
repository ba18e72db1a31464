/** The variables that `netramesh init` reads besides the ports in the sidecar's table (init/config.ts). */
import type { Table } from "./variable.ts";

const SELECTION = "*, or a comma list of ports and ranges (8000:8100)";
const IDS = "comma list of ids and ranges";
const PORTS = "comma list of ports and ranges (8000:8100)";
const CIDRS = "comma list of networks and addresses (10.0.0.0/8, fd00::/8, 169.254.169.254)";
const SWITCH = "true or false (1, t, 0, f, ...)";

export const INIT = {
  NETRA_SIDECAR_PORT: {
    default: "NETRA_PORT",
    value: "port",
    means: "where both directions are redirected to",
    readBy: ["init"],
  },
  NETRA_SIDECAR_USER_ID: {
    default: "1337",
    value: IDS,
    means: "traffic of these users is not redirected; the sidecar asks whether it is one of them",
    readBy: ["init", "sidecar"],
  },
  NETRA_SIDECAR_GROUP_ID: {
    default: "1337",
    value: IDS,
    means: "traffic of these groups is not redirected; the sidecar asks whether it is in one of them",
    readBy: ["init", "sidecar"],
  },
  INBOUND_INTERCEPT_PORTS: {
    default: "*",
    value: SELECTION,
    means: "destination ports whose inbound connections are redirected",
    readBy: ["init"],
  },
  OUTBOUND_INTERCEPT_PORTS: {
    default: "*",
    value: SELECTION,
    means: "destination ports whose outbound connections are redirected",
    readBy: ["init"],
  },
  NETRA_INBOUND_PROBABILITY: {
    default: "1",
    value: "number from 0 to 1",
    means: "share of new inbound connections that are redirected",
    readBy: ["init"],
  },
  NETRA_OUTBOUND_PROBABILITY: {
    default: "1",
    value: "number from 0 to 1",
    means: "share of new outbound connections that are redirected",
    readBy: ["init"],
  },
  INBOUND_SKIP_PORTS: {
    default: "none",
    value: PORTS,
    means: "destination ports whose inbound connections are not redirected, also where they are listed",
    readBy: ["init"],
  },
  OUTBOUND_SKIP_PORTS: {
    default: "none",
    value: PORTS,
    means: "destination ports whose outbound connections are not redirected, also where they are listed",
    readBy: ["init"],
  },
  OUTBOUND_SKIP_USER_PORTS: {
    default: "none",
    value: "comma list of USER/PORT, both a number or a range (1000/5432, 1000-1999/8000-8100)",
    means: "connections of these users to these ports are not redirected",
    readBy: ["init"],
  },
  INBOUND_SKIP_CIDRS: {
    default: "none",
    value: CIDRS,
    means: "inbound connections that come from there are not redirected",
    readBy: ["init"],
  },
  OUTBOUND_SKIP_CIDRS: {
    default: "none",
    value: CIDRS,
    means: "outbound connections that go there are not redirected",
    readBy: ["init"],
  },
  SKIP_INTERFACES: {
    default: "none",
    value: "comma list of interfaces (eth1) and beginnings of their names (cni*)",
    means: "connections that come in or leave through them are not redirected",
    readBy: ["init"],
  },
  NETRA_SKIP_SELF: {
    default: "false",
    value: SWITCH,
    means: "connections of the pod to an address of its own are not redirected",
    readBy: ["init"],
  },
  NETRA_DROP_INVALID: {
    default: "false",
    value: SWITCH,
    means:
      "TCP packets that belong to no connection are dropped: untranslated, they would be answered with a reset",
    readBy: ["init"],
  },
  NETRA_GUARD_PORT: {
    default: "false",
    value: SWITCH,
    means: "connections made to the sidecar's port itself are refused, a kubelet's TCP probes of it too",
    readBy: ["init"],
  },
  NETRA_BACKEND: {
    default: "auto",
    value: "auto, nft or iptables",
    means: "what puts the rules in place; auto: nf_tables, and where the kernel lacks it, iptables-restore",
    readBy: ["init"],
  },
} as const satisfies Table;
