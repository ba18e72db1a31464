import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The contents that take turns: all of it changes while the sidecar runs, none of it what the clients see. The access
 * log is on at first: it opens its file once, before the files are counted.
 */
const CONTENTS = [
  { NETRA_ACCESS_LOG: "json", JAEGER_SAMPLER_TYPE: "const", JAEGER_SAMPLER_PARAM: 1 },
  {
    NETRA_ACCESS_LOG: "off",
    NETRA_HTTP_TRACING_IGNORED_PATHS: ["/health", "/ready"],
    JAEGER_SAMPLER_TYPE: "probabilistic",
    JAEGER_SAMPLER_PARAM: 0.9,
  },
];

/** What the sidecar logs once for each change. */
export const TAKEN = "NETRA_ACCESS_LOG is now";

/** The file that NETRA_CONFIG_FILE names, replaced as a whole now and then, as a ConfigMap would be. */
export class ConfigFile {
  readonly path: string;
  #changes = 0;

  constructor(directory: string) {
    this.path = join(directory, "config.json");
    this.#write();
  }

  /** How often it has changed since it was made. */
  get changes(): number {
    return this.#changes;
  }

  change(): void {
    this.#changes++;
    this.#write();
  }

  #write(): void {
    const next = `${this.path}.next`;
    writeFileSync(next, JSON.stringify(CONTENTS[this.#changes % CONTENTS.length]));
    renameSync(next, this.path);
  }
}
