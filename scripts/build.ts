/**
 * `bun run build`: dist/netramesh, the single binary, and dist/rootfs/, what a scratch image holds. The result is
 * started once, in a chroot of that rootfs as uid 1337; a binary that does not start is not a build.
 */
import { chmodSync, copyFileSync, mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { $ } from "bun";
import { smokeTest } from "./smoke.ts";

const DIST = join(import.meta.dir, "..", "dist");
const BINARY = join(DIST, "netramesh");
const ROOTFS = join(DIST, "rootfs");

/** What the runtime is linked against; Bun names libpthread and libdl although glibc has merged them. */
const LIBRARY = /\/(ld-linux[\w-]*|libc|libpthread|libdl|libm)\.so\.\d+$/;

/**
 * Hardened: without the two --no-compile-autoload switches the binary would run what a `bunfig.toml` or `.env` in its
 * working directory says. Identifiers stay whole, so that profiles and stack traces can be read.
 */
async function compile(): Promise<void> {
  const flags = ["--minify-syntax", "--minify-whitespace", "--format=esm", "--bytecode", "--sourcemap"];
  const hardening = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
  const entry = join(import.meta.dir, "..", "src", "main.ts");
  await $`NODE_ENV=production ${process.execPath} build --compile ${flags} ${hardening} ${entry} --outfile ${BINARY}`.quiet();
}

async function assembleRootfs(): Promise<void> {
  rmSync(ROOTFS, { recursive: true, force: true });
  const listed = await $`ldd ${BINARY}`.text();
  const libraries = [...listed.matchAll(/(\/\S+\.so\.\d+)/g)]
    .map(([, path]) => path!)
    .filter((p) => LIBRARY.test(p));
  for (const path of new Set(libraries)) install(realpathSync(path), path);
  install(BINARY, "/usr/local/bin/netramesh");
  write("/etc/passwd", "root:x:0:0::/:/sbin/nologin\nnetramesh:x:1337:1337::/:/sbin/nologin\n");
  write("/etc/group", "root:x:0:\nnetramesh:x:1337:\n");
  for (const mountPoint of ["proc", "dev", "tmp"]) mkdirSync(join(ROOTFS, mountPoint));
}

function install(from: string, to: string): void {
  mkdirSync(dirname(join(ROOTFS, to)), { recursive: true });
  copyFileSync(from, join(ROOTFS, to));
  chmodSync(join(ROOTFS, to), 0o755);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(ROOTFS, path)), { recursive: true });
  writeFileSync(join(ROOTFS, path), text);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

mkdirSync(DIST, { recursive: true });
await compile();
await assembleRootfs();
say(await smokeTest(ROOTFS));
const size = Bun.file(BINARY).size;
say(`built dist/netramesh (${(size / 1e6).toFixed(1)} MB) and dist/rootfs/`);
