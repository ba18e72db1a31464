import { expect, test } from "bun:test";
import { resolve } from "node:path";
import { listNamespaces } from "../../../examples/lab/ip.ts";

// The demo judges itself; needs root and the built binary, as the end-to-end tests do.
const REPOSITORY = resolve(import.meta.dir, "../../..");
const DEMO = [process.execPath, `${REPOSITORY}/examples/demo/demo.ts`];
const TIMEOUT_MS = 60_000;

function demoNamespaces(): string[] {
  return listNamespaces().filter((name) => name.startsWith("netra-demo-"));
}

test(
  "the demo shows four whole traces through three languages, in plain text where there is no terminal, and cleans up",
  async () => {
    const demo = Bun.spawn(DEMO, { stdout: "pipe", stderr: "pipe", env: { PATH: process.env.PATH! } });
    const [said, complained] = await Promise.all([demo.stdout.text(), demo.stderr.text()]);
    expect(complained).toBe("");
    expect(await demo.exited).toBe(0);
    expect(said.match(/^\/order\/\w+ {2}trace [0-9a-f]+, 7 spans$/gm)).toHaveLength(4);
    for (const header of ["traceparent", "b3", "X-Request-Id"]) {
      expect(said).toContain(`passes on ${header} and nothing else`);
    }
    expect(said).toContain("every request left one whole trace: 254 of 254");
    expect(said).toBe(Bun.stripANSI(said));
    expect(demoNamespaces()).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  "the demo cleans up when it is interrupted",
  async () => {
    const demo = Bun.spawn(DEMO, { stdout: "pipe", stderr: "ignore" });
    await demo.stdout.getReader().read();
    expect(demoNamespaces()).not.toEqual([]);
    demo.kill("SIGINT");
    expect(await demo.exited).toBe(130);
    expect(demoNamespaces()).toEqual([]);
  },
  TIMEOUT_MS,
);
