/** Routing is switched on and off by the configuration file, while a connection is open. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { ConfigMap } from "./config-map.ts";
import { HTTP_PORT, TEST_TIMEOUT_MS } from "./harness.ts";
import { answers, get, RoutingStage } from "./routing-stage.ts";

setDefaultTimeout(2 * TEST_TIMEOUT_MS);

const ON = "NETRA_HTTP_ROUTING_ENABLED: true\n";
const OFF = "NETRA_HTTP_ROUTING_ENABLED: false\n";
const BY_COOKIE = "NETRA_HTTP_ROUTING_COOKIE_ENABLED: true\n";

test("the next request of an open connection is routed, or not any more", async () => {
  const config = new ConfigMap(OFF);
  const stage = await RoutingStage.open("routing-live");
  try {
    const sidecar = await stage.start({
      NETRA_HTTP_ROUTING_ENABLED: "",
      NETRA_CONFIG_FILE: config.path,
      NETRA_DRAIN_GRACE_MILLISECONDS: "0",
    });
    const client = await stage.connect();
    let count = 0;
    const ask = async (line: string) => {
      client.send(get("/", line));
      return (await answers(client, ++count)).at(-1)!.service;
    };
    const route = `X-Route: cart=${stage.v2.ip4}:${HTTP_PORT}`;
    const cookie = `Cookie: X-Route=cart=${stage.v2.ip4}:${HTTP_PORT}`;
    expect(await ask(route)).toBe("v1");
    config.update(ON);
    await sidecar.logged(/NETRA_HTTP_ROUTING_ENABLED/);
    expect([await ask(route), await ask(cookie)]).toEqual(["v2", "v1"]);
    config.update(ON + BY_COOKIE);
    await sidecar.logged(/NETRA_HTTP_ROUTING_COOKIE_ENABLED/);
    expect(await ask(cookie)).toBe("v2");
    config.update(OFF + BY_COOKIE);
    await sidecar.logged(/(NETRA_HTTP_ROUTING_ENABLED.*){2}/s);
    expect([await ask(route), await ask(cookie)]).toEqual(["v1", "v1"]);
    client.rst();
    sidecar.signal("SIGTERM");
    await sidecar.logged(/spans: .*; routing: 2 matched\n/);
  } finally {
    stage.close();
    config.remove();
  }
});
