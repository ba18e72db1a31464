import { KernelError } from "../../ffi/netlink.ts";
import type { System } from "../../init/system.ts";
import { FakeKernel } from "./fake-kernel.ts";

const [ENOENT, EPROTONOSUPPORT] = [2, 93];

/** A pod with a kernel of its own, no programs, and nobody to connect to. */
export function podSystem(): System {
  return {
    openNetlink: new FakeKernel().connect,
    openRouteNetlink: () => new KernelError("socket", EPROTONOSUPPORT),
    enterNamespace: () => ENOENT,
    which: () => null,
    run: () => ({ code: 127, out: "", err: "no such program" }),
    readProc: () => "",
    probe: () => "unreachable",
    pause: () => {},
    realPath: (path) => path,
    addresses: () => [],
    owner: { uid: 0, gid: 0 },
  };
}
