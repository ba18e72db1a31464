/** Between two looks at what is on its way. */
const POLL_MS = 10;
/** A peer that takes nothing for so long gets no more. */
const PATIENCE_MS = 5000;

/**
 * Calls `done` once `leftBytes` says 0, or has said the same for `patienceMs`; never within this call. A reset takes away
 * what has not left yet, and nothing tells when that has, so the kernel is asked again and again. The timer may be cleared
 * before.
 */
export function whenDelivered(leftBytes: () => number, done: () => void, patienceMs = PATIENCE_MS): Timer {
  let left = leftBytes();
  let idleMs = 0;
  const poll = setInterval(() => {
    const before = left;
    left = leftBytes();
    idleMs = left === before ? idleMs + POLL_MS : 0;
    if (left > 0 && idleMs < patienceMs) return;
    clearInterval(poll);
    done();
  }, POLL_MS);
  return poll;
}
