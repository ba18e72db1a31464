/**
 * A proxy in a process of its own, so that its memory, descriptors and CPU can be read from outside.
 * Run as a script, it is that process: it leads every connection to the port given, and prints its own port.
 */
import { readdirSync, readFileSync } from "node:fs";
import { RelayBench } from "./relay-bench.ts";

if (import.meta.main) {
  const bench = new RelayBench({ ip: "127.0.0.1", port: Number(process.argv[2]) });
  await Bun.write(Bun.stdout, `${bench.proxy.port}\n`);
}

export class RelayProcess {
  private constructor(
    private readonly child: Bun.Subprocess,
    readonly port: number,
  ) {}

  static async start(upstreamPort: number): Promise<RelayProcess> {
    const child = Bun.spawn([process.execPath, import.meta.path, String(upstreamPort)], { stdout: "pipe" });
    const { value } = await child.stdout.getReader().read();
    return new RelayProcess(child, Number(new TextDecoder().decode(value)));
  }

  get openFds(): number {
    return readdirSync(`/proc/${this.child.pid}/fd`).length;
  }

  get anonymousBytes(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, "utf8");
    return Number(/RssAnon:\s+(\d+)/.exec(status)![1]) * 1024;
  }

  /** User and system time so far, in ticks of 10 ms. */
  get cpuTicks(): number {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return Number(fields[11]) + Number(fields[12]);
  }

  close(): void {
    this.child.kill("SIGKILL");
  }
}
