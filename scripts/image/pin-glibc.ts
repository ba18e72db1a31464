/** `bun run pin-glibc`: writes into glibc.json the newest libc6 that apt's sources have for every architecture. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "bun";
import { ARCHITECTURES } from "./architectures.ts";
import { type DebianPackage, readStanzas } from "./debian-index.ts";

const PIN = join(import.meta.dir, "glibc.json");

/** What apt knows about libc6 for these architectures; its own lists stay as they are. */
async function newest(names: readonly string[]): Promise<DebianPackage[]> {
  const lists = mkdtempSync(join(tmpdir(), "netramesh-apt-"));
  mkdirSync(join(lists, "partial"));
  const state = [`Dir::State::lists=${lists}`, "Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache="];
  const wanted = ["APT::Architectures=", ...names.map((name) => `APT::Architectures::=${name}`)];
  const options = [...state, ...wanted].flatMap((option) => ["-o", option]);
  try {
    await $`apt-get ${options} update`.quiet();
    const packages = names.map((name) => `libc6:${name}`);
    return readStanzas(await $`apt-cache ${options} show --no-all-versions ${packages}`.text());
  } finally {
    rmSync(lists, { recursive: true });
  }
}

const packages = await newest(ARCHITECTURES.map(({ name }) => name));
const versions = new Set(packages.map(({ version }) => version));
if (versions.size !== 1)
  throw new Error(`the architectures have different versions: ${[...versions].join(", ")}`);
const release = (await Bun.file("/etc/os-release").text()).match(/^VERSION_ID="?(\d+)/m)![1];
const files = Object.fromEntries(
  packages.map(({ architecture, path, sha256 }) => [architecture, { path, sha256 }]),
);
const [version] = versions;
const pin = { package: "libc6", version, distribution: `debian-${release}`, files };
await Bun.write(PIN, `${JSON.stringify(pin, null, 2)}\n`);
process.stdout.write(`pinned libc6 ${version} for ${Object.keys(files).join(" and ")}\n`);
