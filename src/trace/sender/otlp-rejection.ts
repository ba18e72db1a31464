/**
 * The answer of an OTLP collector that took a batch, but not all of it (trace_service.proto
 * `ExportTraceServiceResponse`: 1 partial_success { 1 rejected_spans, 2 error_message }).
 */
import type { OtlpProtocol } from "../otel-env.ts";
import type { Rejection } from "./http.ts";

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;
const WHY_MAX_CHARS = 300;
const NOTHING = new Uint8Array(0);

/** Null when the collector took everything without a word, and for what cannot be understood. */
export function readRejection(protocol: OtlpProtocol, body: Uint8Array): Rejection | null {
  return protocol === "http/json" ? fromJson(Buffer.from(body).toString()) : fromProtobuf(body);
}

function rejection(spans: number, why: string): Rejection | null {
  const rejected = Math.max(0, spans) || 0;
  return rejected === 0 && why === "" ? null : { spans: rejected, why: why.slice(0, WHY_MAX_CHARS) };
}

function fromJson(text: string): Rejection | null {
  try {
    const { rejectedSpans = 0, errorMessage = "" } = JSON.parse(text).partialSuccess;
    return rejection(Number(rejectedSpans), String(errorMessage));
  } catch {
    return null;
  }
}

function fromProtobuf(body: Uint8Array): Rejection | null {
  const partial = readMessage(body)?.get(1);
  if (!(partial instanceof Uint8Array)) return null;
  const fields = readMessage(partial);
  const spans = fields?.get(1) ?? 0;
  const why = fields?.get(2) ?? NOTHING;
  if (typeof spans !== "number" || typeof why === "number") return null;
  return rejection(spans, Buffer.from(why).toString());
}

/** Field id → number or bytes, the last one of a kind; null when malformed. */
function readMessage(bytes: Uint8Array): Map<number, number | Uint8Array> | null {
  const fields = new Map<number, number | Uint8Array>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const header = varint();
    const type = header % 8;
    const value = type === VARINT || type === BYTES ? varint() : 0;
    if (Number.isNaN(value)) return null;
    const length = type === BYTES ? value : type === FIXED64 ? 8 : type === FIXED32 ? 4 : 0;
    if (type > FIXED32 || at + length > bytes.length) return null;
    fields.set(Math.floor(header / 8), type === BYTES ? bytes.subarray(at, at + length) : value);
    at += length;
  }
  return fields;
}
