/** A Prometheus server in a pod, asked by the test. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pod } from "../../examples/lab/pod.ts";
import { get } from "./metrics-scene.ts";

const PORT = 9090;
const JOB = "netramesh";

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [atSeconds: number, value: string];
}

interface Answer {
  readonly status: "success" | "error";
  readonly error?: string;
  readonly data: unknown;
}

export class Prometheus {
  private constructor(
    readonly pod: Pod,
    readonly directory: string,
  ) {}

  /** Scrapes `target` once a second. */
  static async start(pod: Pod, target: string): Promise<Prometheus> {
    const directory = mkdtempSync(join(tmpdir(), "netramesh-prometheus-"));
    const config = {
      global: { scrape_interval: "1s", scrape_timeout: "1s" },
      scrape_configs: [{ job_name: JOB, static_configs: [{ targets: [target] }] }],
    };
    // JSON is YAML.
    writeFileSync(join(directory, "prometheus.yml"), JSON.stringify(config));
    const flags = [
      `--config.file=${join(directory, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=${pod.ip4}:${PORT}`,
      "--enable-feature=exemplar-storage",
      "--log.level=error",
    ];
    pod.spawn([Bun.which("prometheus")!, ...flags], { stdout: "ignore", stderr: "ignore" });
    await pod.waitForPort(PORT);
    const prometheus = new Prometheus(pod, directory);
    await prometheus.#becomesReady();
    return prometheus;
  }

  /** It answers long before it can be asked. */
  async #becomesReady(): Promise<void> {
    for (let i = 0; i < 200; i++) {
      if (/ready/i.test(await get(this.pod, this.pod.ip4, PORT, "/-/ready"))) return;
      await Bun.sleep(50);
    }
    throw new Error("Prometheus does not become ready");
  }

  /** The samples of an instant query; throws if it is none. */
  async query(query: string): Promise<readonly Sample[]> {
    const { result } = (await this.#ask(`/api/v1/query?${new URLSearchParams({ query })}`)) as {
      result: readonly Sample[];
    };
    return result;
  }

  /** The trace ids of the exemplars that a query of buckets finds within the last hour. */
  async exemplars(query: string): Promise<string[]> {
    const end = Date.now() / 1000;
    const range = { query, start: `${end - 3600}`, end: `${end + 60}` };
    const found = (await this.#ask(`/api/v1/query_exemplars?${new URLSearchParams(range)}`)) as {
      exemplars: { labels: { trace_id: string } }[];
    }[];
    return found.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id));
  }

  /** Why the last scrape failed; empty if it did not. */
  async lastError(): Promise<string> {
    const { activeTargets } = (await this.#ask("/api/v1/targets")) as {
      activeTargets: { lastError: string }[];
    };
    return activeTargets[0]!.lastError;
  }

  /** Its process ends with the lab. */
  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #ask(path: string): Promise<unknown> {
    const body = await get(this.pod, this.pod.ip4, PORT, path);
    const answer = JSON.parse(body) as Answer;
    if (answer.status !== "success") throw new Error(answer.error);
    return answer.data;
  }
}
