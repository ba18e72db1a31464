import { describe, expect, test } from "bun:test";
import { ipBatch } from "../../examples/lab/ip.ts";
import { Lab } from "../../examples/lab/namespaces.ts";
import { KernelError, openRouteNetlink } from "../../ffi/netlink.ts";
import { type Link, readLinks, signIn, signOfHost } from "../../init/place.ts";
import { inNamespace } from "../ffi/namespace.ts";
import { podSystem } from "./fake-system.ts";

const soft = (name: string): Link => ({ name, isPhysical: false });
const hard = (name: string): Link => ({ name, isPhysical: true });

describe("a network namespace is taken for a pod's", () => {
  const rows: [string, Link[], boolean][] = [
    ["with nothing but loopback", [soft("lo")], false],
    ["with the usual interfaces", [soft("lo"), soft("eth0")], true],
    ["with a second network and tunnels", [soft("lo"), soft("eth0"), soft("net1"), soft("tunl0")], false],
    ["in a virtual machine of its own, by Kubernetes", [soft("lo"), hard("eth0")], true],
    ["if its interfaces cannot be told", [], false],
    [
      "with interfaces whose names only resemble a host's",
      [soft("lo"), soft("cni01"), soft("my-veth")],
      false,
    ],
  ];
  test.each(rows)("%s", (_, links, isInKubernetes) => {
    expect(signIn(links, isInKubernetes)).toBeNull();
  });
});

describe("a network namespace is taken for a host's", () => {
  const rows: [string, Link[], boolean, string][] = [
    ...["cni0", "docker0", "flannel.1", "cilium_host", "cali12ab", "kube-ipvs0", "veth12ab"].map(
      (name): [string, Link[], boolean, string] => [`by ${name}`, [soft("lo"), soft(name)], true, name],
    ),
    ["by a physical interface", [soft("lo"), hard("ens5")], false, "ens5"],
    ["by a physical interface among several", [soft("lo"), hard("eth0"), soft("eni1")], true, "eth0"],
  ];
  test.each(rows)("%s", (_, links, isInKubernetes, name) => {
    expect(signIn(links, isInKubernetes)).toContain(`interface ${name}`);
  });
});

test("links are read from the kernel", () => {
  const lab = Lab.create("netra-place");
  const pod = lab.pod("pod");
  ipBatch(["link add docker0 type bridge", "link add br7 type bridge"], pod.namespace);
  const links = inNamespace(pod.namespace, () => {
    const netlink = openRouteNetlink();
    if (netlink instanceof KernelError) throw new Error("no rtnetlink");
    const found = readLinks(netlink);
    netlink.close();
    return found;
  });
  lab.close();
  expect(links).toEqual(expect.arrayContaining(["lo", "eth0", "docker0", "br7"].map(soft)));
});

test("a kernel that does not tell is no reason to refuse", () => {
  expect(signOfHost(podSystem(), {})).toBeNull();
});
