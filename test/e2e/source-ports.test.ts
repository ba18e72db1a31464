/** The kernel remembers a connection for longer than it lasts. What it remembers must not decide for the next one. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Peer } from "../proxy/peer.ts";
import { HTTP_PORT, TEST_TIMEOUT_MS } from "./harness.ts";
import { Stage } from "./stage.ts";
import { dial } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

/** What applications choose, outside the range from which the kernel chooses. */
let freePort = 20_000;

const RESPONSE = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";

interface Call {
  readonly client: Peer;
  readonly server: Peer;
  /** Where it came from, in the eyes of the server. */
  readonly sidecarPort: number;
}

/** An application's request from a port that it chose itself, and the beginning of the response. */
async function call(stage: Stage, ip: string, port: number, id: string): Promise<Call> {
  let dialled!: Promise<Peer>;
  const server = await stage.next("outbound", HTTP_PORT, () => {
    dialled = dial(stage.pod, ip, HTTP_PORT, port);
  });
  const sidecarPort = server.socket.remotePort;
  const client = await dialled;
  client.send(`GET / HTTP/1.1\r\nX-Request-Id: ${id}\r\n\r\n`);
  await server.until(({ text }) => text.endsWith("\r\n\r\n"));
  server.send(RESPONSE);
  await client.until(({ text }) => text.endsWith("\r\n\r\n"));
  return { client, server, sidecarPort };
}

async function finish({ client, server }: Call): Promise<void> {
  server.send("done").fin();
  await client.over();
  client.fin();
}

async function reset({ client, server }: Call): Promise<void> {
  server.rst();
  await client.until(({ ending }) => ending === "rst");
}

describe.each(["nft", "iptables"])("with rules by %s, after a reset by the server", (backend) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open("ports", {}, { NETRA_BACKEND: backend, PATH: process.env.PATH! });
  });
  afterAll(() => stage.close());

  describe.each(["ip4", "ip6"] as const)("over %s", (family) => {
    test("the sidecar's connection from the port of an application's goes to the server", async () => {
      const [before, port] = [freePort++, freePort++];
      await reset(await call(stage, stage.outside[family], before, `${backend} ${family} before`));
      stage.pod.sysctl("net.ipv4.ip_local_port_range", `${before} ${before}`);
      const id = `${backend} ${family} inside`;
      const after = await call(stage, stage.outside[family], port, id);
      stage.pod.sysctl("net.ipv4.ip_local_port_range", "32768 60999");
      await finish(after);
      expect([after.sidecarPort, (await stage.agent.spans(1, id)).length]).toEqual([before, 1]);
    });

    test("an application's connection from the port of the sidecar's goes through the sidecar", async () => {
      const first = await call(stage, stage.outside[family], freePort++, `${backend} ${family} first`);
      await reset(first);
      const id = `${backend} ${family} around`;
      const after = await call(stage, stage.outside[family], first.sidecarPort, id);
      await finish(after);
      expect(after.sidecarPort).not.toBe(first.sidecarPort);
      expect(await stage.agent.spans(1, id)).toHaveLength(1);
    });
  });
});
