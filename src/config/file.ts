/** Reading the file that NETRA_CONFIG_FILE names. */
import type { Environment } from "../env.ts";
import type { FileText } from "./file-text.ts";

/** Ten times what all variables take. It is parsed on the event loop, where traffic waits meanwhile. */
const MAX_BYTES = 64 * 1024;

/** A file as its watcher sees it; both reject with a message for people. */
export interface ReadableFile {
  /** Another text whenever the content may be another. */
  stamp(): Promise<string>;
  read(): Promise<string>;
}

/** Symbolic links are followed each time: a ConfigMap changes by changing those. */
export function fileAt(path: string): ReadableFile {
  return {
    async stamp() {
      const stats = await Bun.file(path).stat();
      // Reading from a pipe waits for ever, and a device may have no end.
      if (!stats.isFile()) throw new Error("it is not a regular file");
      const { dev, ino, size, mtimeMs, ctimeMs } = stats;
      if (size > MAX_BYTES) throw new Error(`it has ${size} bytes, more than ${MAX_BYTES}`);
      return [dev, ino, size, mtimeMs, ctimeMs].join();
    },
    read: () => Bun.file(path).text(),
  };
}

/** The parser comes with the first file: who has none need not hold it in memory. */
export async function parseFile(text: string): Promise<FileText> {
  const { parseFileText } = await import("./file-text.ts");
  return parseFileText(text);
}

export interface LoadedFile extends FileText {
  /** What was read; empty if nothing was. */
  readonly text: string;
}

/** The file as it is now; not being able to read it is a problem like others. */
export async function loadFile(path: string): Promise<LoadedFile> {
  const file = fileAt(path);
  try {
    await file.stamp();
    const text = await file.read();
    const { values, problems } = await parseFile(text);
    return { text, values, problems: problems.map((problem) => `${path}: ${problem}`) };
  } catch (error) {
    const problem = `NETRA_CONFIG_FILE=${JSON.stringify(path)}: ${(error as Error).message}`;
    return { text: "", values: {}, problems: [problem] };
  }
}

const NO_FILE: LoadedFile = { text: "", values: {}, problems: [] };

/** All variables of a process: its own, and those of the file that NETRA_CONFIG_FILE names, if it names one. */
export async function loadEnvironment(
  own: Environment,
): Promise<{ file: LoadedFile; environment: Environment }> {
  const path = own.NETRA_CONFIG_FILE;
  const file = path ? await loadFile(path) : NO_FILE;
  return { file, environment: withFile(file.values, own) };
}

/** Both together: a variable that the environment sets, and be it alike, is not the file's. */
export function withFile(values: Environment, environment: Environment): Environment {
  const set = Object.entries(environment).filter(([, text]) => text);
  return { ...values, ...Object.fromEntries(set) };
}
