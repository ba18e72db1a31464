/** The image as a registry would hand it out, out of dist/netramesh.oci.tar, and run as a container engine would. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import manifest from "../../package.json" with { type: "json" };
import { ARCHITECTURES } from "../../scripts/image/architectures.ts";
import { inRootfs, smokeTest } from "../../scripts/smoke.ts";
import { Agent } from "../e2e/agent.ts";
import { HTTP_PORT, OPAQUE_PORT, PROXY_PORT } from "../e2e/harness.ts";
import { type Link, link, Server } from "../e2e/wire.ts";
import { Archive, type Image, unpack } from "./archive.ts";
import { type Container, Engine } from "./container.ts";

setDefaultTimeout(60_000);

/** The binary, its loader, libc, libm, libdl and libpthread. */
const PROGRAMS = 6;
const ARCHIVE = join(import.meta.dir, "..", "..", "dist", "netramesh.oci.tar");

let folder: string;
let images: Map<string, Image>;
beforeAll(async () => {
  if (!existsSync(ARCHIVE)) throw new Error("no dist/netramesh.oci.tar: run `bun run image` first");
  folder = mkdtempSync(join(tmpdir(), "netramesh-image-"));
  images = await (await Archive.open(ARCHIVE, join(folder, "archive"))).images();
  for (const [name, image] of images) await unpack(image, join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("there is one for amd64 and one for arm64", () => {
  expect([...images.keys()]).toEqual(["amd64", "arm64"]);
});

describe.each([...ARCHITECTURES])("$name:", ({ name, process: platform, emulator }) => {
  test("it runs as 1337, and says what it is", () => {
    const { architecture, config } = images.get(name)!.config;
    expect(architecture).toBe(name);
    expect(config.User).toBe("1337:1337");
    expect(config.Labels).toMatchObject({
      "org.opencontainers.image.title": "netramesh",
      "org.opencontainers.image.version": manifest.version,
    });
  });

  test("it starts as uid 1337 and ends on SIGTERM", async () => {
    const foreign = process.arch === platform ? null : Bun.which(emulator);
    await smokeTest(inRootfs(join(folder, name), foreign));
  });

  test("nothing in it is for another machine, can be written or gives rights", () => {
    const paths = readdirSync(join(folder, name), { recursive: true, encoding: "utf8" });
    const modes = paths.map((path) => statSync(join(folder, name, path)));
    expect(modes.filter(({ mode, uid, gid }) => (mode & 0o6022) !== 0 || uid !== 0 || gid !== 0)).toEqual([]);
    const machines = paths.map((path) => machineOf(join(folder, name, path))).filter((each) => each !== null);
    expect(machines).toEqual(Array(PROGRAMS).fill(MACHINES[name]!));
  });

  test("its bill of materials names Bun, glibc and the packages of the product", async () => {
    const { components } = await Bun.file(join(folder, name, "usr/share/netramesh/sbom.cdx.json")).json();
    const names = components.map((component: { name: string }) => component.name);
    expect(names).toContain("libc6");
    for (const dependency of Object.keys(manifest.dependencies)) expect(names).toContain(dependency);
    expect(names.filter((each: string) => each.startsWith("@oven/bun-linux-"))).toHaveLength(1);
    for (const dependency of Object.keys(manifest.devDependencies)) expect(names).not.toContain(dependency);
  });

  test("it carries the licences of what is in it", () => {
    const read = (path: string) => readFileSync(join(folder, name, "usr/share/doc", path), "utf8");
    expect(read("netramesh/LICENSE").split("\n")[0]).toBe("MIT License");
    expect(read("libc6/copyright").split("\n")[0]).toMatch(/GNU C Library/);
  });
});

/** ELF's number of each machine (e_machine): /usr/include/elf.h. */
const MACHINES: Readonly<Record<string, number>> = { amd64: 62, arm64: 183 };
const ELF_MAGIC = "\x7fELF";
const ELF_MACHINE_AT = 18;

/** The machine that a program is for; null if the file is none. */
function machineOf(path: string): number | null {
  if (!statSync(path).isFile()) return null;
  const head = Buffer.alloc(ELF_MACHINE_AT + 2);
  const file = openSync(path, "r");
  readSync(file, head);
  closeSync(file);
  return head.toString("latin1", 0, 4) === ELF_MAGIC ? head.readUInt16LE(ELF_MACHINE_AT) : null;
}

describe("in a pod, its root file system read-only and no new privileges:", () => {
  let lab: Lab;
  let pod: Pod;
  let outside: Pod;
  let engine: Engine;
  let agent: Agent;
  let sidecar: Container;
  const servers = new Map<string, Server>();
  beforeAll(async () => {
    lab = Lab.create("netra-image");
    pod = lab.pod("pod");
    outside = lab.pod("outside");
    agent = await Agent.start(outside);
    engine = new Engine(join(folder, "amd64"), images.get("amd64")!.config);
    for (const port of [HTTP_PORT, OPAQUE_PORT]) {
      servers.set(`inbound ${port}`, new Server(pod, port));
      servers.set(`outbound ${port}`, new Server(outside, port));
    }
  });
  afterAll(() => {
    for (const server of servers.values()) server.close();
    engine.close();
    lab.close();
  });

  test("init needs NET_ADMIN", async () => {
    const init = engine.start(pod, { args: ["init"], uid: 0 });
    expect(await init.exited).toBe(1);
    expect(init.log).toMatch(/EPERM/);
  });

  test("init needs nothing else", async () => {
    const init = engine.start(pod, { args: ["init"], uid: 0, capabilities: ["CAP_NET_ADMIN"] });
    expect([await init.exited, init.log]).toEqual([0, expect.stringMatching(/redirecting to port 14956/)]);
  });

  test("the sidecar starts as 1337 without a capability", async () => {
    const env = { ...agent.env, NETRA_HTTP_PORTS: String(HTTP_PORT), NETRA_DRAIN_GRACE_MILLISECONDS: "0" };
    sidecar = engine.start(pod, { args: ["--service-name", "shop"], env });
    await sidecar.logged(/listens on port 14956 as uid 1337 gid 1337/);
    await pod.waitForPort(PROXY_PORT);
    const status = sidecar.proc("status");
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
      expect(status).toMatch(`${set}:\t${"0".repeat(16)}`);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(sidecar.proc("mountinfo")).toMatch(/ \/ ro[ ,]/);
  });

  test.each([
    ["inbound", HTTP_PORT, "server"],
    ["outbound", HTTP_PORT, "client"],
  ] as const)("%s requests come through and become spans", async (direction, port, kind) => {
    const ends = await connect(direction, port);
    ends.client.send(`GET /${direction} HTTP/1.1\r\nHost: shop\r\n\r\n`).fin();
    await ends.server.over();
    ends.server.send("HTTP/1.1 204 No Content\r\n\r\n").fin();
    await ends.client.over();
    const [span] = await agent.find(1, ({ operationName, tags }) =>
      `${operationName} ${tags["http.path"]}`.includes(direction),
    );
    expect([span!.service, span!.tags["span.kind"], span!.tags["http.status_code"]]).toEqual([
      "shop",
      kind,
      204n,
    ]);
  });

  test.each(["inbound", "outbound"] as const)(
    "%s bytes on other ports come through as they are",
    async (direction) => {
      const ends = await connect(direction, OPAQUE_PORT);
      ends.client.send("hello").fin();
      await ends.server.over();
      expect(ends.server.text).toBe("hello");
      ends.server.send("goodbye").fin();
      await ends.client.over();
      expect(ends.client.text).toBe("goodbye");
    },
  );

  test("SIGTERM ends it well, though it is process 1", async () => {
    sidecar.signal("TERM");
    expect(await sidecar.exited).toBe(0);
  });

  function connect(direction: "inbound" | "outbound", port: number): Promise<Link> {
    const [from, to] = direction === "inbound" ? [outside, pod] : [pod, outside];
    return link(from, to.ip4, port, servers.get(`${direction} ${port}`)!);
  }
});
