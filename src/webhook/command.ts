import type { CommandDef } from "citty";
import { SETTING_FLAGS } from "../inject/setting-flags.ts";

/** `netramesh webhook`: injects pods as the API server makes them. */
export function webhookCommand(version: string): CommandDef {
  return {
    meta: { name: "webhook", description: "Add the sidecar to pods as they are made: an admission server" },
    args: {
      port: { type: "string", valueHint: "PORT", description: "Where to listen, with TLS (8443)" },
      name: {
        type: "string",
        valueHint: "NAME",
        description: "Name of its Service, Secret and MutatingWebhookConfiguration (netramesh-injector)",
      },
      ...SETTING_FLAGS,
    },
    // Loaded by those who need it: the sidecar's memory is for its connections.
    run: async ({ rawArgs }) => (await import("./run.ts")).runWebhook(rawArgs, process.env, version),
  };
}
