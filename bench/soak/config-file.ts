import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The two contents that take turns; neither changes what the clients see. */
const CONTENTS = [
  { NETRA_LOGGER_LEVEL: "info", NETRA_HTTP_TRACING_IGNORED_PATHS: "/health" },
  { NETRA_LOGGER_LEVEL: "warning", NETRA_HTTP_TRACING_IGNORED_PATHS: "/health,/ready" },
];

/** The file that NETRA_CONFIG_FILE names, replaced as a whole now and then, as a ConfigMap would be. */
export class ConfigFile {
  readonly path: string;
  #changes = 0;

  constructor(directory: string) {
    this.path = join(directory, "config.json");
    this.change();
  }

  change(): void {
    const next = `${this.path}.next`;
    writeFileSync(next, JSON.stringify(CONTENTS[this.#changes++ % CONTENTS.length]));
    renameSync(next, this.path);
  }
}
