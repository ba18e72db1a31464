import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

const FILE = "mesh.yaml";

/** A mounted ConfigMap with one file: that is a link into `..data`, itself a link that the kubelet swaps. */
export class ConfigMap {
  readonly #dir = mkdtempSync(`${tmpdir()}/netra-e2e-config-`);
  #versions = 0;

  constructor(text: string) {
    chmodSync(this.#dir, 0o755);
    this.update(text);
    symlinkSync(`..data/${FILE}`, this.path);
  }

  get path(): string {
    return `${this.#dir}/${FILE}`;
  }

  /** As the kubelet does it (pkg/volume/util/atomic_writer.go): a new directory, a new link, and a rename of that. */
  update(text: string): void {
    const version = `..v${++this.#versions}`;
    mkdirSync(`${this.#dir}/${version}`, { mode: 0o755 });
    writeFileSync(`${this.#dir}/${version}/${FILE}`, text, { mode: 0o644 });
    symlinkSync(version, `${this.#dir}/..data_tmp`);
    renameSync(`${this.#dir}/..data_tmp`, `${this.#dir}/..data`);
    rmSync(`${this.#dir}/..v${this.#versions - 1}`, { recursive: true, force: true });
  }

  remove(): void {
    rmSync(this.#dir, { recursive: true });
  }
}
