/**
 * The body of a POST to an OTLP collector: an ExportTraceServiceRequest with one resource and one scope
 * (trace_service.proto, trace.proto).
 *
 * Spans are written behind a gap; when the body is due, what stands before the spans is written right-aligned into the
 * gap, because its length depends on theirs. So nothing is ever moved.
 */
import { PacketBatch } from "../packet-batch.ts";
import { writeVarint } from "../thrift/varint.ts";
import { field, textField, varintBytes } from "./protobuf.ts";
import { textKeyValue } from "./protobuf-attributes.ts";
import { writeSpan } from "./protobuf-span.ts";
import type { Resource } from "./resource.ts";

/** Far below what collectors take; spans of the usual size come nowhere near it. */
export const BODY_MAX_BYTES = 512 * 1024;

const RESOURCE_SPANS = 0x0a;
const SCOPE_SPANS = 0x12;
/** The two headers that are not ready-made, with lengths of up to 4 bytes. */
const HEADERS_MAX_BYTES = 10;

export class OtlpProtobufBatch extends PacketBatch {
  readonly #resource: Uint8Array;
  readonly #scope: Uint8Array;

  /** No message has more than `spansMax` spans or `maxBytes`. */
  constructor({ attributes, scope }: Resource, spansMax: number, maxBytes = BODY_MAX_BYTES) {
    const keyValues = attributes.map(({ key, value }) => field(1, textKeyValue(key, value)));
    const resourceField = field(1, Buffer.concat(keyValues));
    const scopeField = field(1, Buffer.concat([textField(1, scope.name), textField(2, scope.version)]));
    const beforeBytes = HEADERS_MAX_BYTES + resourceField.length + scopeField.length;
    super(writeSpan, { beforeBytes, behindBytes: 0, maxBytes, spansMax });
    this.#resource = resourceField;
    this.#scope = scopeField;
  }

  message(): Uint8Array {
    const { bytes } = this.packet;
    const scopeSpansBytes = this.#scope.length + this.end - this.first;
    const scopeSpansHeader = 1 + varintBytes(scopeSpansBytes);
    const resourceSpansBytes = this.#resource.length + scopeSpansHeader + scopeSpansBytes;
    const scope = this.first - this.#scope.length;
    const scopeSpans = scope - scopeSpansHeader;
    const resource = scopeSpans - this.#resource.length;
    const start = resource - 1 - varintBytes(resourceSpansBytes);
    bytes[start] = RESOURCE_SPANS;
    writeVarint(bytes, start + 1, resourceSpansBytes);
    bytes.set(this.#resource, resource);
    bytes[scopeSpans] = SCOPE_SPANS;
    writeVarint(bytes, scopeSpans + 1, scopeSpansBytes);
    bytes.set(this.#scope, scope);
    return bytes.subarray(start, this.end);
  }
}
