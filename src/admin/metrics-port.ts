/** What the metrics port answers. It is open to the network, so it neither reveals nor changes anything of interest. */
import { APP_HEALTH, type AppProbes } from "./app-probes.ts";
import { type Answer, text } from "./http/answer.ts";
import type { Handler } from "./http/connection.ts";
import type { HttpRequest } from "./http/request.ts";
import { router } from "./http/router.ts";
import { PortCheck, type PortState } from "./port-check.ts";
import type { Readiness } from "./readiness.ts";
import { limitScrapes, type Scrape } from "./scrape.ts";

export interface MetricsPortOptions {
  readonly scrape: Scrape;
  readonly readiness: Readiness;
  readonly probes: AppProbes;
  /** The pod's own address, which probes without a host are for. */
  readonly podIp: () => string;
}

/** As in 0.10, every path that is not one of ours answers with metrics. */
export function metricsPort({ scrape, readiness, probes, podIp }: MetricsPortOptions): Handler {
  const limited = limitScrapes(scrape, () => performance.now());
  const checks = new PortCheck();
  const metrics = async ({ accept }: HttpRequest): Promise<Answer> => ({
    status: 200,
    ...(await limited(accept)),
  });
  const appHealth = async ({ path }: HttpRequest): Promise<Answer> => {
    const probe = probes.get(path.slice(APP_HEALTH.length));
    if (probe === undefined) return text(404, "no such probe in NETRA_APP_PROBES");
    const { host, port, timeoutMs } = probe;
    return WORDS[await checks.check({ ip: host ?? podIp(), port }, timeoutMs)];
  };
  return router(
    {
      "/live": { GET: () => text(200, "live") },
      "/ready": { GET: ({ query }) => (query.has("verbose") ? readiness.explain() : readiness.answer()) },
    },
    { GET: (request) => (request.path.startsWith(APP_HEALTH) ? appHealth(request) : metrics(request)) },
  );
}

const WORDS: Readonly<Record<PortState, Answer>> = {
  open: text(200, "the application accepts connections"),
  refused: text(503, "the application does not accept connections"),
  silent: text(503, "the application did not accept a connection in time"),
};
