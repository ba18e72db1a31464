/** The image itself, for all architectures in one OCI archive, made by buildah: no daemon, no network. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { $ } from "bun";
import type { Architecture } from "./architectures.ts";

const LIST = "netramesh";

export interface ImageOptions {
  /** The directory of the Dockerfile. */
  readonly context: string;
  readonly architectures: readonly Architecture[];
  /** Seconds since 1970: the time of the image and of every file in it. */
  readonly epoch: number;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Writes `archive`, which must not be there. The same context, epoch and labels give the same digest; with another buildah the compressed
 * layers may differ. One architecture after the other, because their order is part of the index.
 */
export async function buildArchive(archive: string, options: ImageOptions): Promise<void> {
  const storage = mkdtempSync(join(tmpdir(), "netramesh-buildah-"));
  const at = ["--storage-driver", "vfs", "--root", join(storage, "root"), "--runroot", join(storage, "run")];
  const { context, epoch } = options;
  const same = [
    "--isolation",
    "chroot",
    "--identity-label=false",
    "--timestamp",
    String(epoch),
    ...labels(options),
  ];
  try {
    for (const { name } of options.architectures) {
      await $`buildah ${at} build -q ${same} --platform linux/${name} --manifest ${LIST} ${context}`.quiet();
    }
    await $`buildah ${at} manifest push -q --all ${LIST} oci-archive:${archive}`.quiet();
  } finally {
    rmSync(storage, { recursive: true, force: true });
  }
}

function labels({ labels }: ImageOptions): string[] {
  return Object.entries(labels).flatMap(([name, value]) => ["--label", `${name}=${value}`]);
}
