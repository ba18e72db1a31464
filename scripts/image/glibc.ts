/** glibc for any architecture: Debian's package, at the version and with the hash that glibc.json pins. */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { $ } from "bun";
import { type Architecture, BuildError } from "./architectures.ts";
import pin from "./glibc.json" with { type: "json" };

/** apt's own downloader: it knows the machine's proxies, credentials and kinds of mirrors. */
const DOWNLOAD = "/usr/lib/apt/apt-helper";

/**
 * Returns a directory below `downloads` that holds what is in the package. `archive`: the root of the Debian archive to
 * ask, instead of those that apt is configured with. Throws BuildError if none has it.
 */
export async function fetchGlibc(
  architecture: Architecture,
  downloads: string,
  archive = process.env.DEBIAN_ARCHIVE,
): Promise<string> {
  for (const program of [DOWNLOAD, "dpkg-deb"]) {
    if (Bun.which(program) === null)
      throw new BuildError(`${program} is missing: the image is built on Debian`);
  }
  const deb = await fetchPackage(architecture, downloads, archive ? [slashed(archive)] : await aptArchives());
  const folder = join(downloads, `libc6-${pin.version}-${architecture.name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await $`dpkg-deb -x ${deb} ${folder}`.quiet();
  return folder;
}

async function fetchPackage(
  { name }: Architecture,
  downloads: string,
  archives: readonly string[],
): Promise<string> {
  const { path, sha256 } = pin.files[name];
  const deb = join(downloads, basename(path));
  if (existsSync(deb) && (await sha256Of(deb)) === sha256) return deb;
  const tried: string[] = [];
  for (const archive of archives) {
    const download = await $`${DOWNLOAD} download-file ${archive}${path} ${deb} SHA256:${sha256}`
      .nothrow()
      .quiet();
    if (download.exitCode === 0) return deb;
    tried.push(`${archive}: ${complaint(download.stderr.toString())}`);
  }
  throw new BuildError(
    [`libc6 ${pin.version} for ${name} is nowhere to be had.`, ...tried, ...adviceFor(tried.length)].join(
      "\n",
    ),
  );
}

function adviceFor(tried: number): string[] {
  if (tried === 0) return ["apt knows no Debian archive: `apt-get update`, or name one in DEBIAN_ARCHIVE."];
  return [
    "If Debian has replaced this version: `bun run pin-glibc` pins the one that apt knows now.",
    "Or name in DEBIAN_ARCHIVE an archive that still has it, such as a snapshot's.",
  ];
}

/** The roots of Debian's archives that apt is configured with. */
async function aptArchives(): Promise<string[]> {
  const targets = await $`apt-get indextargets --format ${"$(REPO_URI)"} ${"Origin: Debian"}`
    .nothrow()
    .text();
  return [...new Set(targets.split("\n").filter(Boolean).map(slashed))];
}

function slashed(archive: string): string {
  return archive.endsWith("/") ? archive : `${archive}/`;
}

async function sha256Of(path: string): Promise<string> {
  return new Bun.CryptoHasher("sha256").update(await Bun.file(path).bytes()).digest("hex");
}

/** The first error that apt names; warnings may come before it. */
function complaint(stderr: string): string {
  return /^E: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim();
}
