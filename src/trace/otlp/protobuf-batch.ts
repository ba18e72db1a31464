/**
 * The body of a POST to an OTLP collector: an ExportTraceServiceRequest with one resource and one scope
 * (trace_service.proto, trace.proto).
 *
 * One buffer for the life of the process. Spans are written behind a gap; when the body is due, what stands before the
 * spans is written right-aligned into the gap, because its length depends on theirs. So nothing is ever moved.
 */

import type { Batch } from "../batch.ts";
import { NO_ROOM, type Packet } from "../packet.ts";
import type { Span } from "../span.ts";
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
/** Behind the limit, because the span encoder wants room for the worst case before it writes. */
const SLACK_BYTES = 256;

export class OtlpProtobufBatch implements Batch {
  readonly #packet: Packet;
  readonly #resource: Uint8Array;
  readonly #scope: Uint8Array;
  readonly #spansMax: number;
  readonly #first: number;
  readonly #limit: number;
  #count = 0;
  #end: number;

  /** No message has more than `spansMax` spans or `maxBytes`. */
  constructor(resource: Resource, spansMax: number, maxBytes = BODY_MAX_BYTES) {
    const attributes = resource.attributes.map(({ key, value }) => field(1, textKeyValue(key, value)));
    const { name, version } = resource.scope;
    this.#resource = field(1, Buffer.concat(attributes));
    this.#scope = field(1, Buffer.concat([textField(1, name), textField(2, version)]));
    this.#spansMax = spansMax;
    this.#first = HEADERS_MAX_BYTES + this.#resource.length + this.#scope.length;
    this.#limit = Math.max(this.#first, maxBytes);
    const bytes = new Uint8Array(this.#limit + SLACK_BYTES);
    this.#packet = { bytes, view: new DataView(bytes.buffer) };
    this.#end = this.#first;
  }

  get count(): number {
    return this.#count;
  }

  add(span: Span): boolean {
    if (this.#count === this.#spansMax) return false;
    const end = writeSpan(this.#packet, this.#end, span);
    if (end === NO_ROOM || end > this.#limit) return false;
    this.#end = end;
    this.#count++;
    return true;
  }

  message(): Uint8Array {
    const { bytes } = this.#packet;
    const scopeSpansBytes = this.#scope.length + this.#end - this.#first;
    const scopeSpansHeader = 1 + varintBytes(scopeSpansBytes);
    const resourceSpansBytes = this.#resource.length + scopeSpansHeader + scopeSpansBytes;
    const scope = this.#first - this.#scope.length;
    const scopeSpans = scope - scopeSpansHeader;
    const resource = scopeSpans - this.#resource.length;
    const start = resource - 1 - varintBytes(resourceSpansBytes);
    bytes[start] = RESOURCE_SPANS;
    writeVarint(bytes, start + 1, resourceSpansBytes);
    bytes.set(this.#resource, resource);
    bytes[scopeSpans] = SCOPE_SPANS;
    writeVarint(bytes, scopeSpans + 1, scopeSpansBytes);
    bytes.set(this.#scope, scope);
    return bytes.subarray(start, this.#end);
  }

  clear(): void {
    this.#count = 0;
    this.#end = this.#first;
  }
}
