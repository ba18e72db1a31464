/** `netramesh check`: would a sidecar work here, or does the one that runs? */
import type { CommandDef } from "citty";
import { UsageError } from "../command-line.ts";

export interface Screen {
  readonly isColoured: boolean;
  /** Standard output. */
  readonly out: (text: string) => void;
}

export function checkCommand(screen: Screen): CommandDef {
  return {
    meta: { name: "check", description: "Find out what keeps the sidecar of this pod from working" },
    args: {
      output: { type: "string", valueHint: "text|json", description: "For people or for programs (text)" },
      "service-name": { type: "string", valueHint: "NAME", description: "As the sidecar is given it" },
    },
    // Loaded by those who need it: the sidecar's memory is for its connections.
    run: async ({ args }) => {
      const { output = "text", "service-name": serviceName } = args as Readonly<Record<string, string>>;
      if (output !== "text" && output !== "json") {
        throw new UsageError(`--output ${JSON.stringify(output)} is neither text nor json`);
      }
      const { check } = await import("./run.ts");
      return check({ environment: process.env, serviceName, json: output === "json", ...screen });
    },
  };
}
