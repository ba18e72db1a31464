import type { Head } from "../http1/head.ts";
import type { Span } from "../trace/span.ts";
import { tagKey } from "../trace/tag.ts";
import type { Exchange } from "./exchange.ts";
import { isServerError } from "./span-error.ts";
import type { SpanTags } from "./span-tags.ts";
import { tagField, USER_AGENT_FIELD } from "./tag-field.ts";

const REMOTE_ADDR = tagKey("remote_addr");
const HTTP_HOST = tagKey("http.host");
const HTTP_PATH = tagKey("http.path");
const REQUEST_SIZE = tagKey("http.request_size");
const HTTP_METHOD = tagKey("http.method");
const USER_AGENT = tagKey("http.user_agent");
const REQUEST_ID = tagKey("http.request_id");
const RESPONSE_SIZE = tagKey("http.response_size");
const STATUS_CODE = tagKey("http.status_code");

/** The tags of netramesh 0.10, in its order (pkg/protocol/http.go). Sizes are -1 if unknown. */
export const jaegerTags: SpanTags = {
  request(span: Span, exchange: Exchange, head: Head, requestBytes: number): void {
    const { buf, start, methodEnd, targetStart, targetEnd } = head;
    const { target, requestId } = exchange;
    if (!exchange.isUpstreamLate) span.tagLatin1(REMOTE_ADDR, exchange.remoteAddress);
    span.tagBytes(HTTP_HOST, buf, target.hostStart, target.hostEnd);
    span.tagBytes(HTTP_PATH, buf, targetStart, targetEnd);
    span.tagLong(REQUEST_SIZE, requestBytes);
    span.tagBytes(HTTP_METHOD, buf, start, methodEnd);
    tagField(span, USER_AGENT, head, USER_AGENT_FIELD);
    span.tagLatin1(REQUEST_ID, requestId);
  },

  response(span: Span, exchange: Exchange): void {
    const { status, responseBytes, isUpstreamLate } = exchange;
    if (isUpstreamLate) span.tagLatin1(REMOTE_ADDR, exchange.remoteAddress);
    if (status === 0) return;
    span.tagLong(RESPONSE_SIZE, responseBytes);
    span.tagLong(STATUS_CODE, status);
  },

  isError: isServerError,
};
