/** An architecture of the image. */
export interface Architecture {
  /** What OCI and Debian both call it. */
  readonly name: "amd64" | "arm64";
  /** What Bun calls it: as the platform of `process`, as a target of `bun build`, as an npm package. */
  readonly process: string;
  readonly target: string;
  readonly runtime: string;
  /** Where Debian keeps its libraries, and where its binaries look for their loader. */
  readonly triplet: string;
  readonly loader: string;
  /** What runs its binaries elsewhere (Debian's qemu-user-static). */
  readonly emulator: string;
}

export const ARCHITECTURES: readonly Architecture[] = [
  {
    name: "amd64",
    process: "x64",
    target: "bun-linux-x64",
    runtime: "@oven/bun-linux-x64",
    triplet: "x86_64-linux-gnu",
    loader: "lib64/ld-linux-x86-64.so.2",
    emulator: "qemu-x86_64-static",
  },
  {
    name: "arm64",
    process: "arm64",
    target: "bun-linux-arm64",
    runtime: "@oven/bun-linux-aarch64",
    triplet: "aarch64-linux-gnu",
    loader: "lib/ld-linux-aarch64.so.1",
    emulator: "qemu-aarch64-static",
  },
];

/** A cause that whoever builds the image can do something about; its message says what. */
export class BuildError extends Error {}
