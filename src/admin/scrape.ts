/** The metrics as text: what metrics/ makes of the header Accept; not at once if others have to be asked. */
export type Scrape = (accept: string) => Exposition | Promise<Exposition>;

export interface Exposition {
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/** Metrics are made at most this share of the time: they are made on the event loop that the traffic needs. */
const SHARE = 0.1;

/** OpenMetrics, or Prometheus' own text format: no answer depends on more than that. */
const OPEN_METRICS = "application/openmetrics-text";

/**
 * `scrape`, which took t ms, is not run again for 10 t; meanwhile its answer is repeated. Whoever asks once a second
 * gets fresh metrics, whoever floods the port gets old ones. `nowMs` is a clock that never goes back.
 */
export function limitScrapes(scrape: Scrape, nowMs: () => number): Scrape {
  const plain = repeatWhileFresh(scrape, nowMs);
  const openMetrics = repeatWhileFresh(scrape, nowMs);
  return (accept) => (accept.includes(OPEN_METRICS) ? openMetrics(accept) : plain(accept));
}

function repeatWhileFresh(scrape: Scrape, nowMs: () => number): Scrape {
  let last: ReturnType<Scrape> | null = null;
  let freshUntilMs = 0;
  return (accept) => {
    const startedAtMs = nowMs();
    if (last !== null && startedAtMs < freshUntilMs) return last;
    last = scrape(accept);
    const settle = () => {
      const endedAtMs = nowMs();
      freshUntilMs = endedAtMs + (endedAtMs - startedAtMs) / SHARE;
    };
    if (last instanceof Promise) {
      freshUntilMs = Number.POSITIVE_INFINITY;
      void last.finally(settle);
    } else {
      settle();
    }
    return last;
  };
}
