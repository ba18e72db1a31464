import { existsSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { $ } from "bun";

const TOP = join(import.meta.dir, "..");

/** Another machine's Bun: what `bun build` calls its platform, and its executable. */
export interface Runtime {
  readonly target: string;
  readonly executable: string;
}

/**
 * Writes the single binary to `outfile` and its source map beside it; for this machine unless `runtime` says otherwise.
 * The same sources, packages, runtime and file name give the same bytes: paths in it are relative to the project.
 *
 * Hardened: without the two --no-compile-autoload switches the binary would run what a `bunfig.toml` or `.env` in its
 * working directory says. Identifiers stay whole, so that profiles and stack traces can be read. Split, so that the
 * sidecar does not load what only subcommands need. A thread's first file has to be an entry point of its own.
 */
export async function compile(outfile: string, runtime?: Runtime): Promise<void> {
  const readable = ["--minify-syntax", "--minify-whitespace", "--sourcemap"];
  const flags = [...readable, "--format=esm", "--bytecode", "--splitting"];
  const hardening = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
  const foreign = runtime
    ? [`--target=${runtime.target}`, `--compile-executable-path=${runtime.executable}`]
    : [];
  removeSourceMaps(dirname(outfile));
  await $`NODE_ENV=production ${process.execPath} build --compile ${flags} ${hardening} ${foreign} src/start.ts src/worker.ts --outfile ${outfile}`
    .cwd(TOP)
    .quiet();
}

/** Those of the parts have their hashes in their names: older ones would pile up. */
function removeSourceMaps(folder: string): void {
  if (!existsSync(folder)) return;
  for (const map of new Bun.Glob("*.js.map").scanSync(folder)) rmSync(join(folder, map));
}
