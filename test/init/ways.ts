/** Every way in which rules can come into the kernel, where need be on a machine that lacks the better ones. */
import { KernelError, type Netlink, openNetlink } from "../../ffi/netlink.ts";
import type { Request } from "../../ffi/netlink-codec.ts";
import { linux, type System } from "../../init/system.ts";

const NEWCHAIN = 0xa03;
const NFPROTO_INET = 1;
const [ENOENT, EPROTONOSUPPORT] = [2, 93];

export interface Way {
  readonly env: Readonly<Record<string, string>>;
  readonly system: System;
}

/** The netlink of this machine; a test that needs it cannot go on without. */
export function realNetlink(): Netlink {
  const netlink = openNetlink();
  if (netlink instanceof KernelError) throw new Error(`no netlink: errno ${netlink.errno}`);
  return netlink;
}

/** A kernel before 5.2: it refuses chains in tables of both families. */
function withoutInetNat(): Netlink {
  const netlink = realNetlink();
  const isRefused = ({ type, family }: Request) => type === NEWCHAIN && family === NFPROTO_INET;
  return {
    transact(requests) {
      const refusal = { request: requests.findIndex(isRefused), detail: null, offset: null };
      return refusal.request < 0 ? netlink.transact(requests) : [new KernelError("request", ENOENT, refusal)];
    },
    dump: (request) => netlink.dump(request),
    close: () => netlink.close(),
  };
}

/** What is called iptables is the kind that needs no nf_tables. */
export function legacyProgram(name: string): string | null {
  return Bun.which(name.includes("-legacy") ? name : name.replace("tables-", "tables-legacy-"));
}

export const WAYS: Readonly<Record<string, Way>> = {
  nft: { env: {}, system: linux },
  "nft without inet nat": { env: {}, system: { ...linux, openNetlink: withoutInetNat } },
  "iptables on request": { env: { NETRA_BACKEND: "iptables" }, system: linux },
  "iptables where nf_tables is missing": {
    env: {},
    system: {
      ...linux,
      openNetlink: () => new KernelError("socket", EPROTONOSUPPORT),
      which: legacyProgram,
    },
  },
};
