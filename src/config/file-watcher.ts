import type { ReadableFile } from "./file.ts";

export interface FileWatcherOptions {
  readonly file: ReadableFile;
  /** The text that is known already. */
  readonly text: string;
  /** Calls `task` after a while; for good, until the process ends. */
  readonly later: (task: () => void) => void;
  /** Takes each new text; the next look waits for it. */
  readonly changed: (text: string) => Promise<void>;
  /** The file cannot be read; once for each reason. */
  readonly failed: (why: string) => void;
}

/**
 * Looks at a file again and again. Nothing tells when a ConfigMap changes: it swaps a link to a directory above the
 * file, which a watch on the file does not see.
 */
export class FileWatcher {
  readonly #options: FileWatcherOptions;
  #text: string;
  #stamp = "";
  #failure = "";

  constructor(options: FileWatcherOptions) {
    this.#options = options;
    this.#text = options.text;
  }

  start(): void {
    this.#options.later(() => void this.#look());
  }

  async #look(): Promise<void> {
    try {
      await this.#readIfChanged();
      this.#failure = "";
    } catch (error) {
      this.#fail((error as Error).message);
    }
    this.start();
  }

  async #readIfChanged(): Promise<void> {
    const { file, changed } = this.#options;
    // First the stamp: should the file change in between, the next stamp is another one.
    const stamp = await file.stamp();
    if (stamp === this.#stamp) return;
    const text = await file.read();
    this.#stamp = stamp;
    if (text === this.#text) return;
    this.#text = text;
    await changed(text);
  }

  #fail(why: string): void {
    this.#stamp = "";
    if (why === this.#failure) return;
    this.#failure = why;
    this.#options.failed(why);
  }
}
