/** Whose network this is: a pod's own, or a host's, where a wrong rule cuts off other people. */
import { KernelError, type Netlink } from "../ffi/netlink.ts";
import { decodeAttributes, NLM_F_DUMP, NLM_F_REQUEST, readCString } from "../ffi/netlink-codec.ts";
import type { Environment } from "../src/env.ts";
import type { System } from "./system.ts";

/** linux/rtnetlink.h, linux/if_link.h, linux/if_arp.h */
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const IFINFOMSG_BYTES = 16;
const ARPHRD_LOOPBACK = 772;
const IFLA_IFNAME = 3;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;

/** A network interface. */
export interface Link {
  readonly name: string;
  /** Neither loopback nor made by software, as veth, bridges and tunnels are. */
  readonly isPhysical: boolean;
}

/** What container networks put on a host. */
const OF_HOSTS = /^(cni0|docker0|flannel.*|cilium_host|cali.*|kube-ipvs0|veth.*)$/;
/** The loopback interface and one other. */
const LINKS_OF_A_POD = 2;

/** Why the current network namespace looks like a host's, in words; null: it looks like a pod's. */
export function signOfHost(system: System, env: Environment): string | null {
  const netlink = system.openRouteNetlink();
  if (netlink instanceof KernelError) return null;
  const links = readLinks(netlink);
  netlink.close();
  return signIn(links, "KUBERNETES_SERVICE_HOST" in env);
}

/** A pod in a virtual machine of its own has a physical interface too, but Kubernetes says that it is a pod. */
export function signIn(links: readonly Link[], isInKubernetes: boolean): string | null {
  const known = links.find(({ name }) => OF_HOSTS.test(name));
  if (known) return `it has the interface ${known.name}`;
  const physical = links.find(({ isPhysical }) => isPhysical);
  if (!physical || (isInKubernetes && links.length <= LINKS_OF_A_POD)) return null;
  return `its interface ${physical.name} is a physical one`;
}

/** All links; none if the kernel does not tell. */
export function readLinks(netlink: Netlink): Link[] {
  const flags = NLM_F_REQUEST | NLM_F_DUMP;
  const dump = netlink.dump({ type: RTM_GETLINK, flags, family: 0, resourceId: 0, attributes: [] });
  if (dump instanceof KernelError) return [];
  return dump.filter(({ type }) => type === RTM_NEWLINK).map(({ payload }) => readLink(payload));
}

/** An ifinfomsg: u8 family, u8 padding, u16 hardware type, then index and flags; attributes follow. */
function readLink(payload: Uint8Array): Link {
  const attributes = decodeAttributes(payload.subarray(IFINFOMSG_BYTES));
  const info = attributes.find(({ type }) => type === IFLA_LINKINFO);
  const hasKind = info && decodeAttributes(info.payload).some(({ type }) => type === IFLA_INFO_KIND);
  const hardware = payload[2]! | (payload[3]! << 8);
  const name = attributes.find(({ type }) => type === IFLA_IFNAME);
  return {
    name: name ? readCString(name.payload) : "",
    isPhysical: !hasKind && hardware !== ARPHRD_LOOPBACK,
  };
}
