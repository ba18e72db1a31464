/** What happens during a soak, second by second. */
import type { DriverReport } from "./driver.ts";
import type { Ending, Sample } from "./judge.ts";
import { readReports } from "./lines.ts";
import type { ProbeReport } from "./probe.ts";
import type { World } from "./world.ts";

const DIRECTIONS = ["inbound", "outbound"] as const;
const SAMPLE_EVERY_MS = 1000;
const FAILURES_KEPT = 1000;
/** Turns end within seconds, and so do connections that are half closed. */
const LAST_TURNS_MS = 70_000;
const CLOSING_MS = 30_000;
const POLL_MS = 100;

export class Watch {
  readonly samples: Sample[] = [];
  readonly failures: string[] = [];
  readonly #exchanges: Record<string, number> = {};
  readonly #filesBefore: number;
  readonly #startedMs = performance.now();
  readonly #drivers: Bun.Subprocess[];
  readonly #reading: Promise<void>[];
  readonly #probe: Bun.Subprocess;
  readonly #sampling: Timer;
  #lag: ProbeReport = { throughP99Ms: 0, directP99Ms: 0 };

  /** Sends the clients off. */
  constructor(readonly world: World) {
    this.#filesBefore = world.files;
    this.#drivers = DIRECTIONS.map((direction) => world.startDriver(direction));
    this.#reading = this.#drivers.map((driver, i) =>
      readReports<DriverReport>(driver, (report) => this.#note(DIRECTIONS[i]!, report)),
    );
    this.#probe = world.startProbe();
    void readReports<ProbeReport>(this.#probe, (report) => (this.#lag = report));
    this.#sampling = setInterval(() => this.#sample(), SAMPLE_EVERY_MS);
  }

  /** Since the clients were sent off. */
  get elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  /** Calls the clients back, waits until the sidecar has nothing left to do, and ends it. */
  async end(): Promise<Ending> {
    clearInterval(this.#sampling);
    if (this.#probe.exitCode !== null) this.failures.push("probe: it died");
    this.#probe.kill("SIGKILL");
    for (const driver of this.#drivers) driver.kill("SIGTERM");
    const done = Promise.all([...this.#reading, ...this.#drivers.map(({ exited }) => exited)]);
    await Promise.race([done, Bun.sleep(LAST_TURNS_MS)]);
    for (const [i, { exitCode }] of this.#drivers.entries()) {
      if (exitCode !== 0)
        this.failures.push(`${DIRECTIONS[i]}: its clients ended with exit code ${exitCode}`);
    }
    const filesAfter = this.world.isAlive ? await this.#filesLeft() : this.#filesBefore;
    return {
      filesBefore: this.#filesBefore,
      filesAfter,
      exchanges: this.#exchanges,
      failures: this.failures,
      configsWritten: this.world.config.changes,
      configsTaken: this.world.configsTaken,
      exitCode: await this.world.endSidecar(),
    };
  }

  #note(direction: string, { exchanges, failures }: DriverReport): void {
    for (const [activity, count] of Object.entries(exchanges))
      this.#exchanges[`${direction} ${activity}`] = count;
    const room = FAILURES_KEPT - this.failures.length;
    this.failures.push(...failures.slice(0, room).map((failure) => `${direction} ${failure}`));
  }

  #sample(): void {
    if (!this.world.isAlive) {
      this.failures.push("the sidecar died");
      clearInterval(this.#sampling);
      return;
    }
    const { anonBytes, files, cpuMs } = this.world;
    const exchanges = Object.values(this.#exchanges).reduce((sum, count) => sum + count, 0);
    this.samples.push({ atMs: this.elapsedMs, anonBytes, files, cpuMs, ...this.#lag, exchanges });
  }

  async #filesLeft(): Promise<number> {
    const deadline = performance.now() + CLOSING_MS;
    while (this.world.files > this.#filesBefore && performance.now() < deadline) await Bun.sleep(POLL_MS);
    return this.world.files;
  }
}
