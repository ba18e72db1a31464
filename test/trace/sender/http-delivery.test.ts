/** Spans from the record to real servers on loopback. */

import { heapStats } from "bun:jsc";
import { afterEach, describe, expect, test } from "bun:test";
import type { Batch } from "../../../src/trace/batch.ts";
import { parseOtelEnv } from "../../../src/trace/otel-env.ts";
import { OtlpJsonBatch } from "../../../src/trace/otlp/json-batch.ts";
import { OtlpProtobufBatch } from "../../../src/trace/otlp/protobuf-batch.ts";
import { describeResource } from "../../../src/trace/otlp/resource.ts";
import { Reporter } from "../../../src/trace/reporter.ts";
import { HttpSender, type HttpSenderOptions } from "../../../src/trace/sender/http.ts";
import { jaegerDestination } from "../../../src/trace/sender/http-jaeger.ts";
import type { HttpDestination } from "../../../src/trace/sender/http-post.ts";
import { otlpDestination } from "../../../src/trace/sender/otlp.ts";
import { readRejection } from "../../../src/trace/sender/otlp-rejection.ts";
import type { Span } from "../../../src/trace/span.ts";
import { SpanPool } from "../../../src/trace/span-pool.ts";
import { BinaryBatch } from "../../../src/trace/thrift/binary.ts";
import { MemoryLog } from "../../fakes/log.ts";
import { recordGolden } from "../support/golden.ts";
import { goldenPosts } from "../support/golden-http.ts";
import { Servers, until } from "../support/http-server.ts";
import { partialSuccess, readOtlp, readOtlpJson } from "../support/otlp-reader.ts";

const LIMITS = { maxSpans: 2048, maxBytes: 4 * 1024 * 1024 };
const POSTS = goldenPosts("v230-http");
const RESOURCE = describeResource(POSTS[0]!.process, [], "1.2.3");

const servers = new Servers();
afterEach(() => servers.close());

interface Received {
  readonly path: string;
  readonly fields: Record<string, string | null>;
  readonly body: Buffer;
}

/** A collector that remembers what it received. */
function collector(answer: (request: number) => Response = () => new Response(null, { status: 202 })) {
  const received: Received[] = [];
  const url = servers.http(async (request) => {
    const { pathname, search } = new URL(request.url);
    const fields = Object.fromEntries(request.headers);
    received.push({ path: pathname + search, fields, body: Buffer.from(await request.arrayBuffer()) });
    return answer(received.length);
  });
  return { received, url };
}

function report(batch: Batch, destination: HttpDestination, given: Partial<HttpSenderOptions> = {}) {
  const log = new MemoryLog();
  const sender = new HttpSender({ destination, limits: LIMITS, log, ...given });
  const pool = new SpanPool();
  const options = { pool, batch, sender, log, flushIntervalMs: 60_000, logSpans: false };
  return { reporter: new Reporter(options), sender, log, pool };
}

function goldenSpan(pool: SpanPool): Span {
  return recordGolden(POSTS[0]!.spans[0]!, pool);
}

describe("a Jaeger collector receives what jaeger-client-go sends", () => {
  test.each(POSTS.map((post) => [post.file, post] as const))("%s", async (_, post) => {
    const { received, url } = collector();
    const [requestLine = ""] = post.head.split("\r\n");
    const path = requestLine.split(" ")[1]!;
    const destination = jaegerDestination({ url: url + path, user: "u", password: "p" });
    const { reporter, sender, pool } = report(new BinaryBatch(post.process), destination);
    for (const span of post.spans) reporter.report(recordGolden(span, pool));
    await reporter.close(4000);
    expect(received).toHaveLength(1);
    expect(received[0]!.body.toString("hex")).toBe(post.hex);
    expect(received[0]!.path).toBe(path);
    for (const name of ["Content-Type", "Authorization", "Content-Length"]) {
      const [, value] = new RegExp(`^${name}: (.*)$`, "m").exec(post.head.replaceAll("\r", ""))!;
      expect(received[0]!.fields[name.toLowerCase()]).toBe(value!);
    }
    expect(sender.counters.sent).toBe(post.spans.length);
  });

  test("without credentials when there are none", async () => {
    const { received, url } = collector();
    const { reporter, pool } = report(
      new BinaryBatch(POSTS[0]!.process),
      jaegerDestination({ url, user: "", password: "" }),
    );
    reporter.report(goldenSpan(pool));
    await reporter.close(4000);
    expect(received[0]!.fields.authorization).toBeUndefined();
  });
});

describe("an OTLP collector receives", () => {
  test.each([
    ["http/protobuf", "none", "application/x-protobuf", undefined],
    ["http/protobuf", "gzip", "application/x-protobuf", "gzip"],
    ["http/json", "none", "application/json", undefined],
    ["http/json", "gzip", "application/json", "gzip"],
  ])("%s with compression %s", async (protocol, compression, contentType, encoding) => {
    const { received, url } = collector(() => new Response());
    const { config } = parseOtelEnv({
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_COMPRESSION: compression,
      OTEL_EXPORTER_OTLP_HEADERS: "api-key=s3cret,content-type=mine",
    });
    const isJson = protocol === "http/json";
    const batch = isJson ? new OtlpJsonBatch(RESOURCE, 512) : new OtlpProtobufBatch(RESOURCE, 512);
    const { reporter, pool } = report(batch, otlpDestination(config.otlp));
    for (let i = 0; i < 10; i++) reporter.report(goldenSpan(pool));
    await reporter.close(4000);
    const [{ path, fields, body }] = received as [Received];
    expect(path).toBe("/v1/traces");
    expect(fields).toMatchObject({ "content-type": contentType, "api-key": "s3cret" });
    expect(fields["content-encoding"]).toBe(encoding!);
    const plain = encoding === "gzip" ? Bun.gunzipSync(new Uint8Array(body)) : body;
    expect((isJson ? readOtlpJson : readOtlp)(plain).spans).toHaveLength(10);
  });

  test("a batch again that it had no time for, and says which spans it left out", async () => {
    const { received, url } = collector((request) =>
      request === 1
        ? new Response(null, { status: 503, headers: { "retry-after": "1" } })
        : new Response(partialSuccess(2, "too old") as Uint8Array<ArrayBuffer>),
    );
    const { config } = parseOtelEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: url });
    const { reporter, sender, log, pool } = report(
      new OtlpProtobufBatch(RESOURCE, 512),
      otlpDestination(config.otlp),
      {
        random: () => 0,
        readRejection: (body) => readRejection("http/protobuf", body),
      },
    );
    for (let i = 0; i < 5; i++) reporter.report(goldenSpan(pool));
    reporter.flush();
    await until(() => sender.counters.sent > 0);
    expect(received[1]!.body.equals(received[0]!.body)).toBe(true);
    expect(sender.counters).toMatchObject({ sent: 3, droppedRejected: 2 });
    expect(log.lines[0]).toContain("Spans have to wait: the OTLP collector");
    expect(log.lines[0]).toContain("answered 503 Service Unavailable");
  });
});

describe("a collector that fails costs nothing but spans:", () => {
  const flood = async (url: string, timeoutMs: number, spans: number) => {
    const destination = { ...jaegerDestination({ url, user: "", password: "" }), timeoutMs };
    const flooded = report(new BinaryBatch(POSTS[0]!.process), destination);
    const { reporter, pool } = flooded;
    for (let i = 0; i < spans; i++) {
      reporter.report(goldenSpan(pool));
      if (i % 1000 === 0) await Bun.sleep(1);
    }
    return flooded;
  };
  const accounted = ({ reporter, sender }: Awaited<ReturnType<typeof flood>>) => {
    const { sent, ...dropped } = sender.counters;
    const all = Object.values(dropped).reduce((sum, spans) => sum + spans, sent);
    expect(reporter.counters.exported + reporter.counters.droppedUnsent).toBe(all);
    return all;
  };

  test.each<[string, () => string]>([
    ["absent", () => "http://127.0.0.1:1"],
    ["silent", () => servers.raw(() => {})],
    ["refusing", () => servers.http(() => new Response(null, { status: 500 }))],
    ["resetting", () => servers.raw((socket) => socket.terminate())],
    ["drowsy", () => servers.http(() => Bun.sleep(20).then(() => new Response()))],
  ])("%s, in a flood", async (_, start) => {
    const flooded = await flood(start(), 100, 20_000);
    const { sender, log, reporter } = flooded;
    expect(sender.waiting.spans).toBeLessThanOrEqual(LIMITS.maxSpans);
    expect(sender.waiting.bytes).toBeLessThanOrEqual(LIMITS.maxBytes);
    await reporter.close(100);
    expect(accounted(flooded)).toBe(20_000);
    expect(log.lines.length).toBeLessThanOrEqual(2);
  });

  test("the heap stays as it was", async () => {
    const url = servers.http(() => new Response(null, { status: 500 }));
    const heapBytes = async () => {
      await (await flood(url, 100, 20_000)).reporter.close(1000);
      Bun.gc(true);
      return heapStats().heapSize + heapStats().extraMemorySize;
    };
    await heapBytes();
    const before = await heapBytes();
    for (let i = 0; i < 4; i++) await heapBytes();
    expect((await heapBytes()) - before).toBeLessThan(1024 * 1024);
  });
});
