import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readBatch } from "../../../examples/demo/jaeger-batch.ts";

// Datagrams that the Go client sent; test/golden says where they come from.
const GOLDEN = join(import.meta.dir, "../../golden/v215");
const PACKETS = readdirSync(GOLDEN).filter((name) => name.endsWith(".hex"));

function packet(name: string): Uint8Array {
  return Uint8Array.fromHex(readFileSync(join(GOLDEN, name), "utf8").trim());
}

test("reads a root span with all its tags", () => {
  const [span] = readBatch(packet("pkt-001.hex"));
  expect(span).toEqual({
    service: "golden-svc",
    traceId: "68cb904495892c49",
    spanId: "68cb904495892c49",
    parentId: null,
    operation: "/hello",
    startUs: 1795389726687250,
    durationUs: 7160,
    tags: new Map<string, string | number | boolean>([
      ["sampler.type", "const"],
      ["sampler.param", true],
      ["span.kind", "server"],
      ["remote_addr", "198.18.1.2:54710"],
      ["http.host", "shop.example:8080"],
      ["http.path", "/hello?a=1&b=%20c"],
      ["http.request_size", 0],
      ["http.method", "GET"],
      ["http.request_id", "0525d8f6-4857-4d40-b162-7421bed9c425"],
      ["http.response_size", 28],
      ["http.status_code", 200],
    ]),
  });
});

test("there are golden datagrams to read", () => {
  expect(PACKETS).toHaveLength(20);
});

test.each(PACKETS)("reads every span of %s", (name) => {
  const spans = readBatch(packet(name));
  expect(spans.length).toBeGreaterThan(0);
  for (const span of spans) {
    expect(span.service).toBe("golden-svc");
    expect(span.traceId).toMatch(/^([0-9a-f]{16}){1,2}$/);
    expect(span.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(span.tags.get("span.kind")).toMatch(/^(server|client)$/);
  }
});

test.each(PACKETS)("refuses %s cut off at any byte", (name) => {
  const whole = packet(name);
  for (let length = 0; length < whole.length; length++) {
    expect(() => readBatch(whole.subarray(0, length))).toThrow(RangeError);
  }
});

test("refuses another call than emitBatch", () => {
  expect(() => readBatch(Uint8Array.fromHex("8281010568656c6c6f00"))).toThrow(
    "a call of hello instead of emitBatch",
  );
});
