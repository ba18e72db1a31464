import { expect, test } from "bun:test";
import { join } from "node:path";

const EXEC = JSON.stringify(join(import.meta.dir, "..", "..", "ffi", "exec.ts"));

/** Runs `script`, which may ask for `beginAgainWith`, and says what it prints. */
async function run(script: string, env: Record<string, string>): Promise<string> {
  const code = `import { beginAgainWith } from ${EXEC}; ${script}`;
  const child = Bun.spawn([process.execPath, "-e", code, "a b", ""], { env, stderr: "inherit" });
  return await new Response(child.stdout).text();
}

test("the process begins again with its words, its variables and one more", async () => {
  const script = `
    if (process.env.AGAIN === undefined) {
      console.log(process.pid);
      beginAgainWith(["AGAIN=1 2", "MORE="]);
    }
    console.log(process.pid, process.env.AGAIN, process.env.MORE, process.env.LONG.length, process.argv.slice(1));`;
  const [first, ...rest] = (await run(script, { LONG: "x".repeat(100_000) })).split("\n");
  expect(rest).toEqual([`${first} 1 2  100000 [ "a b", "" ]`, ""]);
});

test("who may not read its own environment goes on, for it is not dumpable", async () => {
  const script = `
    const { dlopen } = await import("bun:ffi");
    dlopen("libc.so.6", { prctl: { args: ["i32", "i32"], returns: "i32" } }).symbols.prctl(4, 0);
    process.setuid(65534);
    beginAgainWith(["AGAIN=1"]);
    console.log("goes on", process.env.AGAIN);`;
  expect(await run(script, {})).toBe("goes on undefined\n");
});

test("what cannot begin again goes on", async () => {
  const script = `
    Object.defineProperty(process, "execPath", { value: "/nowhere/at/all" });
    beginAgainWith(["AGAIN=1"]);
    console.log("goes on", process.env.AGAIN);`;
  expect(await run(script, {})).toBe("goes on undefined\n");
});
