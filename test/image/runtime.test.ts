import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { ARCHITECTURES } from "../../scripts/image/architectures.ts";
import { fetchRuntime } from "../../scripts/image/runtime.ts";

const ARM64 = ARCHITECTURES[1]!;

test("a Bun whose hash is not the locked one is thrown away, not used", async () => {
  const folder = mkdtempSync(join(tmpdir(), "netramesh-runtime-"));
  const tarball = join(folder, `oven-bun-linux-aarch64-${manifest.devDependencies.bun}.tgz`);
  writeFileSync(tarball, "other bytes");
  await expect(fetchRuntime(ARM64, folder)).rejects.toThrow(
    /has the hash sha512-.*, but bun.lock says sha512-/,
  );
  expect(existsSync(tarball)).toBe(false);
  rmSync(folder, { recursive: true });
});
