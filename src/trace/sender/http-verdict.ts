/**
 * What becomes of a batch after a post (OTLP specification, "Failures" and "OTLP/HTTP Throttling"). It is sent again when
 * the collector asks for it or could not be talked to; not when it was too slow, because it has enough to do. Pure.
 */
import type { Answer, NoAnswer } from "./http-post.ts";

export type Verdict =
  | { readonly kind: "delivered" }
  /** `again`: the same batch may be sent once more, but not before `waitMs`, which is 0 if the collector did not say. */
  | {
      readonly kind: "failed";
      readonly reason: "unreachable" | "refused";
      readonly why: string;
      readonly again: boolean;
      readonly waitMs: number;
    };

const AGAIN = new Set([429, 502, 503, 504]);
const WAIT_MAX_MS = 5 * 60_000;

const FIRST_DELAY_MS = 1000;
const DELAY_MAX_MS = 30_000;

/** Judges the result of a post; `nowAt` in milliseconds since the epoch, for a Retry-After that is a date. */
export function judge(result: Answer | NoAnswer, nowAt: number): Verdict {
  if ("timedOut" in result) {
    return { kind: "failed", reason: "unreachable", why: result.why, again: !result.timedOut, waitMs: 0 };
  }
  const { status, statusText, retryAfter } = result;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const redirect = status >= 300 && status < 400 ? " (redirects are not followed)" : "";
  const again = AGAIN.has(status);
  return {
    kind: "failed",
    reason: "refused",
    why: `answered ${`${status} ${statusText}`.trim()}${redirect}`,
    again,
    waitMs: again ? retryAfterMs(retryAfter, nowAt) : 0,
  };
}

/** Retry-After (RFC 9110 section 10.2.3), seconds or a date, in milliseconds from now; 0 without or when unreadable. */
export function retryAfterMs(value: string | null, nowAt: number): number {
  if (value === null) return 0;
  const waitMs = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowAt;
  return Number.isNaN(waitMs) ? 0 : Math.min(Math.max(0, waitMs), WAIT_MAX_MS);
}

/**
 * How long to wait before the `attempt`th repetition, from 1: twice as long each time, and by chance (`random` from 0
 * to 1) from half to one and a half of it, so that the sidecars of a cluster do not come back together.
 */
export function backOffMs(attempt: number, random: number): number {
  return Math.min(DELAY_MAX_MS, FIRST_DELAY_MS * 2 ** (attempt - 1)) * (0.5 + random);
}
