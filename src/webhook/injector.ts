/** The injector: certificates that renew themselves, and the server that serves with them. */
import type { Settings } from "../inject/settings.ts";
import type { Log } from "../log.ts";
import type { AdmissionPolicy } from "./admission.ts";
import { type ApiServer, ask, ownNamespace } from "./api-server.ts";
import { createKeeper } from "./keeper.ts";
import { serve } from "./server.ts";
import { createStore } from "./store.ts";

export interface InjectorOptions {
  readonly api: ApiServer;
  /** Of the Service, the Secret and the MutatingWebhookConfiguration. */
  readonly name: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly settings: Settings;
  readonly version: string;
  readonly now: () => Date;
  readonly log: Log;
}

export interface Injector {
  readonly port: number;
  /** Renews what is due and repairs what somebody undid. Rejects if the API server does not let it. */
  look(): Promise<void>;
  /** Not ready from now on; serves all the same. */
  retire(): void;
  stop(): Promise<void>;
}

/** Starts when the API server trusts it. Rejects if that cannot be had. */
export async function startInjector(options: InjectorOptions): Promise<Injector> {
  const { api, name, port, settings, version, now, log } = options;
  const namespace = ownNamespace(api);
  const keeper = createKeeper(createStore(api, namespace, name), `${name}.${namespace}.svc`, now);
  const native = settings.native && (await hasNativeSidecars(api));
  const policy: AdmissionPolicy = {
    settings: { ...settings, native },
    version,
    excludedNamespaces: new Set(["kube-system", "kube-node-lease", namespace]),
  };
  let served = await keeper.look();
  let isRetired = false;
  const server = serve(port, served, { policy, isReady: () => !isRetired, log });
  const kind = native ? "native" : "classic";
  log.info(
    `netramesh ${version} injects ${kind} sidecars, on port ${server.port} as ${name}.${namespace}.svc`,
  );
  return {
    port: server.port,
    async look() {
      const material = await keeper.look();
      if (material.certificate === served.certificate) return;
      served = material;
      server.renew(material);
      log.info("serves with a renewed certificate");
    },
    retire() {
      isRetired = true;
    },
    stop: () => server.stop(),
  };
}

/** Kubernetes has restartable init containers since 1.29. */
async function hasNativeSidecars(api: ApiServer): Promise<boolean> {
  const { major, minor } = await ask<{ major: string; minor: string }>(api, {
    method: "GET",
    path: "/version",
  });
  // Some clouds append a plus sign.
  return Number(major) > 1 || Number.parseInt(minor, 10) >= 29;
}
