/**
 * `npm test`: everything, on a machine that has only Node.js and npm. Installs the programs that the end-to-end tests
 * run, builds the binary and the image that they test, runs all tests and ends with the line `N passed, N failed`.
 */
import { existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "bun";
import { PROGRAMS } from "../test/e2e/software/programs.ts";
import { installTools } from "./system-tools.ts";

/** Program → Debian package. */
const TOOLS = {
  ip: "iproute2",
  nft: "nftables",
  script: "bsdutils",
  setpriv: "util-linux",
  unshare: "util-linux",
  buildah: "buildah",
  runc: "runc",
  "qemu-aarch64-static": "qemu-user-static",
  podman: "podman",
  catatonit: "catatonit",
  "/usr/lib/podman/netavark": "netavark",
  "/usr/lib/podman/aardvark-dns": "aardvark-dns",
  "docker-compose": "docker-compose",
  "systemd-analyze": "systemd",
  "systemd-nspawn": "systemd-container",
  prometheus: "prometheus",
  promtool: "prometheus",
  go: "golang-go",
  groff: "groff-base",
  zsh: "zsh",
  fish: "fish",
  ...PROGRAMS,
};

function fail(why: string): never {
  process.stderr.write(`npm test: ${why}\n`);
  process.exit(1);
}

if (process.platform !== "linux" || process.getuid!() !== 0) {
  fail("the end-to-end tests make network namespaces and redirect rules: they need root on Linux");
}
const missing = await installTools(TOOLS);
if (missing.length > 0) fail(`these programs are missing and could not be installed: ${missing.join(", ")}`);

await $`${process.execPath} ${join(import.meta.dir, "build.ts")}`;
// Without an image its tests fail, and no others.
await $`${process.execPath} ${join(import.meta.dir, "image.ts")}`.nothrow();

const report = join(tmpdir(), `netramesh-test-${process.pid}.xml`);
const tests = Bun.spawn(
  [process.execPath, "test", "--timeout", "60000", "--reporter=junit", `--reporter-outfile=${report}`],
  { cwd: join(import.meta.dir, ".."), stdio: ["ignore", "inherit", "inherit"] },
);
const code = await tests.exited;
if (!existsSync(report))
  fail(`the tests ended before their end: exit code ${code}, signal ${tests.signalCode}`);
const summary = /<testsuites[^>]*>/.exec(await Bun.file(report).text())?.[0] ?? "";
rmSync(report, { force: true });
const count = (name: string) => Number(new RegExp(` ${name}="(\\d+)"`).exec(summary)?.[1] ?? Number.NaN);
const failed = count("failures");
process.stdout.write(`${count("tests") - failed - count("skipped")} passed, ${failed} failed\n`);
process.exit(code);
