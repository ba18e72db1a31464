/** Where a command reads and writes: `out` takes manifests, `err` what is said about them. */
export interface Streams {
  /** Whether standard input is a person. */
  readonly isTerminal: boolean;
  readonly readInput: () => Promise<Uint8Array>;
  readonly readFile: (path: string) => Promise<Uint8Array>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}
