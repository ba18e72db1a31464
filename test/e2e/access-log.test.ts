/** What a sidecar writes to stdout and stderr where programs read it. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { eventually, TEST_TIMEOUT_MS } from "./harness.ts";
import { DIRECTIONS, Stage } from "./stage.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open("access-log", { NETRA_ACCESS_LOG: "json", NETRA_LOG_FORMAT: "auto" });
});
afterAll(() => stage.close());

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

test("each exchange is one line of JSON on stdout that leads to its span", async () => {
  for (const direction of DIRECTIONS) {
    const { client, server } = await stage.connect(direction);
    client
      .send(
        `GET /${direction} HTTP/1.1\r\nHost: shop\r\nX-Request-Id: ${direction}\r\nConnection: close\r\n\r\n`,
      )
      .fin();
    await server.over();
    server.send(OK).fin();
    await client.over();
  }
  const lines = () => stage.sidecar.out.split("\n").slice(0, -1);
  await eventually(
    () => lines().length === 2,
    () => `not two lines: ${stage.sidecar.out}`,
  );
  const spans = await stage.agent.spans(2, ...DIRECTIONS);
  for (const [i, line] of lines().entries()) {
    const direction = DIRECTIONS[i]!;
    const own = stage.pod.ip4;
    const other = stage.outside.ip4;
    expect(JSON.parse(line)).toMatchObject({
      direction,
      client: expect.stringContaining(direction === "inbound" ? other : own),
      upstream: `${direction === "inbound" ? own : other}:8080`,
      method: "GET",
      path: `/${direction}`,
      host: "shop",
      request_id: direction,
      trace_id: spans[i]!.traceId.slice(-16),
      status: 200,
      response_bytes: 2,
      outcome: "complete",
    });
  }
});

test("the log is JSON too, line by line, and names the service", () => {
  const lines = stage.sidecar.log.trimEnd().split("\n");
  const said = lines.map((line) => JSON.parse(line));
  expect(said.map(({ level, service }) => [level, service])).toContainEqual(["info", "service"]);
  expect(said.some(({ message }) => message.startsWith("netramesh "))).toBe(true);
});
