import type { ArgsDef } from "citty";

/** The switches that `inject` and `webhook` share: the settings of every sidecar, as far as no annotation differs. */
export const SETTING_FLAGS = {
  image: { type: "string", valueHint: "IMAGE", description: "Image of both containers (netramesh:VERSION)" },
  classic: {
    type: "boolean",
    description: "A sidecar among the containers, for Kubernetes before 1.29, instead of a native one",
  },
  "http-ports": { type: "string", valueHint: "PORTS", description: "Short for --env NETRA_HTTP_PORTS=PORTS" },
  env: {
    type: "string",
    valueHint: "NAME=VALUE",
    description: "A variable of init or sidecar, whichever reads it; can be repeated",
  },
} as const satisfies ArgsDef;
