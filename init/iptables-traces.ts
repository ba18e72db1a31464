import { KernelError } from "../ffi/netlink.ts";
import { messageAttributes } from "../ffi/netlink-codec.ts";
import { CHAIN_PREFIX } from "./iptables-text.ts";
import { dumpChains } from "./nft-messages.ts";
import { chainName } from "./nft-tables.ts";
import type { System } from "./system.ts";

/** Lists the tables that the older kind of iptables has in use. */
const LEGACY_TABLES = ["ip_tables_names", "ip6_tables_names"].map((file) => `/proc/thread-self/net/${file}`);

/** Whether iptables may hold rules of ours: found out without running it, which would load its modules. */
export function hasIptablesTraces(system: System): boolean {
  return LEGACY_TABLES.some((path) => system.readProc(path).includes("nat")) || hasNftTraces(system);
}

/** The newer kind keeps its chains in nf_tables. */
function hasNftTraces(system: System): boolean {
  const netlink = system.openNetlink();
  if (netlink instanceof KernelError) return false;
  const chains = netlink.dump(dumpChains);
  netlink.close();
  if (chains instanceof KernelError) return false;
  return chains.some(({ payload }) => chainName(messageAttributes(payload)).startsWith(CHAIN_PREFIX));
}
