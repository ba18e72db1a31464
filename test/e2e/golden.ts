/** What netramesh 0.10 was sent and what it reported (test/golden), in a form in which two runs can be compared. */
import { readFileSync } from "node:fs";
import type { ReadSpan } from "../trace/support/thrift-reader.ts";

export type GoldenSet = "v215" | "v215b" | "v230";
export type Tag = readonly [key: string, value: unknown];

/** A span without what differs from run to run: ids made in it, addresses and request ids have names in braces. */
export interface Shape {
  readonly operation: string;
  /** `{trace N}`: the trace that span N of this request, counted from 0, began. */
  readonly traceId: string;
  /** `{span N}`: span N of this request. */
  readonly parentSpanId: string;
  readonly references: readonly unknown[];
  readonly flags: number;
  readonly tags: readonly Tag[];
}

/** One write of the client, and what the application answers to it. */
export interface Turn {
  readonly sent: Buffer;
  readonly answered: Buffer;
}

export interface GoldenRequest {
  readonly name: string;
  readonly turns: readonly Turn[];
  /** In order of their start. */
  readonly spans: readonly Shape[];
}

/** An address of a run, and the name that stands for it. */
export type Place = readonly [address: string, name: string];

interface RecordedRequest {
  readonly name: string;
  readonly client: string;
  readonly request_bytes: readonly string[];
  readonly response: string;
  readonly packets: readonly string[];
}
interface RecordedSpan {
  readonly operationName: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly references: { refType: string; traceId: string; spanId: string }[];
  readonly flags: number;
  readonly startTime_us: number;
  readonly duration_us: number;
  readonly tags: { key: string; type: string; value: string | number | boolean }[];
}

export const NO_PARENT = "0".repeat(16);
const GOLDEN = `${import.meta.dir}/../golden`;
const SECOND_UPSTREAM = "198.18.1.2:9090";
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** 0.10 delivered only the start of this response; the application had sent all of it. */
const CUT_OFF = /HTTP\/1\.1 200 OK\r\nc$/;
const COMPLETED: Readonly<Record<string, string>> = {
  "head-keepalive": "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\napp GET /after-head 0\n",
};
const NEXT_RESPONSE = /(?=HTTP\/1\.1 )/;

/** The requests of these sets in the order in which they were sent. */
export function loadGolden(...sets: readonly GoldenSet[]): GoldenRequest[] {
  return sets.flatMap((set) => {
    const decoded = readJson(set, "decoded");
    return readJson(set, "requests").map((request: RecordedRequest): GoldenRequest => {
      const spans = request.packets.flatMap((packet) => decoded[packet].spans.map(asRead));
      const places: Place[] = [
        [request.client, "{client}"],
        [SECOND_UPSTREAM, "{back}"],
      ];
      return { name: request.name, turns: turnsOf(request), spans: shapesOf(spans, places) };
    });
  });
}

function readJson(set: GoldenSet, name: string) {
  return JSON.parse(readFileSync(`${GOLDEN}/${set}/${name}.json`, "utf8"));
}

/** Responses came one for each write, or all after the only one. */
function turnsOf({ name, request_bytes: writes, response }: RecordedRequest): Turn[] {
  const whole = response.replace(CUT_OFF, COMPLETED[name] ?? "$&");
  const responses = writes.length === 1 ? [whole] : whole.split(NEXT_RESPONSE);
  return writes.map((bytes, i) => ({ sent: Buffer.from(bytes), answered: Buffer.from(responses[i]!) }));
}

function asRead(span: RecordedSpan): ReadSpan {
  return {
    ...span,
    traceId: span.traceId.padStart(32, "0"),
    startTime: span.startTime_us,
    duration: span.duration_us,
    references: span.references.map(({ refType, traceId, spanId }) => ({
      type: ["CHILD_OF", "FOLLOWS_FROM"].indexOf(refType),
      traceId: traceId.padStart(32, "0"),
      spanId,
    })),
    tags: span.tags.map(({ key, type, value }) => [key, type === "LONG" ? BigInt(value as number) : value]),
  };
}

/** The spans of one request in order of their start; `places` are the addresses of its run. */
export function shapesOf(spans: readonly ReadSpan[], places: readonly Place[]): Shape[] {
  const ordered = spans.toSorted((a, b) => a.startTime - b.startTime);
  const names = new Map<string, string>();
  for (const [i, span] of ordered.entries()) {
    names.set(span.spanId, `{span ${i}}`);
    if (span.parentSpanId === NO_PARENT) names.set(span.traceId, `{trace ${i}}`);
  }
  const id = (value: string) => names.get(value) ?? value;
  return ordered.map((span) => ({
    operation: named(span.operationName, places),
    traceId: id(span.traceId),
    parentSpanId: id(span.parentSpanId),
    references: span.references.map(({ type, traceId, spanId }) => [type, id(traceId), id(spanId)]),
    flags: span.flags,
    tags: span.tags.map(([key, value]) => [key, typeof value === "string" ? named(value, places) : value]),
  }));
}

function named(text: string, places: readonly Place[]): string {
  if (UUID_V4.test(text)) return "{uuid}";
  return places.reduce((result, [address, name]) => result.replace(address, name), text);
}
