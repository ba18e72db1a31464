/** What a Jaeger agent receives: `Agent.emitBatch(Batch)`. Field numbers from Jaeger's jaeger.thrift and agent.thrift. */
import { readMessage, type ThriftStruct, type ThriftValue } from "./compact-thrift.ts";

export type TagValue = string | number | boolean;

export interface Span {
  readonly service: string;
  /** 16 hex digits, or 32 if the trace has a 128-bit id. */
  readonly traceId: string;
  readonly spanId: string;
  /** null: the first span of its trace. */
  readonly parentId: string | null;
  readonly operation: string;
  readonly startUs: number;
  readonly durationUs: number;
  readonly tags: ReadonlyMap<string, TagValue>;
}

const NOTHING: ThriftStruct = new Map();
const NO_PARENT = "0000000000000000";

/** The spans of one datagram. Throws a RangeError if it is not a batch of them. */
export function readBatch(packet: Uint8Array): Span[] {
  const { name, args } = readMessage(packet);
  if (name !== "emitBatch") throw new RangeError(`a call of ${name} instead of emitBatch`);
  const batch = struct(args.get(1));
  const service = text(struct(batch.get(1)).get(1));
  return list(batch.get(2)).map((span) => readSpan(service, struct(span)));
}

function readSpan(service: string, span: ThriftStruct): Span {
  const high = hexId(span.get(2));
  const low = hexId(span.get(1));
  const parentId = hexId(span.get(4));
  return {
    service,
    traceId: high === NO_PARENT ? low : high + low,
    spanId: hexId(span.get(3)),
    parentId: parentId === NO_PARENT ? null : parentId,
    operation: text(span.get(5)),
    startUs: integer(span.get(8)),
    durationUs: integer(span.get(9)),
    tags: new Map(list(span.get(10)).map((tag) => readTag(struct(tag)))),
  };
}

/** Exactly one of the value fields 3 to 7 is there; field 2 says which, and is not needed to find it. */
function readTag(tag: ThriftStruct): [string, TagValue] {
  const value = [3, 4, 5, 6, 7].map((id) => tag.get(id)).find((v) => v !== undefined);
  const key = text(tag.get(1));
  if (typeof value === "bigint") return [key, Number(value)];
  return [key, typeof value === "number" || typeof value === "boolean" ? value : text(value)];
}

// A field that is missing or of another type reads as empty: this is a viewer, the sidecars' tests are strict.

function struct(value: ThriftValue | undefined): ThriftStruct {
  return value instanceof Map ? value : NOTHING;
}

function list(value: ThriftValue | undefined): ThriftValue[] {
  return Array.isArray(value) ? value : [];
}

function text(value: ThriftValue | undefined): string {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : "";
}

function integer(value: ThriftValue | undefined): number {
  return typeof value === "bigint" ? Number(value) : 0;
}

/** Ids are unsigned, Thrift's integers are not. */
function hexId(value: ThriftValue | undefined): string {
  const id = typeof value === "bigint" ? BigInt.asUintN(64, value) : 0n;
  return id.toString(16).padStart(16, "0");
}
