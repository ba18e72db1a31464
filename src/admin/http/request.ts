/** Requests to our own ports, read strictly and within bounds. What follows the first request is never read. */
import { Framing, requestFraming } from "../../http1/framing.ts";
import { FieldName, Head, latin1 } from "../../http1/head.ts";
import { HeadScanner, Scan } from "../../http1/scan.ts";
import { type Answer, text } from "./answer.ts";

export const MAX_HEAD_BYTES = 8 * 1024;
export const MAX_BODY_BYTES = 4 * 1024;

const ACCEPT = new FieldName("accept");
const HOST = new FieldName("host");
const ORIGIN = new FieldName("origin");

export interface HttpRequest {
  readonly method: string;
  /** As received, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The header Host; empty without one. */
  readonly host: string;
  /** The header Accept; empty without one. */
  readonly accept: string;
  /** A web page made a browser send this: the header Origin is there (RFC 6454 section 7). */
  readonly isFromWebPage: boolean;
  readonly body: string;
}

/** Makes one request of the bytes of a connection. */
export class RequestReader {
  readonly #bytes = Buffer.allocUnsafeSlow(MAX_HEAD_BYTES + MAX_BODY_BYTES);
  readonly #head = new Head();
  readonly #scanner = new HeadScanner(this.#head);
  #length = 0;
  #isHeadComplete = false;

  constructor() {
    this.#head.begin(this.#bytes, 0);
    this.#scanner.beginRequest();
  }

  /** Null if more bytes are needed, an answer if the request is refused. Not to be called again after either. */
  push(chunk: Uint8Array): HttpRequest | Answer | null {
    const taken = chunk.subarray(0, this.#bytes.byteLength - this.#length);
    const from = this.#length;
    this.#bytes.set(taken, from);
    this.#length += taken.byteLength;
    if (!this.#isHeadComplete) {
      const refusal = this.#scan(from);
      if (refusal !== null) return refusal;
    }
    return this.#isHeadComplete && this.#length >= this.#end ? this.#request() : null;
  }

  /** Null if the head is good so far. */
  #scan(from: number): Answer | null {
    const scan = this.#scanner.scan(this.#bytes, from, Math.min(this.#length, MAX_HEAD_BYTES));
    if (scan === Scan.Bad) return text(400, "not an HTTP/1 request");
    this.#isHeadComplete = scan === Scan.Complete;
    if (this.#isHeadComplete) return refuseBody(this.#head);
    return this.#length < MAX_HEAD_BYTES
      ? null
      : text(431, `the head is longer than ${MAX_HEAD_BYTES} bytes`);
  }

  get #end(): number {
    return this.#head.end + this.#head.contentLength;
  }

  #request(): HttpRequest {
    const head = this.#head;
    const target = latin1(this.#bytes, head.targetStart, head.targetEnd);
    const [path = "", query = ""] = target.split(/\?(.*)/s);
    return {
      method: latin1(this.#bytes, 0, head.methodEnd),
      path,
      query: new URLSearchParams(query),
      host: fieldText(head, HOST),
      accept: fieldText(head, ACCEPT),
      isFromWebPage: head.find(ORIGIN) >= 0,
      body: this.#bytes.toString("utf8", head.end, this.#end),
    };
  }
}

function fieldText(head: Head, name: FieldName): string {
  const field = head.find(name);
  return field < 0 ? "" : head.value(field);
}

/** Only a body whose length is known and small is read. */
function refuseBody(head: Head): Answer | null {
  switch (requestFraming(head)) {
    case Framing.None:
      return null;
    case Framing.Length:
      return head.contentLength <= MAX_BODY_BYTES
        ? null
        : text(413, `the body is longer than ${MAX_BODY_BYTES} bytes`);
    case Framing.Chunked:
      return text(411, "a body needs its Content-Length");
    default:
      return text(400, "the length of the body is ambiguous");
  }
}
