import type { Address } from "./address.ts";

/** The addresses of a host name, best first; rejects if there are none. In the background only, never for traffic. */
export async function lookUp(host: string): Promise<Address[]> {
  const found = await Bun.dns.lookup(host);
  return found.map(({ address }) => ({ ip: address, port: 0 }));
}
