import { expect, test } from "bun:test";
import { Access } from "../src/access.ts";
import { parseConfig } from "../src/config.ts";
import { followHttp } from "../src/follow-http.ts";
import { OpaqueReasons } from "../src/mesh/opaque-reasons.ts";
import { createRouting } from "../src/routing.ts";
import { Clock } from "../src/trace/clock.ts";
import { MemoryLog } from "./fakes/log.ts";
import { connInfo, FakeRelay } from "./mesh/conversation.ts";

function configOf(accessLog: string) {
  return parseConfig({ NETRA_HTTP_PORTS: "8080", NETRA_ACCESS_LOG: accessLog }, "shop").config!;
}

test.each([
  [["json", "off"], ""],
  [["off", "json"], /^\{.*\}\n$/],
  [["json", "common"], /^198\.18\.0\.2 - - .*\n$/],
  [["common", "off", "json", "off"], ""],
])("of changes that come at once, %j, the last one holds", async (forms, written) => {
  const log = new MemoryLog();
  let text = "";
  const access = new Access(log, () => ({
    write: (bytes) => {
      text += Buffer.from(bytes);
    },
    flush: () => 0,
  }));
  const config = configOf("off");
  const routing = createRouting(config, log, null);
  const opaque = new OpaqueReasons(log);
  const clock = new Clock();
  const http = await followHttp({
    config,
    log,
    clock,
    tracing: null,
    access,
    routing,
    opaque,
    exchanges: [],
  });
  await Promise.all(forms.map((form) => http.change(configOf(form))));
  const handler = http.handlerFactory(connInfo(), new FakeRelay())!;
  handler.clientData(Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  handler.upstreamData(Buffer.from("HTTP/1.1 204 No Content\r\n\r\n"));
  await access.close(1000);
  routing.stop();
  if (typeof written === "string") expect(text).toBe(written);
  else expect(text).toMatch(written);
});
