/** What a figure depends on besides the program. */
import { cpus, loadavg, release, totalmem } from "node:os";

export interface Machine {
  readonly kernel: string;
  readonly cores: number;
  readonly processor: string;
  readonly memoryBytes: number;
  /** Of the last minute; the run itself makes about 2. More than that is neighbours. */
  readonly load: number;
  readonly versions: Readonly<Record<string, string>>;
}

const VERSIONS: Record<string, string[]> = {
  nginx: ["nginx", "-v"],
  haproxy: ["haproxy", "-v"],
  wrk: ["wrk", "-v"],
};

/** This machine and the programs on it. */
export function describeMachine(): Machine {
  const programs = Object.entries(VERSIONS).map(([name, command]) => [name, versionOf(command)]);
  return {
    kernel: release(),
    cores: cpus().length,
    processor: cpus()[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    load: loadavg()[0]!,
    versions: { bun: Bun.version, ...Object.fromEntries(programs) },
  };
}

/** The first version number in what the program says; some say it on stderr, and wrk with an exit code. */
function versionOf(command: string[]): string {
  const { stdout, stderr } = Bun.spawnSync(command);
  return /\d+\.\d+[\w.-]*/.exec(`${stdout}${stderr}`)?.[0] ?? "unknown";
}
