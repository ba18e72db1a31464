/** Puts header routing together: what decides, what is remembered between requests, what finds addresses. */
import type { Config } from "./config.ts";
import { LineLimit } from "./log/line-limit.ts";
import type { Log } from "./log.ts";
import { Routing, type RoutingSwitches } from "./mesh/policy/routing.ts";
import { RoutingStore, type RoutingValues } from "./mesh/policy/routing-store.ts";
import { NameCache } from "./name-cache.ts";
import { isDirect } from "./proxy/destination.ts";
import { ownIps } from "./proxy/own-ips.ts";
import type { EventLoop } from "./workers/event-loop.ts";

export interface HeaderRouting {
  readonly policy: Routing;
  /** Takes over what may change live; it holds for the next request of every connection. */
  change(config: Config): void;
  /** Ends what goes on in the background. */
  stop(): void;
}

/** Routing as `config` has it, switched on or not. `loop` is given if there are several, which share the values. */
export function createRouting(config: Config, log: Log, loop: EventLoop | null): HeaderRouting {
  const store = createStore(config, loop);
  const names = new NameCache();
  const lines = new LineLimit(log, () => performance.now());
  const ours = [config.port, config.pprofPort, config.prometheusPort].map((port) => ({ ip: "::", port }));
  const policy = new Routing(
    {
      headerName: config.routingHeader,
      cookieName: config.routingCookie,
      store,
      find: (name) => names.find(name),
      // Whoever connects from here to the profiling port counts as local, and may change what only locals may.
      isOurs: (address) => ours.some((own) => isDirect(address, own, ownIps)),
      warn: (line, kind) => lines.warn(line, kind),
    },
    switchesOf(config),
  );
  return {
    policy,
    change: (next) => void Object.assign(policy.switches, switchesOf(next)),
    stop: () => store.stop(),
  };
}

function createStore(config: Config, loop: EventLoop | null): RoutingValues {
  const { routingExpirationMs: expirationMs, routingCleanupIntervalMs, contextMaxEntries } = config;
  if (loop !== null) return loop.routingValues(expirationMs);
  return new RoutingStore({
    expirationMs,
    sweepIntervalMs: routingCleanupIntervalMs,
    maxEntries: contextMaxEntries,
  });
}

function switchesOf({ routing, routingByCookie }: Config): RoutingSwitches {
  return { isOn: routing, byCookie: routingByCookie };
}
