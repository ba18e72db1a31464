import { $ } from "bun";

/**
 * Makes sure that programs are there, installing their Debian packages where apt-get can. `packageOf` maps program
 * to package. Returns what is still missing, as `program (package)`.
 */
export async function installTools(packageOf: Readonly<Record<string, string>>): Promise<string[]> {
  const missing = () => Object.keys(packageOf).filter((program) => Bun.which(program) === null);
  const packages = [...new Set(missing().map((program) => packageOf[program]!))];
  if (packages.length > 0 && Bun.which("apt-get") !== null && process.getuid!() === 0) {
    process.stdout.write(`installing ${packages.join(", ")} with apt-get\n`);
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    await $`apt-get update -qq`.env(env).nothrow().quiet();
    await $`apt-get install -y -qq --no-install-recommends ${packages}`.env(env).nothrow().quiet();
  }
  return missing().map((program) => `${program} (${packageOf[program]})`);
}
