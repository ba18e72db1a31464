import { processTimers, type Timers } from "../timers.ts";
import { explainNoAnswer } from "./no-answer.ts";

/** Where batches are posted to, and how. */
export interface HttpDestination {
  /** What it is, for a person: `the Jaeger collector`. */
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For everything from the look-up of the name to the end of the answer. */
  readonly timeoutMs: number;
  readonly gzip: boolean;
  /** A PEM file with the authorities to trust instead of the system's, read again for every post; null for those. */
  readonly certificateFile: string | null;
}

/** The destination's answer, of whatever status. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  /** The field Retry-After, or null. */
  readonly retryAfter: string | null;
  /** Empty when it is longer than `ANSWER_MAX_BYTES` or does not end. */
  readonly body: Uint8Array;
}

/** Why there is no answer. */
export interface NoAnswer {
  readonly why: string;
  readonly timedOut: boolean;
}

/** Posts a body and never rejects. Whoever gives `abort` may end it early; the timeout does it too. */
export type Post = (
  destination: HttpDestination,
  body: Uint8Array,
  abort: AbortController,
) => Promise<Answer | NoAnswer>;

const ANSWER_MAX_BYTES = 64 * 1024;
const NOTHING = new Uint8Array(0);

/**
 * A POST with Bun's fetch: it keeps the connection for the next one and works off the event loop's thread. Redirects are
 * answers: followed, they would become a GET or leave the place the operator named.
 */
export function createPost(timers: Timers = processTimers): Post {
  return async (destination, body, abort) => {
    const disarm = timers.after(destination.timeoutMs, () => abort.abort());
    try {
      return await exchange(destination, body, abort.signal);
    } catch (error) {
      const timedOut = abort.signal.aborted;
      if (timedOut) return { why: `no answer within ${destination.timeoutMs} ms`, timedOut };
      return { why: explainNoAnswer(error, destination.certificateFile), timedOut };
    } finally {
      disarm();
    }
  };
}

async function exchange(to: HttpDestination, body: Uint8Array, signal: AbortSignal): Promise<Answer> {
  const response = await fetch(to.url, {
    method: "POST",
    headers: to.gzip ? { ...to.headers, "content-encoding": "gzip" } : to.headers,
    body,
    signal,
    redirect: "manual",
    decompress: false,
    ...(to.certificateFile === null ? {} : { tls: { ca: Bun.file(to.certificateFile) } }),
  });
  return {
    status: response.status,
    statusText: response.statusText,
    retryAfter: response.headers.get("retry-after"),
    body: response.body === null ? NOTHING : await readAnswer(response.body),
  };
}

/** All of it, so that the connection can be used again. What matters has been said before: a broken end does not. */
async function readAnswer(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of stream) {
      bytes += chunk.length;
      if (bytes > ANSWER_MAX_BYTES) return NOTHING;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch {
    return NOTHING;
  }
}
