/** `netramesh inject` and `uninject` as a process: streams and exit codes. */
import { afterAll, describe, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAIN = [process.execPath, join(import.meta.dir, "..", "..", "src", "main.ts")];
const folder = mkdtempSync(join(tmpdir(), "netramesh-inject-"));
afterAll(() => rmSync(folder, { recursive: true }));

const POD =
  "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: web:1\n";
const BROKEN = "kind: Pod\nkind: Pod\n";

async function netramesh(argv: readonly string[], input: string | Uint8Array<ArrayBuffer> = "") {
  const stdin = new Response(input);
  const child = Bun.spawn([...MAIN, ...argv], {
    cwd: folder,
    env: {},
    stdin,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [code, out, err] = await Promise.all([child.exited, child.stdout.bytes(), child.stderr.text()]);
  return { code, out: Buffer.from(out).toString(), err };
}

function file(name: string, text: string | Uint8Array): string {
  writeFileSync(join(folder, name), text);
  return name;
}

describe("inject", () => {
  test.each([[["inject"]], [["inject", "-"]]])("%j reads standard input", async (argv) => {
    const { code, out, err } = await netramesh(argv, POD);
    expect({ code, err }).toEqual({ code: 0, err: "pod/web: injected\n" });
    expect(out).toStartWith(`apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n`);
  });

  test("and uninject are each other's opposite", async () => {
    const { out: injected } = await netramesh(["inject", "--http-ports", "80"], POD);
    expect(await netramesh(["uninject"], injected)).toEqual({
      code: 0,
      out: POD,
      err: "pod/web: uninjected\n",
    });
  });

  test("keeps a byte order mark", async () => {
    const { out } = await netramesh(["inject"], `\uFEFF${POD}`);
    expect(out).toStartWith("\uFEFFapiVersion");
    expect((await netramesh(["uninject"], out)).out).toBe(`\uFEFF${POD}`);
  });

  test("makes one stream of many files", async () => {
    const files = [
      file("a.yaml", POD.trimEnd()),
      file("b.yaml", `---\n${POD}`),
      file("c.json", '{"kind":"X"}'),
    ];
    const { out } = await netramesh(["uninject", ...files]);
    expect(out).toBe(`${POD}---\n${POD}---\n{"kind":"X"}`);
  });

  test("tells each change and its reason on request, and nothing that steers a terminal", async () => {
    const { err } = await netramesh(["inject", "--explain"], POD.replace("name: web", 'name: "we\\eb"'));
    expect(err).toStartWith("pod/we?b: injected\n  + /spec/initContainers: redirects the pod's connections");
  });

  test("takes switches for all sidecars", async () => {
    const argv = [
      "--image=a/b:1",
      "--classic",
      "--env=JAEGER_AGENT_HOST=jaeger",
      "--env",
      "NETRA_HTTP_PORTS=1,2",
    ];
    const { out } = await netramesh(["inject", ...argv], POD);
    expect(out.match(/image: a\/b:1\n/g)).toHaveLength(2);
    expect(out).toContain("- netramesh\n          - wait\n");
    expect(out).toContain("- name: JAEGER_AGENT_HOST\n      value: jaeger");
    expect(out).toContain('- name: NETRA_HTTP_PORTS\n      value: "1,2"');
  });
});

test.each(["", "kind: ConfigMap\n"])(
  "%j in leaves what stood in the files that are written to",
  async (input) => {
    const [out, err] = [join(folder, "out"), join(folder, "err")];
    const open = (path: string) => {
      writeFileSync(path, "before\n");
      return openSync(path, "a");
    };
    const [stdout, stderr] = [open(out), open(err)];
    const child = Bun.spawn([...MAIN, "inject"], {
      env: {},
      stdin: new Response(input),
      stdout,
      stderr,
    });
    expect(await child.exited).toBe(0);
    for (const file of [stdout, stderr]) closeSync(file);
    expect([readFileSync(out, "utf8"), readFileSync(err, "utf8")]).toEqual([`before\n${input}`, "before\n"]);
  },
);

describe("writes nothing and says what is wrong:", () => {
  const rows: [label: string, argv: string[], code: number, err: string | RegExp][] = [
    ["a broken text", ["-"], 2, "stdin:2:1: Map keys must be unique\n"],
    ["one broken file of two", [file("good.yaml", POD), file("bad.yaml", BROKEN)], 2, /^bad\.yaml:2:1: /],
    [
      "a file that is not UTF-8",
      [file("latin1.yaml", Buffer.from(`# caf\u00e9\n${POD.trimEnd()} # \u00e9`, "latin1"))],
      2,
      /^netramesh: latin1\.yaml:1:6: this is not UTF-8/,
    ],
    ["a file that is not there", ["nowhere.yaml"], 1, /no such file.*nowhere\.yaml/],
    ["a folder", ["."], 1, /^netramesh: \.: .*directories/i],
    ["an option that does not exist", ["--clasic"], 2, /did you mean --classic/],
    ["an image that is none", ["--image", "a b"], 2, /--image "a b" is not an image reference/],
    ["a variable without a value", ["--env", "A"], 2, /--env "A" is not NAME=VALUE/],
    ["a value that the sidecar would refuse", ["--http-ports", "http"], 2, /NETRA_HTTP_PORTS="http" is not/],
  ];
  test.each(rows)("%s", async (_, argv, code, err) => {
    const outcome = await netramesh(["inject", ...argv], BROKEN);
    expect(outcome).toMatchObject({ code, out: "" });
    expect(outcome.err).toMatch(err);
  });
});
