/** What is in an OCI archive: https://github.com/opencontainers/image-spec/blob/main/image-layout.md. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";

interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly architecture: string };
}

/** The part of an image's configuration that says how it is run. */
export interface ImageConfig {
  readonly created: string;
  readonly architecture: string;
  readonly config: {
    readonly User: string;
    readonly Env: readonly string[];
    readonly Entrypoint: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
  };
}

/** The image of one architecture. */
export interface Image {
  /** Of its manifest: what pins it. */
  readonly digest: string;
  readonly config: ImageConfig;
  readonly compressedBytes: number;
  readonly layers: readonly string[];
}

/** An unpacked archive. */
export class Archive {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Unpacks `tar` into `folder`, which is made. */
  static async open(tar: string, folder: string): Promise<Archive> {
    mkdirSync(folder, { recursive: true });
    await $`tar -xf ${tar} -C ${folder}`.quiet();
    return new Archive(folder);
  }

  /** Architectures in the order of the index, and the image of each. */
  async images(): Promise<Map<string, Image>> {
    const layout = await Bun.file(join(this.#folder, "index.json")).json();
    const index = await this.#read(layout.manifests[0]);
    const images = new Map<string, Image>();
    for (const entry of index.manifests as Descriptor[]) {
      const manifest = await this.#read(entry);
      const config = (await this.#read(manifest.config)) as ImageConfig;
      const layers = manifest.layers as Descriptor[];
      images.set(entry.platform!.architecture, {
        digest: entry.digest,
        config,
        compressedBytes: layers.reduce((sum, { size }) => sum + size, 0),
        layers: layers.map((layer) => this.#path(layer)),
      });
    }
    return images;
  }

  #path({ digest }: Descriptor): string {
    return join(this.#folder, "blobs", digest.replace(":", "/"));
  }

  #read(descriptor: Descriptor) {
    return Bun.file(this.#path(descriptor)).json();
  }
}

/** Lays the layers of an image over each other in `root`, which is made. */
export async function unpack(image: Image, root: string): Promise<void> {
  mkdirSync(root, { recursive: true });
  for (const layer of image.layers) await $`tar -xzf ${layer} -C ${root} --numeric-owner`.quiet();
}
