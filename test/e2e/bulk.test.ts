/** Many bytes, slow readers: nothing is lost, and the sidecar keeps no more than it must. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import type { Peer } from "../proxy/peer.ts";
import { HTTP_PORT, OPAQUE_PORT, openLab, type Sidecar, startMeshed, TEST_TIMEOUT_MS } from "./harness.ts";
import { link, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const MIB = 1024 * 1024;
const SIZE = 64 * MIB;
const STALL_MS = 1000;
/** Without pausing, each direction would hold all but the 10 MiB or so that the kernel's buffers take. */
const STALLED_GROWTH_BYTES = 16 * MIB;
/** While bytes flow, garbage waits for its collector. */
const FLOWING_GROWTH_BYTES = 48 * MIB;

const payload = randomBytes(SIZE);
const framing = `Content-Length: ${SIZE}\r\n\r\n`;
/** With its id, and no tracing, nothing is inserted: the bytes must be the same. */
const request = Buffer.concat([Buffer.from(`POST / HTTP/1.1\r\nX-Request-Id: 1\r\n${framing}`), payload]);
const response = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${framing}`), payload]);

let lab: Lab;
let pod: Pod;
let outside: Pod;
let sidecar: Sidecar;
const servers: Server[] = [];

beforeAll(async () => {
  lab = openLab("bulk");
  pod = lab.pod("pod");
  outside = lab.pod("outside");
  for (const port of [OPAQUE_PORT, HTTP_PORT]) servers.push(new Server(pod, port));
  sidecar = await startMeshed(pod, { env: { JAEGER_DISABLED: "true" } });
});
afterAll(() => {
  for (const server of servers) server.close();
  lab.close();
});

function md5(bytes: Uint8Array): string {
  return new Bun.CryptoHasher("md5").update(bytes).digest("hex");
}

/** Reads nothing for a while, then in sips, to the end. The most that the sidecar's memory grew in each phase. */
async function readSlowly(readers: readonly Peer[]): Promise<{ stalled: number; flowing: number }> {
  const before = sidecar.anonymousBytes;
  for (const { socket } of readers) socket.pause();
  await Bun.sleep(STALL_MS);
  const stalled = sidecar.anonymousBytes - before;
  let flowing = 0;
  while (readers.some(({ ending }) => ending === "open")) {
    for (const { socket } of readers) socket.resume();
    await Bun.sleep(2);
    for (const { socket } of readers) socket.pause();
    await Bun.sleep(2);
    flowing = Math.max(flowing, sidecar.anonymousBytes - before);
  }
  return { stalled, flowing };
}

describe("64 MiB each way arrive whole past slow readers, in bounded memory", () => {
  test.each([
    ["unread", OPAQUE_PORT, 0],
    ["as HTTP", HTTP_PORT, 1],
  ])("%s", async (_, port, index) => {
    const { client, server } = await link(outside, pod.ip4, port, servers[index]!);
    client.countOnly().send(request).fin();
    await server.countOnly().until(({ receivedBytes }) => receivedBytes > 0);
    server.send(response).fin();
    const { stalled, flowing } = await readSlowly([client, server]);
    expect(stalled).toBeLessThan(STALLED_GROWTH_BYTES);
    expect(flowing).toBeLessThan(FLOWING_GROWTH_BYTES);
    expect([client.ending, server.ending]).toEqual(["fin", "fin"]);
    expect(client.hash.digest("hex")).toBe(md5(response));
    expect(server.hash.digest("hex")).toBe(md5(request));
  });
});
