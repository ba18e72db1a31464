/** What OTLP's own JavaScript code, made from the published .proto files, reads: nothing of ours. */
import root from "@opentelemetry/otlp-transformer/build/src/generated/root.js";

const { ExportTraceServiceRequest, ExportTraceServiceResponse } = root.opentelemetry.proto.collector.trace.v1;

export interface ReadAttribute {
  readonly key: string;
  /** One of stringValue, boolValue, intValue (as text), doubleValue. */
  readonly value: Readonly<Record<string, unknown>>;
}

export interface ReadOtlpSpan {
  /** Hexadecimal, as are the other ids. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly ReadAttribute[];
  readonly droppedAttributesCount: number;
  readonly status?: { readonly code: number };
  readonly flags: number;
}

export interface ReadRequest {
  readonly resource: readonly ReadAttribute[];
  readonly scope: { readonly name: string; readonly version: string };
  readonly spans: readonly ReadOtlpSpan[];
}

/** Reads a request with exactly one resource and one scope; throws on anything malformed. */
export function readOtlp(body: Uint8Array): ReadRequest {
  const message = ExportTraceServiceRequest.decode(body);
  const plain = ExportTraceServiceRequest.toObject(message, {
    longs: String,
    enums: Number,
    bytes: String,
    arrays: true,
  });
  return requestOf(plain, (id) => Buffer.from(String(id ?? ""), "base64").toString("hex"));
}

/** The same of the JSON form, whose ids are hexadecimal already. */
export function readOtlpJson(body: Uint8Array): ReadRequest {
  return requestOf(JSON.parse(Buffer.from(body).toString("utf8")), (id) => String(id ?? ""));
}

// biome-ignore lint/suspicious/noExplicitAny: plain JSON
function requestOf(request: any, id: (id: unknown) => string): ReadRequest {
  const [{ resource, scopeSpans }, ...otherResources] = request.resourceSpans;
  const [{ scope, spans }, ...otherScopes] = scopeSpans;
  if (otherResources.length + otherScopes.length > 0) throw new Error("more than one resource or scope");
  return {
    resource: resource.attributes,
    scope: { name: scope.name, version: scope.version },
    spans: spans.map((span: Record<string, unknown>) => ({
      ...span,
      traceId: id(span.traceId),
      spanId: id(span.spanId),
      parentSpanId: id(span.parentSpanId),
    })),
  };
}

/** A collector's answer to a batch of which it left out some spans. */
export function partialSuccess(rejectedSpans: number, errorMessage: string): Uint8Array {
  return ExportTraceServiceResponse.encode({ partialSuccess: { rejectedSpans, errorMessage } }).finish();
}
