/** One way's rules replace another's: two redirects at once would contradict each other. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { allBackends } from "../../init/backends.ts";
import { linux, type System } from "../../init/system.ts";
import { inNamespace } from "../ffi/namespace.ts";
import { initIn } from "./pod-init.ts";
import { legacyProgram, WAYS } from "./ways.ts";

let lab: Lab;
let pod: Pod;
beforeAll(() => {
  lab = Lab.create("netra-handover");
  pod = lab.pod("pod");
});
afterAll(() => lab.close());

/** This machine, where `iptables` is one kind and `iptables-legacy` the other. */
const both: System = linux;
const onlyLegacy: System = { ...linux, which: legacyProgram };

/** Which of the three hold rules of ours. */
function inPlace(): string[] {
  return inNamespace(pod.namespace, () => {
    const [nft, iptables] = allBackends(both);
    const [, legacy] = allBackends(onlyLegacy);
    const named = { nft: nft!, iptables: iptables!, legacy: legacy! };
    return Object.entries(named).flatMap(([name, backend]) => (backend.status() ? [name] : []));
  });
}

/** The last one applies on a machine that has everything. */
const FIRST = Object.entries(WAYS);

describe("rules are replaced:", () => {
  test.each(FIRST)("%s, then nft", (_, way) => {
    expect(initIn(pod, { ...way.env }, { system: way.system }).code).toBe(0);
    expect(initIn(pod).code).toBe(0);
    expect(inPlace()).toEqual(["nft"]);
  });

  test.each(FIRST)("%s, then iptables", (_, way) => {
    expect(initIn(pod, { ...way.env }, { system: way.system }).code).toBe(0);
    expect(initIn(pod, { NETRA_BACKEND: "iptables" }).code).toBe(0);
    expect(inPlace()).toContain("iptables");
    expect(inPlace()).not.toContain("nft");
  });

  test.each(FIRST)("%s, then a cleanup of everything", (_, way) => {
    expect(initIn(pod, { ...way.env }, { system: way.system }).code).toBe(0);
    expect(initIn(pod, {}, { action: "cleanup" }).code).toBe(0);
    expect(inPlace()).toEqual([]);
  });
});
