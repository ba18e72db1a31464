/** Bun itself for any architecture: from npm, at the version and with the hash that bun.lock pins. */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import lock from "../../bun.lock";
import type { Runtime } from "../compile.ts";
import { type Architecture, BuildError } from "./architectures.ts";
import { lockedPackage, type NpmPackage } from "./lockfile.ts";

/**
 * Returns Bun's executable below `downloads`, where it is kept. It is never the one that runs here: which of its
 * variants that is depends on the machine.
 */
export async function fetchRuntime(architecture: Architecture, downloads: string): Promise<Runtime> {
  const wanted = lockedPackage(lock, architecture.runtime);
  const tarball = await fetchTarball(wanted, downloads);
  const folder = join(downloads, `bun-${wanted.version}-${architecture.name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await $`tar -xzf ${tarball} -C ${folder} --strip-components=2 package/bin/bun`.quiet();
  return { target: architecture.target, executable: join(folder, "bun") };
}

async function fetchTarball({ name, version, integrity }: NpmPackage, downloads: string): Promise<string> {
  const tarball = join(downloads, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`);
  if (!existsSync(tarball)) {
    const pack = await $`npm pack --silent --pack-destination ${downloads} ${name}@${version}`
      .nothrow()
      .quiet();
    if (pack.exitCode !== 0)
      throw new BuildError(`npm pack ${name}@${version}: ${pack.stderr.toString().trim()}`);
  }
  const found = `sha512-${new Bun.CryptoHasher("sha512").update(await Bun.file(tarball).bytes()).digest("base64")}`;
  if (found === integrity) return tarball;
  rmSync(tarball);
  throw new BuildError(`${name}@${version} has the hash ${found}, but bun.lock says ${integrity}`);
}
