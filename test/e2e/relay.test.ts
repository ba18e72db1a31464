/** What the sidecar does to one end of a connection is what was done to the other: bytes, FIN, RST, silence. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { HTTP_PORT, OPAQUE_PORT, openLab, type Sidecar, startMeshed, TEST_TIMEOUT_MS } from "./harness.ts";
import { type Link, link, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const BODY = "0123456789".repeat(50_000);

let lab: Lab;
let pod: Pod;
let outside: Pod;
let sidecar: Sidecar;
let idleFiles: number;
const servers = new Map<string, Server>();

beforeAll(async () => {
  lab = openLab("relay");
  pod = lab.pod("pod");
  outside = lab.pod("outside");
  for (const port of [OPAQUE_PORT, HTTP_PORT]) {
    servers.set(`inbound ${port}`, new Server(pod, port));
    servers.set(`outbound ${port}`, new Server(outside, port));
  }
  sidecar = await startMeshed(pod);
  idleFiles = sidecar.files;
});
afterAll(() => {
  for (const server of servers.values()) server.close();
  lab.close();
});

const paths = ["inbound", "outbound"].flatMap((direction) =>
  [OPAQUE_PORT, HTTP_PORT].map((port): [string, number] => [direction, port]),
);

function connect(direction: string, port: number): Promise<Link> {
  const server = servers.get(`${direction} ${port}`)!;
  return direction === "inbound"
    ? link(outside, pod.ip4, port, server)
    : link(pod, outside.ip6, port, server);
}

describe.each(paths)("%s, port %i", (direction, port) => {
  test("a FIN of the client leaves the answer its way", async () => {
    const { client, server } = await connect(direction, port);
    client.send(BODY).fin();
    await server.over();
    expect(server.text).toBe(BODY);
    expect(client.ending).toBe("open");
    server.send(BODY).fin();
    await client.over();
    expect(client.text).toBe(BODY);
    await sidecar.keeps(idleFiles);
  });

  test("a FIN of the server leaves the client's bytes their way", async () => {
    const { client, server } = await connect(direction, port);
    server.send(BODY).fin();
    await client.over();
    expect(client.text).toBe(BODY);
    expect(server.ending).toBe("open");
    client.send(BODY).fin();
    await server.over();
    expect(server.text).toBe(BODY);
    await sidecar.keeps(idleFiles);
  });

  test("a reset of the client reaches the server as a reset", async () => {
    const { client, server } = await connect(direction, port);
    client.send("x");
    await server.until(({ text }) => text === "x");
    client.rst();
    await server.until(({ ending }) => ending !== "open");
    expect(server.ending).toBe("rst");
    await sidecar.keeps(idleFiles);
  });

  test("a reset of the server reaches the client as a reset", async () => {
    const { client, server } = await connect(direction, port);
    server.send("x");
    await client.until(({ text }) => text === "x");
    server.rst();
    await client.until(({ ending }) => ending !== "open");
    expect(client.ending).toBe("rst");
    await sidecar.keeps(idleFiles);
  });

  test("a reset after the other end's FIN still is a reset", async () => {
    const { client, server } = await connect(direction, port);
    client.fin();
    await server.over();
    server.rst();
    await client.until(({ ending }) => ending !== "open");
    expect(client.ending).toBe("rst");
    await sidecar.keeps(idleFiles);
  });

  test("a server that speaks first is heard at once", async () => {
    const { client, server } = await connect(direction, port);
    server.send("220 ready\r\n");
    await client.until(({ text }) => text === "220 ready\r\n");
    client.send("EHLO a\r\n");
    await server.until(({ text }) => text === "EHLO a\r\n");
    client.rst();
    await sidecar.keeps(idleFiles);
  });
});
