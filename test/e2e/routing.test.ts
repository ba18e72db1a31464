/** Requests that carry a routing value go to another service, on whatever connection they come. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { HTTP_PORT, TEST_TIMEOUT_MS } from "./harness.ts";
import { answers, get, RoutingStage } from "./routing-stage.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

let stage: RoutingStage;
let toV2: string;
beforeAll(async () => {
  stage = await RoutingStage.open("routing");
  toV2 = `X-Route: cart=${stage.v2.ip4}:${HTTP_PORT}`;
  await stage.start({ NETRA_HTTP_ROUTING_COOKIE_ENABLED: "true" });
});
afterAll(() => stage.close());

test("a request with a value goes where it says, the next without one to its original destination", async () => {
  const client = await stage.connect();
  client.send(get("/a", toV2));
  await answers(client, 1);
  client.send(get("/b"));
  await answers(client, 2);
  client.send(get("/c", toV2));
  const services = (await answers(client, 3)).map(({ service, path }) => `${service} ${path}`);
  expect(services).toEqual(["v2 /a", "v1 /b", "v2 /c"]);
});

test("pipelined requests to different services are answered in their order", async () => {
  const client = await stage.connect();
  const count = 40;
  const script = Array.from({ length: count }, (_, i) => get(`/${i}`, ...(i % 3 === 0 ? [toV2] : [])));
  client.send(script.join(""));
  const got = (await answers(client, count)).map(({ service, path }) => `${service} ${path}`);
  expect(got).toEqual(Array.from({ length: count }, (_, i) => `${i % 3 === 0 ? "v2" : "v1"} /${i}`));
});
