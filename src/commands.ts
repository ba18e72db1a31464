/** Every command: what the command line understands, and what completions and the reference are made of. */
import type { CommandDef } from "citty";
import { drain, wait } from "./admin/hooks/commands.ts";
import { checkCommand } from "./check/command.ts";
import type { Commands } from "./command-line.ts";
import { completionCommand } from "./completion/command.ts";
import { EXIT_DONE } from "./exit-codes.ts";
import { initCommand } from "./init-command.ts";
import { injectCommand, uninjectCommand } from "./inject/command.ts";
import type { Streams } from "./inject/streams.ts";
import { webhookCommand } from "./webhook/command.ts";

/** Where commands read and write. */
export interface Terminal extends Streams {
  /** Whether standard output shows colours. */
  readonly isColoured: boolean;
}

export interface CommandSet {
  /** The words of what runs where no command is named: the sidecar. */
  readonly root: CommandDef;
  readonly commands: Commands;
}

/** The commands of this version; what they have to say goes to `terminal`. */
export function createCommands(version: string, terminal: Terminal): CommandSet {
  const root = sidecarCommand(version);
  const commands: Record<string, CommandDef> = {
    init: initCommand(terminal.out),
    check: checkCommand(terminal),
    inject: injectCommand(version, terminal),
    uninject: uninjectCommand(terminal),
    webhook: webhookCommand(version),
    wait,
    drain,
    completion: completionCommand(() => ({ root, commands }), terminal.out),
    version: versionCommand(version, terminal.out),
  };
  return { root, commands };
}

function sidecarCommand(version: string): CommandDef {
  return {
    meta: { name: "netramesh", version, description: "Ultra-light service-mesh sidecar" },
    args: {
      "service-name": {
        type: "string",
        valueHint: "NAME",
        description:
          "Name of the service in traces (else JAEGER_SERVICE_NAME, OTEL_SERVICE_NAME or from POD_NAME)",
      },
    },
  };
}

function versionCommand(version: string, out: (text: string) => void): CommandDef {
  return {
    meta: { name: "version", description: "Print the version" },
    run() {
      out(`${version}\n`);
      return EXIT_DONE;
    },
  };
}
