/** The variables that `netramesh init` reads besides the ports in the sidecar's table (init/config.ts). */
import type { Table } from "./variable.ts";

const SELECTION = "*, or a comma list of ports and ranges (8000:8100)";
const IDS = "comma list of ids and ranges";

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
} as const satisfies Table;
