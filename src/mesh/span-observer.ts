/**
 * Exchange → span, with the operation name and the tags of netramesh 0.10, in its order: what started the trace,
 * mapped headers and cookies, the request, the response, the error.
 */
import { FieldName, type Head } from "../http1/head.ts";
import type { Clock } from "../trace/clock.ts";
import { DEBUG } from "../trace/context.ts";
import type { Reporter } from "../trace/reporter.ts";
import type { Sampler } from "../trace/sampler.ts";
import type { Span } from "../trace/span.ts";
import type { SpanPool } from "../trace/span-pool.ts";
import { constantBool, constantText, type TagKey, tagKey } from "../trace/tag.ts";
import { eachCookie } from "./cookie.ts";
import type { Exchange, ExchangeObserver } from "./exchange.ts";
import { percentDecode } from "./target.ts";

const DEBUG_ID = tagKey("jaeger-debug-id");
const SERVER = constantText(tagKey("span.kind"), "server");
const CLIENT = constantText(tagKey("span.kind"), "client");
const REMOTE_ADDR = tagKey("remote_addr");
const HTTP_HOST = tagKey("http.host");
const HTTP_PATH = tagKey("http.path");
const REQUEST_SIZE = tagKey("http.request_size");
const HTTP_METHOD = tagKey("http.method");
const USER_AGENT = tagKey("http.user_agent");
const REQUEST_ID = tagKey("http.request_id");
const RESPONSE_SIZE = tagKey("http.response_size");
const STATUS_CODE = tagKey("http.status_code");
const ERROR = constantBool(tagKey("error"), true);
const TIMEOUT = constantBool(tagKey("timeout"), true);
const FRAMING = tagKey("netramesh.framing");

const USER_AGENT_FIELD = new FieldName("user-agent");
const COOKIE_FIELD = new FieldName("cookie");

/** A path longer than this is not decoded for the operation name, which would be cut anyway. */
const MAX_DECODED_BYTES = 4096;
const decoded = Buffer.allocUnsafeSlow(MAX_DECODED_BYTES);

export interface SpanObserverOptions {
  readonly clock: Clock;
  readonly pool: SpanPool;
  readonly reporter: Reporter;
  /** Whose tags go on the spans that begin a trace. */
  readonly sampler: Sampler;
  readonly headerTags: readonly { readonly name: string; readonly tag: string }[];
  readonly cookieTags: readonly { readonly name: string; readonly tag: string }[];
}

export class SpanObserver implements ExchangeObserver {
  readonly #options: SpanObserverOptions;
  readonly #headers: { readonly field: FieldName; readonly key: TagKey }[];
  readonly #cookies: ReadonlyMap<string, TagKey>;

  constructor(options: SpanObserverOptions) {
    this.#options = options;
    this.#headers = options.headerTags.map(({ name, tag }) => ({
      field: new FieldName(name),
      key: tagKey(tag),
    }));
    this.#cookies = new Map(options.cookieTags.map(({ name, tag }) => [name, tagKey(tag)]));
  }

  requested(exchange: Exchange, head: Head, requestBytes: number): void {
    if (!exchange.traced || !exchange.context.sampled) return;
    const { pool, clock } = this.#options;
    const parent = exchange.hasParent ? exchange.parent : null;
    const span = pool.take(exchange.context, parent, clock.nowUs());
    exchange.span = span;
    nameOperation(span, exchange, head);
    this.#tagOrigin(span, exchange);
    this.#tagMapped(span, head);
    tagRequest(span, exchange, head, requestBytes);
  }

  ended(exchange: Exchange): void {
    const { span } = exchange;
    if (span === null) return;
    exchange.span = null;
    tagResponse(span, exchange);
    span.finish(this.#options.clock.nowUs());
    this.#options.reporter.report(span);
  }

  /** Only the span that begins a trace says why it is recorded. */
  #tagOrigin(span: Span, exchange: Exchange): void {
    if (exchange.hasParent) return;
    if (exchange.context.flags & DEBUG) {
      span.tagLatin1(DEBUG_ID, exchange.debugId);
      return;
    }
    const { tags } = this.#options.sampler;
    for (let i = 0; i < tags.length; i++) span.tag(tags[i]!);
  }

  #tagMapped(span: Span, head: Head): void {
    for (const { field, key } of this.#headers) {
      const i = head.find(field);
      if (i >= 0 && head.valueEnd(i) > head.valueStart(i)) {
        span.tagBytes(key, head.buf, head.valueStart(i), head.valueEnd(i));
      }
    }
    if (this.#cookies.size === 0) return;
    for (let i = head.find(COOKIE_FIELD); i >= 0; i = head.find(COOKIE_FIELD, i + 1)) {
      eachCookie(head.value(i), (name, value) => {
        const key = this.#cookies.get(name);
        if (key !== undefined) span.tagLatin1(key, value);
      });
    }
  }
}

/** Inbound: the decoded path. Outbound: the host and the decoded path. */
function nameOperation(span: Span, { conn, target }: Exchange, { buf }: Head): void {
  if (conn.direction === "outbound") span.operationBytes(buf, target.hostStart, target.hostEnd);
  const { pathStart, pathEnd } = target;
  if (target.escaped && pathEnd - pathStart <= MAX_DECODED_BYTES) {
    span.operationBytes(decoded, 0, percentDecode(buf, pathStart, pathEnd, decoded));
  } else {
    span.operationBytes(buf, pathStart, pathEnd);
  }
}

function tagRequest(span: Span, exchange: Exchange, head: Head, requestBytes: number): void {
  const { buf, start, methodEnd, targetStart, targetEnd } = head;
  const { conn, target, requestId } = exchange;
  span.tag(conn.direction === "inbound" ? SERVER : CLIENT);
  span.tagLatin1(REMOTE_ADDR, exchange.remoteAddress);
  span.tagBytes(HTTP_HOST, buf, target.hostStart, target.hostEnd);
  span.tagBytes(HTTP_PATH, buf, targetStart, targetEnd);
  span.tagLong(REQUEST_SIZE, requestBytes);
  span.tagBytes(HTTP_METHOD, buf, start, methodEnd);
  const agent = head.find(USER_AGENT_FIELD);
  if (agent >= 0 && head.valueEnd(agent) > head.valueStart(agent)) {
    span.tagBytes(USER_AGENT, buf, head.valueStart(agent), head.valueEnd(agent));
  }
  span.tagLatin1(REQUEST_ID, requestId);
}

function tagResponse(span: Span, { status, responseBytes, outcome, unreadable }: Exchange): void {
  if (status > 0) {
    span.tagLong(RESPONSE_SIZE, responseBytes);
    span.tagLong(STATUS_CODE, status);
  }
  if (unreadable !== null) span.tagLatin1(FRAMING, unreadable);
  const broken =
    outcome === "aborted" || outcome === "client-left" || (outcome === "unreadable" && status === 0);
  if (broken || status >= 500) span.tag(ERROR);
  if (outcome === "client-left") span.tag(TIMEOUT);
}
