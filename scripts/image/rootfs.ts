/** The root file system of the image: the binary, the libraries it is linked against, and what says what they are. */
import { chmodSync, copyFileSync, mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Architecture } from "./architectures.ts";

/** Bun names libpthread and libdl although glibc has merged them into libc. Names are resolved by libc itself. */
const LIBRARIES = ["libc.so.6", "libpthread.so.0", "libdl.so.2", "libm.so.6"];
const MOUNT_POINTS = ["proc", "sys", "dev", "tmp", "etc"];
const PASSWD = "root:x:0:0::/:/sbin/nologin\nnetramesh:x:1337:1337::/:/sbin/nologin\n";
const GROUP = "root:x:0:\nnetramesh:x:1337:\n";
const LICENCE = join(import.meta.dir, "..", "..", "LICENSE");

export interface Parts {
  readonly binary: string;
  /** The content of Debian's libc6 package. */
  readonly glibc: string;
  readonly billOfMaterials: string;
}

/** Writes it to `root`, replacing what is there. Modes do not depend on the caller's umask. */
export function assembleRootfs(root: string, architecture: Architecture, parts: Parts): void {
  const { triplet, loader } = architecture;
  const tree = new Tree(root);
  for (const name of MOUNT_POINTS) tree.directory(name);
  tree.copy(parts.binary, "usr/local/bin/netramesh", 0o755);
  tree.copy(join(parts.glibc, loaderFile(architecture)), loader, 0o755);
  for (const library of LIBRARIES) {
    tree.copy(join(parts.glibc, "lib", triplet, library), join("lib", triplet, library), 0o755);
  }
  tree.write("etc/passwd", PASSWD);
  tree.write("etc/group", GROUP);
  tree.write("usr/share/netramesh/sbom.cdx.json", parts.billOfMaterials);
  tree.copy(LICENCE, "usr/share/doc/netramesh/LICENSE", 0o644);
  tree.copy(join(parts.glibc, "usr/share/doc/libc6/copyright"), "usr/share/doc/libc6/copyright", 0o644);
}

/** What the package has at the loader's path is a link, on amd64 an absolute one. */
function loaderFile({ triplet, loader }: Architecture): string {
  return join("lib", triplet, loader.split("/").at(-1)!);
}

class Tree {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root, { recursive: true });
    chmodSync(root, 0o755);
  }

  directory(path: string): void {
    if (path === ".") return;
    this.directory(dirname(path));
    mkdirSync(join(this.#root, path), { recursive: true });
    chmodSync(join(this.#root, path), 0o755);
  }

  copy(from: string, path: string, mode: number): void {
    this.directory(dirname(path));
    copyFileSync(realpathSync(from), join(this.#root, path));
    chmodSync(join(this.#root, path), mode);
  }

  write(path: string, text: string): void {
    this.directory(dirname(path));
    writeFileSync(join(this.#root, path), text);
    chmodSync(join(this.#root, path), 0o644);
  }
}
