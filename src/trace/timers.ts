/** One-shot timers, injected so that tests hold time in their hands. */
export interface Timers {
  /** Runs `run` once after `ms` milliseconds unless the returned function is called before. */
  after(ms: number, run: () => void): () => void;
}

/** The runtime's timers. A pending one keeps the process alive: their owners cancel them at drain. */
export const processTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
