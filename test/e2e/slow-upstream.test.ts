/** What a client sends before its upstream is connected waits, and must not change meanwhile. */
import { afterAll, beforeAll, setDefaultTimeout, test } from "bun:test";
import { expectReceived, INSERTED } from "./expected.ts";
import { HTTP_PORT, OPAQUE_PORT, TEST_TIMEOUT_MS } from "./harness.ts";
import { Stage } from "./stage.ts";
import { dial } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

/** Nobody's until a test gives it to the pod outside: until then the kernel asks around, for up to 3 s. */
const LATE = ["198.18.5.1", "198.18.5.2", "198.18.5.3"];

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open("slow");
});
afterAll(() => stage.close());

test("a request that waits for its upstream is not mixed up with those of other connections", async () => {
  const waiting = await dial(stage.pod, LATE[0]!, HTTP_PORT);
  const mine = "GET /mine HTTP/1.1\r\nHost: mine.example\r\n";
  waiting.send(`${mine}\r\n`).fin();
  for (let i = 0; i < 3; i++) {
    const { client, server } = await stage.connect("outbound");
    client.send(`GET /theirs HTTP/1.1\r\nAuthorization: Bearer theirs\r\n\r\n`).fin();
    await server.over();
    server.fin();
    await client.over();
  }
  const server = await stage.next("outbound", HTTP_PORT, () => stage.outside.addIp(`${LATE[0]}/15`));
  await server.over();
  await expectReceived(server, `${mine}${INSERTED.outbound}\r\n`);
  server.send("HTTP/1.1 204 No Content\r\n\r\n").fin();
  await waiting.over();
});

test.each([
  ["on an opaque port", OPAQUE_PORT, 1],
  ["on an HTTP port, as the body of a request", HTTP_PORT, 2],
])("a megabyte and a FIN that wait for their upstream arrive whole %s", async (_, port, late) => {
  const waiting = await dial(stage.pod, LATE[late]!, port);
  const body = "0123456789abcdef".repeat(65536);
  const lines = port === HTTP_PORT ? INSERTED.outbound : "";
  const head = `PUT / HTTP/1.1\r\nContent-Length: ${body.length}\r\n`;
  waiting.send(`${head}\r\n${body}`).fin();
  const server = await stage.next("outbound", port, () => stage.outside.addIp(`${LATE[late]}/15`));
  await server.over();
  await expectReceived(server, `${head}${lines}\r\n${body}`);
  server.send("HTTP/1.1 204 No Content\r\n\r\n").fin();
  await waiting.over();
});

test("a client that resets while its upstream is being dialled leaves nothing behind", async () => {
  stage.pod.sysctl("net.ipv4.tcp_syn_retries", 1);
  const files = stage.sidecar.files;
  const clients = await Promise.all(
    Array.from({ length: 10 }, () => dial(stage.pod, "198.18.5.9", HTTP_PORT)),
  );
  for (const client of clients) client.send("GET / HTTP/1.1\r\n\r\n").rst();
  await stage.sidecar.keeps(files);
});
