import { ApiError } from "./api-server.ts";
import { type Material, renew } from "./material.ts";
import type { Store } from "./store.ts";

const ATTEMPTS = 3;

/** Keeps the certificates of one replica. */
export interface Keeper {
  /** Reads what the replicas share, renews what is due and returns what to serve with. Rejects if it cannot. */
  look(): Promise<Material>;
}

/**
 * Replicas need no leader: each looks at the Secret and renews what is due, and the API server takes the first write
 * only. Whoever was late takes what the first wrote. The API server trusts a certificate before it is served.
 */
export function createKeeper(store: Store, dnsName: string, now: () => Date): Keeper {
  async function shared(attempts: number): Promise<Material> {
    const { material, version } = await store.read();
    const renewed = renew(material, dnsName, now());
    if (renewed === material) return renewed;
    try {
      await store.write(renewed, version);
      return renewed;
    } catch (error) {
      const isLate = error instanceof ApiError && error.status === 409;
      if (!isLate || attempts === 1) throw error;
      return shared(attempts - 1);
    }
  }

  return {
    async look() {
      const material = await shared(ATTEMPTS);
      await store.trust(material.authorities);
      return material;
    },
  };
}
