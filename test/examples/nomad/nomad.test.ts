/** The job file, read by HashiCorp's own parser. What Nomad makes of it nobody has tried here: there is no package. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import hcl from "hcl2-parser";

const FILE = join(import.meta.dir, "../../../examples/nomad/shop.nomad.hcl");

interface Task {
  readonly driver: string;
  readonly user?: string;
  readonly lifecycle?: readonly { readonly hook: string; readonly sidecar: boolean }[];
  readonly config: readonly Readonly<Record<string, unknown>>[];
}

interface Group {
  readonly network: readonly { readonly mode: string }[];
  readonly task: Readonly<Record<string, readonly Task[]>>;
}

/** Null if the text is not HCL. */
function groupOf(text: string): Group | null {
  const [file] = hcl.parseToObject(text);
  return file?.job.shop[0].group.shop[0] ?? null;
}

test("it is HCL, and what is cut off is not", async () => {
  const text = await Bun.file(FILE).text();
  expect(groupOf(text)).not.toBeNull();
  expect(groupOf(text.slice(0, -3))).toBeNull();
});

test("init may only change the network, the sidecar nothing, and both come before the application", async () => {
  const { network, task } = groupOf(await Bun.file(FILE).text())!;
  expect(network[0]!.mode).toBe("bridge");
  const restricted = { cap_drop: ["all"], readonly_rootfs: true, security_opt: ["no-new-privileges"] };
  const [init] = task["netramesh-init"]!;
  expect(init).toMatchObject({ user: "0:0", lifecycle: [{ hook: "prestart", sidecar: false }] });
  expect(init!.config[0]).toMatchObject({ ...restricted, args: ["init"], cap_add: ["net_admin"] });
  const [sidecar] = task.netramesh!;
  expect(sidecar).toMatchObject({ lifecycle: [{ hook: "prestart", sidecar: true }] });
  expect(sidecar!.config[0]).toMatchObject({ ...restricted, args: ["--service-name", "shop"] });
  expect(sidecar!.user ?? sidecar!.config[0]!.cap_add).toBeUndefined();
  expect(task.app![0]!.lifecycle).toBeUndefined();
});

test("both run the image that is named when the job is started: an untagged local one Nomad would not use", async () => {
  const { task } = groupOf(await Bun.file(FILE).text())!;
  const images = ["netramesh-init", "netramesh"].map((name) => task[name]![0]!.config[0]!.image);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: HCL, not a template.
  const named = "${var.image}";
  expect(images).toEqual([named, named]);
});
