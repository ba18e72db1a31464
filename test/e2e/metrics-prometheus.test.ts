/** A Prometheus server scrapes the sidecar, and the dashboards' queries find something in what it stored. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { filledIn, queries } from "./grafana.ts";
import { METRICS_PORT, TEST_TIMEOUT_MS } from "./harness.ts";
import { MetricsScene } from "./metrics-scene.ts";
import { Prometheus } from "./prometheus.ts";

setDefaultTimeout(2 * TEST_TIMEOUT_MS);

/** Time for a rate to be known: two scrapes, and the traffic between them. */
const RATE_INTERVAL = "15s";
const PATIENCE_MS = 20_000;

let scene: MetricsScene;
let prometheus: Prometheus;
let isOver = false;
let load: Promise<void>;
beforeAll(async () => {
  scene = await MetricsScene.open("prom");
  prometheus = await Prometheus.start(scene.outside, `${scene.pod.ip4}:${METRICS_PORT}`);
  load = keepBusy();
});
afterAll(async () => {
  isOver = true;
  await load;
  prometheus.close();
  scene.close();
});

async function keepBusy(): Promise<void> {
  while (!isOver) {
    await scene.traffic();
    await Bun.sleep(100);
  }
}

/** How many numbers a query finds, once it finds any. */
async function findings(query: string): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const numbers = (await prometheus.query(query)).filter(({ value }) => !Number.isNaN(Number(value[1])));
    if (numbers.length > 0 || performance.now() > deadline) return numbers.length;
    await Bun.sleep(250);
  }
}

test("Prometheus can read what it is given", async () => {
  expect(await findings("up == 1")).toBe(1);
  expect(await prometheus.lastError()).toBe("");
});

test("it keeps the traces of sampled requests", async () => {
  expect(await findings("http_server_request_duration_seconds_bucket")).toBeGreaterThan(0);
  const ids = await prometheus.exemplars("http_server_request_duration_seconds_bucket");
  expect(ids.length).toBeGreaterThan(0);
  for (const id of ids) expect(id).toMatch(/^[\da-f]{32}$/);
});

test("Grafana finds the service", async () => {
  const [only] = await prometheus.query("target_info");
  expect(only!.metric.service_name).toBe("shop");
});

describe("a panel finds data:", () => {
  test.each(queries())("$panel: $expr", async ({ expr }) => {
    expect(await findings(filledIn(expr, RATE_INTERVAL))).toBeGreaterThan(0);
  });
});
