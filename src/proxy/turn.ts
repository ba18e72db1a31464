/**
 * What is written and dialled in one turn of the event loop departs together at its end, when every socket that had
 * something to say has been read.
 *
 * A send wakes its receiver, and takes the processor's caches for the kernel. One send after each read cost a fifth more
 * CPU per request than all reads first and all sends after them: our code stays warm, and a receiver that is kept busy
 * does not have to be woken each time. The same holds for connections that come in crowds. After a turn in which only
 * one departed, the first bytes of the next do not wait.
 *
 * Bun asks the kernel for up to 1024 events, and while it gets as many, up to 48 times more before a turn ends. So a crowd
 * does not wait for that: see `relieveTurn`.
 */
import type { Afterwork } from "./handler.ts";

/** What waits for the end of the turn: an outbox with bytes, an upstream to be dialled. */
export interface Departing {
  depart(): void;
  /** `depart` threw: a bug, of which nobody else hears, since no socket's event is being handled. */
  failed(error: unknown): void;
}

/** The memory of bytes that would otherwise be gone by then. Never larger: what does not fit is copied for itself. */
const MEMORY_BYTES = 256 * 1024;

/** As many as wait for the end of a turn when they need not: enough for all of the above, and heads for as many are kept. */
const CROWD = 64;

const memory = Buffer.allocUnsafeSlow(MEMORY_BYTES);
let memoryUsed = 0;
const departing: Departing[] = [];
/** Index of the first in `departing` that has not left yet. */
let nextDeparting = 0;
const afterwork: Afterwork[] = [];
let nextAfterwork = 0;
/** What has departed in this turn, or is to depart. */
let departures = 0;
/** Only one departed in the last turn in which any did. */
let isQuiet = true;
let isEndDue = false;

/**
 * True, once a turn, if bytes are to depart at once: they are the first, and in the last turn nobody else had any. Where
 * little happens there is nothing to gather, and the way to the end of a turn is long for a processor that was asleep.
 */
export function departsAtOnce(): boolean {
  if (departures > 0 || !isQuiet) return false;
  departures = 1;
  awaitEnd();
  return true;
}

/** `one` departs at the end of this turn, as often as this is called. */
export function departLater(one: Departing): void {
  departing.push(one);
  departures++;
  awaitEnd();
}

/** `work` is done at the end of this turn, when all that departs in it has gone. */
export function doAfterTurn(work: Afterwork): void {
  afterwork.push(work);
  awaitEnd();
}

/** A copy of `bytes` that lasts until the end of this turn. */
export function keepForTurn(bytes: Uint8Array): Uint8Array {
  const from = memoryUsed;
  const to = from + bytes.byteLength;
  if (to > MEMORY_BYTES) return new Uint8Array(bytes);
  memoryUsed = to;
  const copy = memory.subarray(from, to);
  copy.set(bytes);
  return copy;
}

/**
 * Between two events, with no bytes in hand: a crowd leaves, and what is due after it is done, before the turn ends. Else,
 * with a thousand sockets ready, the first would wait for the last, and a thousand heads and chunks would be kept.
 */
export function relieveTurn(): void {
  if (departing.length < CROWD && afterwork.length < CROWD) return;
  try {
    leave();
  } catch (error) {
    setImmediate(raise, error);
  }
}

/** The end of the turn. A bug in one costs the others nothing but time. */
export function endTurn(): void {
  try {
    leave();
  } finally {
    isEndDue = false;
    if (isAnyLeft()) awaitEnd();
    else countDepartures();
  }
}

function countDepartures(): void {
  if (departures > 0) isQuiet = departures === 1;
  departures = 0;
}

function leave(): void {
  try {
    while (nextDeparting < departing.length) departOrFail(departing[nextDeparting++]!);
    while (nextAfterwork < afterwork.length) afterwork[nextAfterwork++]!.afterTurn();
  } finally {
    if (!isAnyLeft()) forget();
  }
}

function isAnyLeft(): boolean {
  return nextDeparting < departing.length || nextAfterwork < afterwork.length;
}

function awaitEnd(): void {
  if (isEndDue) return;
  isEndDue = true;
  setImmediate(endTurn);
}

function departOrFail(one: Departing): void {
  try {
    one.depart();
  } catch (error) {
    one.failed(error);
  }
}

function forget(): void {
  departing.length = 0;
  nextDeparting = 0;
  afterwork.length = 0;
  nextAfterwork = 0;
  memoryUsed = 0;
}

/** For the process to hear of: the socket whose event it is has nothing to do with it. */
function raise(error: unknown): never {
  throw error;
}
