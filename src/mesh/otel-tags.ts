/** The stable names of OpenTelemetry's semantic conventions for HTTP spans. What is unknown is left out. */
import { SLASH } from "../http1/chars.ts";
import type { Head } from "../http1/head.ts";
import { copyBytes, copyLatin1 } from "../trace/copy.ts";
import { type Span, TEXT_MAX_BYTES } from "../trace/span.ts";
import { constantText, tagKey } from "../trace/tag.ts";
import { portColon, readPort } from "./authority.ts";
import type { Exchange } from "./exchange.ts";
import { isBroken, isOtelError } from "./span-error.ts";
import type { SpanTags } from "./span-tags.ts";
import { tagField, USER_AGENT_FIELD } from "./tag-field.ts";

const METHOD = tagKey("http.request.method");
const METHOD_ORIGINAL = tagKey("http.request.method_original");
const OTHER_METHOD = constantText(METHOD, "_OTHER");
const METHODS = ["GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"].map(
  (name) => ({ name, tag: constantText(METHOD, name) }),
);
const URL_SCHEME = constantText(tagKey("url.scheme"), "http");
const URL_PATH = tagKey("url.path");
const URL_QUERY = tagKey("url.query");
const URL_FULL = tagKey("url.full");
const SERVER_ADDRESS = tagKey("server.address");
const SERVER_PORT = tagKey("server.port");
const CLIENT_ADDRESS = tagKey("client.address");
const PEER_ADDRESS = tagKey("network.peer.address");
const PEER_PORT = tagKey("network.peer.port");
const VERSION = tagKey("network.protocol.version");
const VERSIONS = [constantText(VERSION, "1.0"), constantText(VERSION, "1.1")] as const;
const USER_AGENT = tagKey("user_agent.original");
const REQUEST_SIZE = tagKey("http.request.body.size");
const RESPONSE_SIZE = tagKey("http.response.body.size");
const STATUS_CODE = tagKey("http.response.status_code");
const ERROR_TYPE = tagKey("error.type");

/** OpenTelemetry's tags. `requestIdHeader` is the name of the header whose value is the request id. */
export function createOtelTags(requestIdHeader: string): SpanTags {
  const requestIdKey = tagKey(`http.request.header.${requestIdHeader.toLowerCase()}`);
  return {
    request(span: Span, exchange: Exchange, head: Head, requestBytes: number): void {
      const inbound = exchange.conn.direction === "inbound";
      tagMethod(span, head);
      if (inbound) tagPath(span, exchange, head);
      else tagFullUrl(span, exchange, head);
      tagServer(span, exchange, head);
      if (!exchange.isUpstreamLate) tagPeer(span, exchange);
      span.tag(VERSIONS[head.minor === 0 ? 0 : 1]);
      if (requestBytes >= 0) span.tagLong(REQUEST_SIZE, requestBytes);
      tagField(span, USER_AGENT, head, USER_AGENT_FIELD);
      span.tagLatin1(requestIdKey, exchange.requestId);
    },

    response(span: Span, exchange: Exchange): void {
      const { status, responseBytes, outcome, isUpstreamLate, upstream } = exchange;
      if (isUpstreamLate && upstream !== null) tagPeer(span, exchange);
      if (status > 0) span.tagLong(STATUS_CODE, status);
      if (status > 0 && responseBytes >= 0) span.tagLong(RESPONSE_SIZE, responseBytes);
      if (isBroken(exchange)) span.tagLatin1(ERROR_TYPE, outcome);
      else if (isOtelError(exchange)) span.tagLatin1(ERROR_TYPE, String(status));
    },

    isError: isOtelError,
  };
}

function tagMethod(span: Span, head: Head): void {
  for (let i = 0; i < METHODS.length; i++) {
    const { name, tag } = METHODS[i]!;
    if (head.methodIs(name)) {
      span.tag(tag);
      return;
    }
  }
  span.tag(OTHER_METHOD);
  span.tagBytes(METHOD_ORIGINAL, head.buf, head.start, head.methodEnd);
}

function tagPath(span: Span, { target, isConnect }: Exchange, { buf, targetEnd }: Head): void {
  if (isConnect) return;
  span.tag(URL_SCHEME);
  span.tagBytes(URL_PATH, buf, target.pathStart, target.pathEnd);
  // What lies between the path and the end of the target is `?query`.
  if (target.pathEnd + 1 < targetEnd) span.tagBytes(URL_QUERY, buf, target.pathEnd + 1, targetEnd);
}

const SCHEME = "http://";
const url = Buffer.allocUnsafeSlow(SCHEME.length + 2 * (TEXT_MAX_BYTES + 1));

/** A client knows the whole URL: the target if that is absolute, else it is put together, as far as a tag reaches. */
function tagFullUrl(
  span: Span,
  { target, isConnect }: Exchange,
  { buf, targetStart, targetEnd }: Head,
): void {
  if (isConnect) return;
  if (buf[targetStart] !== SLASH) {
    span.tagBytes(URL_FULL, buf, targetStart, targetEnd);
    return;
  }
  const { hostStart, hostEnd } = target;
  const scheme = copyLatin1(url, 0, SCHEME);
  const host = copyBytes(url, scheme, buf, hostStart, Math.min(hostEnd, hostStart + TEXT_MAX_BYTES + 1));
  const end = copyBytes(url, host, buf, targetStart, Math.min(targetEnd, targetStart + TEXT_MAX_BYTES + 1));
  span.tagBytes(URL_FULL, url, 0, end);
}

/** The host that the request names, else the address it went to. */
function tagServer(span: Span, { target, conn }: Exchange, { buf }: Head): void {
  const { hostStart, hostEnd } = target;
  const colon = portColon(buf, hostStart, hostEnd);
  if (hostStart === hostEnd) span.tagLatin1(SERVER_ADDRESS, conn.originalDst.ip);
  else span.tagBytes(SERVER_ADDRESS, buf, hostStart, colon);
  const port = readPort(buf, colon + 1, hostEnd);
  span.tagLong(SERVER_PORT, port > 0 ? port : conn.originalDst.port);
}

function tagPeer(span: Span, { conn, remote: peer }: Exchange): void {
  if (conn.direction === "inbound") span.tagLatin1(CLIENT_ADDRESS, peer.ip);
  span.tagLatin1(PEER_ADDRESS, peer.ip);
  span.tagLong(PEER_PORT, peer.port);
}
