/** Routes to names, as Kubernetes gives them to services: /etc/hosts, search domains, TTLs. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { DnsServer } from "./dns-server.ts";
import { HTTP_PORT, type Sidecar, TEST_TIMEOUT_MS } from "./harness.ts";
import { answers, get, RoutingStage } from "./routing-stage.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

let stage: RoutingStage;
let dns: DnsServer;
let sidecar: Sidecar;
beforeAll(async () => {
  stage = await RoutingStage.open("routing-names");
  const { pod, v1, v2 } = stage;
  dns = await DnsServer.start(v1);
  const resolver = [
    `nameserver ${v1.ip4}`,
    "search shop.svc.cluster.local svc.cluster.local",
    "options ndots:5",
  ];
  stage.etc(pod, "resolv.conf", `${resolver.join("\n")}\n`);
  stage.etc(pod, "hosts", `127.0.0.1 localhost\n${v2.ip4} cart-by-hosts\n`);
  dns.records.set("cart-v2.shop.svc.cluster.local", { ip: v2.ip4, ttl: 60 });
  sidecar = await stage.start();
});
afterAll(() => {
  dns.close();
  stage.close();
});

const to = (name: string) => `X-Route: cart=${name}:${HTTP_PORT}`;

/** The services that answer requests with these lines, pipelined on one connection. */
async function services(...lines: string[]): Promise<string[]> {
  const client = await stage.connect();
  client.send(lines.map((line) => get("/", line)).join(""));
  const got = await answers(client, lines.length);
  client.rst();
  return got.map(({ service }) => service);
}

test("a name of /etc/hosts is one", async () => {
  expect(await services(to("cart-by-hosts"), "Accept: */*")).toEqual(["v2", "v1"]);
});

test.each(["cart-v2", "cart-v2.shop", "CART-V2", "cart-v2.shop.svc.cluster.local"])(
  "%s is found, with the search domains",
  async (name) => {
    expect(await services(to(name))).toEqual(["v2"]);
  },
);

test("the span of a request that waited for its name has the address that was found", async () => {
  dns.records.set("cart-v3.shop.svc.cluster.local", { ip: stage.v2.ip4, ttl: 60 });
  await services(`X-Request-Id: by-name\r\n${to("cart-v3")}`);
  const [span] = await stage.agent.spans(1, "by-name");
  expect(span!.tags.remote_addr).toBe(`${stage.v2.ip4}:${HTTP_PORT}`);
});

test("a name is not asked for again while its TTL lasts, and then its new address is used", async () => {
  const name = "moving.shop.svc.cluster.local";
  dns.records.set(name, { ip: stage.v2.ip4, ttl: 3 });
  for (let i = 0; i < 3; i++) expect(await services(to("moving"))).toEqual(["v2"]);
  expect(dns.questions.filter((question) => question === `${name} A`)).toHaveLength(1);
  dns.records.set(name, { ip: stage.v1.ip4, ttl: 3 });
  while ((await services(to("moving")))[0] !== "v1") await Bun.sleep(100);
});

test("a name that does not exist resets the client, after the responses before it", async () => {
  const client = await stage.connect();
  client.send(get("/") + get("/", to("nobody"), "X-Request-Id: unknown-name"));
  await client.until(({ ending }) => ending === "rst");
  expect((await answers(client, 1)).map(({ service }) => service)).toEqual(["v1"]);
  const [span] = await stage.agent.spans(1, "unknown-name");
  expect([span!.tags.error, span!.tags.remote_addr]).toEqual([true, `nobody:${HTTP_PORT}`]);
  await sidecar.logged(/WARN .*routed to nobody:8080 failed: its name has no address/);
});

test("a slow answer of the DNS keeps nobody else waiting", async () => {
  dns.records.set("slow.shop.svc.cluster.local", { ip: stage.v2.ip4, ttl: 60 });
  const release = dns.hold("slow.shop.svc.cluster.local");
  const waiting = services(to("slow"));
  await dns.asked("slow.shop.svc.cluster.local A");
  expect(await services("Accept: */*", to("cart-v2"))).toEqual(["v1", "v2"]);
  release();
  expect(await waiting).toEqual(["v2"]);
});
