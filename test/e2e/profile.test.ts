/** A profile of the built binary under load names the functions of its sources. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode } from "../admin/pprof/decoded.ts";
import { ask } from "./asking.ts";
import { PPROF_PORT, TEST_TIMEOUT_MS } from "./harness.ts";
import { Stage } from "./stage.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const LOOPBACK = "127.0.0.1";
const EXCHANGES_PER_CONNECTION = 50;
const ANSWER = "HTTP/1.1 204 No Content\r\n\r\n";

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open("profile");
  await stage.pod.waitForPort(PPROF_PORT);
});
afterAll(() => stage.close());

/** Exchanges through the sidecar until stopped, some on each connection. */
async function load(stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const { client, server } = await stage.connect("inbound");
    for (let i = 1; i <= EXCHANGES_PER_CONNECTION; i++) {
      client.send("GET /load HTTP/1.1\r\nHost: x\r\nUser-Agent: a\r\nCookie: c=d\r\n\r\n");
      await server.until(({ text }) => text.split("\r\n\r\n").length === i + 1);
      server.send(ANSWER);
      await client.until(({ receivedBytes }) => receivedBytes === i * ANSWER.length);
    }
    client.rst();
  }
}

const profile = async (seconds: number) =>
  ask(stage.pod, LOOPBACK, PPROF_PORT, `GET /debug/pprof/profile?seconds=${seconds}`);

/** What Go's own tool makes of a profile. */
async function topOf(profile: Uint8Array): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "netramesh-pprof-"));
  try {
    const file = join(directory, "profile");
    await Bun.write(file, profile);
    const env = { ...process.env, HOME: directory, PPROF_TMPDIR: directory };
    const go = Bun.spawnSync(["go", "tool", "pprof", "-top", "-cum", file], { env });
    return `${go.stdout}${go.stderr}`;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

test("a profile under load, while a second one is refused", async () => {
  const stop = new AbortController();
  const loading = load(stop.signal);
  const first = profile(2);
  await Bun.sleep(500);
  expect(await profile(1)).toMatchObject({ status: 429 });
  const { status, head, body } = await first;
  stop.abort();
  await loading;
  expect(status).toBe(200);
  expect(head).toContain("Content-Type: application/octet-stream");
  const { samples, profile: pprof } = decode(Buffer.from(body, "latin1"));
  const functions = new Set(samples.flatMap(({ stack }) => stack));
  expect([...functions]).toContain("clientData");
  expect(pprof.stringTable.strings.some((text) => text.endsWith("src/mesh/http-handler.ts"))).toBe(true);
  expect(await topOf(Buffer.from(body, "latin1"))).toMatch(/flat%.*\n(.*\n)*.* clientData/);
});

test("a heap snapshot of the running binary", async () => {
  const { status, body } = await ask(stage.pod, LOOPBACK, PPROF_PORT, "GET /debug/pprof/heap");
  expect(status).toBe(200);
  expect(JSON.parse(body).snapshot.node_count).toBeGreaterThan(1000);
});

test("cmdline is how it was started", async () => {
  const { body } = await ask(stage.pod, LOOPBACK, PPROF_PORT, "GET /debug/pprof/cmdline");
  expect(body.split("\0").slice(1)).toEqual(["--service-name", "service", ""]);
});
