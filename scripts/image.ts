/**
 * `bun run image [amd64] [arm64]`: what the Dockerfile copies, in dist/image/, started once where that is possible;
 * and, where buildah is, the image of these architectures as dist/netramesh.oci.tar. Nothing in it is taken from this
 * machine: Bun, glibc and all packages are pinned.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { compile } from "./compile.ts";
import { ARCHITECTURES, type Architecture, BuildError } from "./image/architectures.ts";
import { fetchGlibc } from "./image/glibc.ts";
import { buildArchive } from "./image/oci.ts";
import { assembleRootfs } from "./image/rootfs.ts";
import { fetchRuntime } from "./image/runtime.ts";
import { billOfMaterials } from "./image/sbom.ts";
import { inRootfs, smokeTest } from "./smoke.ts";

const TOP = join(import.meta.dir, "..");
const DIST = join(TOP, "dist");
const DOWNLOADS = join(DIST, "downloads");
const ARCHIVE = join(DIST, "netramesh.oci.tar");

async function makeRootfs(architecture: Architecture, epoch: number): Promise<void> {
  const glibc = await fetchGlibc(architecture, DOWNLOADS);
  const runtime = await fetchRuntime(architecture, DOWNLOADS);
  const binary = join(DIST, "compiled", architecture.name, "netramesh");
  await compile(binary, runtime);
  const root = join(DIST, "image", architecture.name);
  assembleRootfs(root, architecture, {
    binary,
    glibc,
    billOfMaterials: await billOfMaterials(architecture, epoch),
  });
  say(`dist/image/${architecture.name}: ${await tryOut(root, architecture)}`);
}

/** Says how the binary was tried, or why it was not. */
async function tryOut(root: string, { process: platform, emulator }: Architecture): Promise<string> {
  if (process.getuid!() !== 0) return "not started, which needs root";
  if (process.arch === platform) {
    await smokeTest(inRootfs(root, null));
    return "starts as uid 1337, ends on SIGTERM";
  }
  const path = Bun.which(emulator);
  if (path === null) return `not started, which needs ${emulator} (package qemu-user-static)`;
  await smokeTest(inRootfs(root, path));
  return `starts as uid 1337, ends on SIGTERM (${emulator})`;
}

/** Seconds since 1970: SOURCE_DATE_EPOCH, else the time of the last commit, else 0. */
async function sourceDateEpoch(): Promise<number> {
  const named = process.env.SOURCE_DATE_EPOCH ?? (await git("log", "-1", "--format=%ct"));
  if (!/^\d*$/.test(named))
    throw new BuildError(`SOURCE_DATE_EPOCH is "${named}": it must be seconds since 1970`);
  return Number(named);
}

async function revision(): Promise<Record<string, string>> {
  const commit = await git("rev-parse", "HEAD");
  return commit === "" ? {} : { "org.opencontainers.image.revision": commit };
}

/** What git says about these sources, empty where they are in no repository of their own. */
async function git(...args: string[]): Promise<string> {
  const answer = await $`git --git-dir=${join(TOP, ".git")} ${args}`.nothrow().quiet();
  return answer.exitCode === 0 ? answer.text().trim() : "";
}

function chosen(names: readonly string[]): readonly Architecture[] {
  const known = ARCHITECTURES.map(({ name }) => name as string);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new BuildError(`no image for "${unknown}": there is ${known.join(" and ")}`);
  return names.length === 0 ? ARCHITECTURES : ARCHITECTURES.filter(({ name }) => names.includes(name));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(names: readonly string[]): Promise<void> {
  const architectures = chosen(names);
  const epoch = await sourceDateEpoch();
  rmSync(ARCHIVE, { force: true });
  mkdirSync(DOWNLOADS, { recursive: true });
  for (const architecture of architectures) await makeRootfs(architecture, epoch);
  if (Bun.which("buildah") === null) return say("no buildah here: build the image with the Dockerfile");
  await buildArchive(ARCHIVE, { context: TOP, architectures, epoch, labels: await revision() });
  say(`dist/netramesh.oci.tar (${(Bun.file(ARCHIVE).size / 1e6).toFixed(1)} MB)`);
}

await main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`bun run image: ${error instanceof BuildError ? error.message : error.stack}\n`);
  process.exit(1);
});
