/** A routing value that came with an inbound request reaches the outbound requests that it causes, across services. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Pod } from "../../examples/lab/pod.ts";
import { HTTP_PORT, TEST_TIMEOUT_MS } from "./harness.ts";
import { type Answer, answers, get, RoutingStage } from "./routing-stage.ts";
import { dial, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

/** Where front and cart call, each the next service, with the request id alone. */
const CALL_PORT = 9090;

let stage: RoutingStage;
let cart2: Pod;
let stock2: Pod;
const servers: Server[] = [];
beforeAll(async () => {
  stage = await RoutingStage.open("routing-chain");
  cart2 = stage.lab.pod("cart2");
  stock2 = stage.lab.pod("stock2");
  const http = { NETRA_HTTP_PORTS: `${HTTP_PORT},${CALL_PORT}`, NETRA_HTTP_ROUTING_COOKIE_ENABLED: "true" };
  await stage.start({ ...http, NETRA_ROUTING_CONTEXT_EXPIRATION_MILLISECONDS: "1500" });
  await stage.start(http, cart2);
  servers.push(new Server(stage.pod, CALL_PORT), new Server(cart2, CALL_PORT));
  stage.serve(stock2, "stock2", CALL_PORT);
});
afterAll(() => {
  for (const server of servers) server.close();
  stage.close();
});

/** The request that a server of the chain has received last, once it is complete. */
async function received(server: Server, index: number): Promise<string> {
  const peer = await server.peer(index);
  await peer.until(({ text }) => text.endsWith("\r\n\r\n"));
  return peer.text;
}

/** An application in `pod` calls v1 for `host` with this request id. What comes back waits for the answer. */
async function call(pod: Pod, host: string, requestId: string) {
  const client = await dial(pod, stage.v1.ip4, HTTP_PORT);
  client.send(get("/", `X-Request-Id: ${requestId}`).replace("Host: cart", `Host: ${host}`));
  return async (): Promise<Answer> => (await answers(client, 1))[0]!;
}

test("through two sidecars and three services, though each application passes on its request id alone", async () => {
  const value = `cart=${cart2.ip4}:${CALL_PORT},stock=${stock2.ip4}:${CALL_PORT}`;
  const outside = await dial(stage.v2, stage.pod.ip4, CALL_PORT);
  outside.send(get("/", `Cookie: X-Route=${value}`, "X-Request-Id: chain"));
  const atFront = await received(servers[0]!, 0);
  expect(atFront).not.toContain("X-Route: ");
  await call(stage.pod, "cart", "chain");
  const atCart = await received(servers[1]!, 0);
  expect(atCart).toContain(`\r\nX-Route: ${value}\r\n`);
  const atStock = await (await call(cart2, "stock", "chain"))();
  expect([atStock.service, atStock.headers["x-route"]]).toEqual(["stock2", value]);
});

test("but not to those with another id, nor for longer than configured", async () => {
  const outside = await dial(stage.v2, stage.pod.ip4, CALL_PORT);
  outside.send(get("/", `X-Route: cart=${stage.v2.ip4}:${HTTP_PORT}`, "X-Request-Id: brief"));
  await received(servers[0]!, 1);
  const other = await (await call(stage.pod, "cart", "another"))();
  expect([other.service, "x-route" in other.headers]).toEqual(["v1", false]);
  const brief = async () => (await (await call(stage.pod, "cart", "brief"))()).service;
  expect(await brief()).toBe("v2");
  while ((await brief()) !== "v1") await Bun.sleep(100);
});

test("and a request with a value of its own keeps that", async () => {
  const outside = await dial(stage.v2, stage.pod.ip4, CALL_PORT);
  outside.send(get("/", "X-Route: cart=198.18.9.9", "X-Request-Id: own"));
  await received(servers[0]!, 2);
  const client = await stage.connect();
  client.send(get("/", "X-Request-Id: own", `X-Route: cart=${stage.v2.ip4}:${HTTP_PORT}`));
  const [answer] = await answers(client, 1);
  expect([answer!.service, answer!.headers["x-route"]]).toEqual(["v2", `cart=${stage.v2.ip4}:${HTTP_PORT}`]);
});
