/** Puts together what happens to HTTP: who edits requests, who watches exchanges, on which connections. */
import type { Access } from "./access.ts";
import type { Config } from "./config.ts";
import { LineLimit } from "./log/line-limit.ts";
import type { Log } from "./log.ts";
import type { ExchangeObserver } from "./mesh/exchange.ts";
import { HttpHandler, type HttpOptions } from "./mesh/http-handler.ts";
import { ignoredPaths } from "./mesh/ignored-paths.ts";
import type { OpaqueReasons } from "./mesh/opaque-reasons.ts";
import { RequestIdPolicy } from "./mesh/policy/request-id.ts";
import { SourcePolicy } from "./mesh/policy/source.ts";
import type { HandlerFactory } from "./proxy/handler.ts";
import type { HeaderRouting } from "./routing.ts";
import type { Clock } from "./trace/clock.ts";
import type { Tracing } from "./tracing.ts";

export interface HttpFollowers {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly tracing: Tracing | null;
  readonly access: Access;
  readonly routing: HeaderRouting;
  readonly opaque: OpaqueReasons;
  /** Who else watches exchanges, always. */
  readonly exchanges: readonly ExchangeObserver[];
}

export interface HttpFollowing {
  readonly handlerFactory: HandlerFactory;
  /**
   * Takes over what may change live; it holds for the next request of every connection. Of calls at once the last one
   * counts.
   */
  change(config: Config): Promise<void>;
}

export async function followHttp(followers: HttpFollowers): Promise<HttpFollowing> {
  const { config, log, clock, tracing, access, routing, opaque, exchanges } = followers;
  const requestId = new RequestIdPolicy(config.requestIdHeader);
  const source = new SourcePolicy(config.sourceHeader, config.sourceValue);
  const bugs = new LineLimit(log, () => performance.now());
  const live = async ({ ignoredPaths: paths, accessLog }: Config) => ({
    isIgnored: ignoredPaths(paths),
    observers: [tracing?.observer, ...exchanges, await access.observer(accessLog)].filter(
      (each) => each != null,
    ),
  });
  // Handlers read it for each request, so what changes in it changes at once on all connections.
  const options: HttpOptions = {
    policies: [requestId, source, routing.policy, ...(tracing === null ? [] : [tracing.policy])],
    routing: routing.policy,
    clock,
    headTimeoutMs: config.headTimeoutMs,
    onOpaque: (conn, reason) => opaque.count(conn, reason),
    onBug: (error) => bugs.error(`tracing failed, the traffic goes on: ${(error as Error).stack ?? error}`),
    ...(await live(config)),
  };
  const { httpPorts, httpAutodetect, opaquePorts } = config;
  let latest = config;
  return {
    handlerFactory: (info, relay) => {
      const { port } = info.originalDst;
      const declared = httpPorts.has(port);
      const follow = declared || (httpAutodetect && !opaquePorts.has(port));
      return follow ? new HttpHandler(info, relay, options, declared) : null;
    },
    change: async (next) => {
      latest = next;
      const changed = await live(next);
      if (latest === next) Object.assign(options, changed);
    },
  };
}
