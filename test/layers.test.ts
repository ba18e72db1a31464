/** Who may import whom (ARCHITECTURE.md). A new folder needs a rule here before it can be used. */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { findCycle, type Import, readImports } from "./import-graph.ts";

interface Layer {
  readonly files: string;
  /** Files and packages it may import, as globs. */
  readonly may: readonly string[];
  /** What it may import only the types of. */
  readonly mayType?: readonly string[];
}

const LOG = "src/log.ts";
const COMPOSED = ["src/**", "ffi/**", "init/**", "node:os"];

/** Loaded only where it is needed, with all that it imports: the others' memory does not hold it. */
const LAZY =
  "{citty,ffi/exec.ts,src/{admin/{debug-port,pprof/encode-profile},collector-export,live-config,main,mesh/{access-log/forms,otel-tags},run-words,trace/sampler/partial,config/file-text,init-action,check/run,completion/run,inject/run,webhook/run,workers}.ts}";

/** Commands of which only the words are loaded before they run. */
const COMMANDS = "src/{init-command,{check,completion,inject,webhook}/command}.ts";

/** The first that fits a file holds for it. */
const LAYERS: readonly Layer[] = [
  { files: "src/http1/**", may: ["src/http1/**"] },
  { files: "src/{env,address,json,listen-causes,drain,counters,exit-codes}.ts", may: [] },
  { files: LOG, may: ["src/log/**", "consola/core"] },
  { files: "src/log/**", may: ["src/log/**"], mayType: [LOG] },
  { files: "src/name-cache.ts", may: ["src/address.ts"] },
  { files: "src/look-up.ts", may: [], mayType: ["src/address.ts"] },
  { files: "src/nearest.ts", may: ["fastest-levenshtein"] },
  { files: "src/command-line.ts", may: ["src/nearest.ts"], mayType: ["citty"] },
  {
    files: "src/config.ts",
    may: ["src/config/**", "src/env.ts", "src/trace/trace-env.ts"],
    mayType: ["src/access.ts", LOG, "src/admin/app-probes.ts"],
  },
  {
    files: "src/config/file-text.ts",
    may: ["src/config/variables.ts", "src/nearest.ts", "yaml"],
    mayType: ["src/env.ts"],
  },
  {
    files: "src/config/own-variables.ts",
    may: ["src/config/**", "src/{env,log}.ts", "src/admin/app-probes.ts"],
    mayType: ["src/access.ts", LOG],
  },
  {
    files: "src/config/**",
    may: ["src/config/**", "src/env.ts"],
    mayType: ["src/{access,config}.ts", LOG],
  },
  {
    files: "src/proxy/**",
    may: ["src/proxy/**", "src/{address,listen-causes,log/line-limit}.ts", "node:os"],
    mayType: [LOG, "bun"],
  },
  {
    files: "src/trace/sampler/steady-rate-limiter.ts",
    may: ["jaeger-client/dist/src/*.js"],
  },
  {
    files: "src/trace/sender/**",
    may: ["src/trace/**", "src/{env,address,log/line-limit}.ts"],
    mayType: [LOG, "bun"],
  },
  {
    files: "src/trace/**",
    may: ["src/trace/**", "src/{env,address,json,log/line-limit}.ts", "node:os"],
    mayType: [LOG],
  },
  {
    files: "src/mesh/**",
    may: ["src/mesh/**", "src/http1/**", "src/trace/**", "src/address.ts"],
    mayType: ["src/proxy/handler.ts", LOG],
  },
  {
    files: "src/admin/http/**",
    may: ["src/admin/http/**", "src/http1/**", "src/{address,listen-causes}.ts"],
    mayType: ["bun"],
  },
  {
    files: "src/admin/pprof/**",
    may: ["src/admin/{http,pprof}/**", "src/env.ts", "pprof-format"],
    mayType: ["node:inspector"],
  },
  {
    files: "src/admin/hooks/**",
    may: ["src/admin/hooks/**", "src/{address,env,exit-codes}.ts", "src/config/**"],
    mayType: ["bun", "citty"],
  },
  {
    files: "src/admin/**",
    may: ["src/admin/**", "src/config/describe.ts", "src/{address,env,json,log}.ts"],
    mayType: ["src/drain.ts", "src/proxy/handler.ts"],
  },
  {
    files: "src/metrics/**",
    may: ["src/metrics/**", "src/mesh/{authority,span-error}.ts", "src/http1/head.ts"],
    mayType: ["src/mesh/exchange.ts", "src/proxy/handler.ts", "src/trace/{context,timers}.ts"],
  },
  { files: "ffi/libc.ts", may: ["bun:ffi"] },
  { files: "ffi/exec.ts", may: ["ffi/libc.ts", "node:fs"] },
  { files: "ffi/kernel.ts", may: ["ffi/**"], mayType: ["src/proxy/kernel.ts"] },
  { files: "ffi/**", may: ["ffi/**"], mayType: ["src/address.ts"] },
  { files: "init/system.ts", may: ["ffi/**", "node:{fs,os}"] },
  { files: "init/**", may: ["init/**", "ffi/**", "src/{env,address,log}.ts"] },
  { files: "src/reverter.ts", may: ["node:path"] },
  {
    files: "src/init-action.ts",
    may: ["init/**", "src/{command-line,env,exit-codes,log,reverter}.ts"],
  },
  {
    files: COMMANDS,
    may: [LAZY, "src/inject/setting-flags.ts", "src/{command-line,exit-codes}.ts"],
    mayType: ["citty", "src/commands.ts", "src/inject/streams.ts"],
  },
  {
    files: "src/check/**",
    may: [
      "src/check/**",
      "src/admin/hooks/**",
      "src/config/**",
      "src/{address,config,env,exit-codes,listen-causes,look-up,nearest}.ts",
      "src/proxy/**",
      "src/trace/**",
      "ffi/{kernel,socket}.ts",
      "init/{config,resets,run}.ts",
      "node:fs",
    ],
    mayType: [LOG],
  },
  {
    files: "src/completion/**",
    may: ["src/completion/**", "src/command-texts.ts"],
    mayType: ["src/commands.ts"],
  },
  { files: "src/command-texts.ts", may: [], mayType: ["citty", "src/commands.ts"] },
  {
    files: "src/commands.ts",
    may: [COMMANDS, "src/exit-codes.ts", "src/admin/hooks/commands.ts"],
    mayType: ["citty", "src/command-line.ts", "src/inject/streams.ts"],
  },
  { files: "src/inject/text/**", may: ["src/inject/text/**", "src/inject/change.ts", "yaml"] },
  {
    files: "src/{inject,webhook}/run.ts",
    may: ["src/{inject,webhook}/**", "src/{command-line,env,exit-codes,log}.ts"],
  },
  {
    files: "src/webhook/**",
    may: ["src/{inject,webhook}/**", "node:{crypto,fs,path}"],
    mayType: [LOG, "src/env.ts"],
  },
  {
    files: "src/inject/**",
    may: [
      "src/inject/**",
      "src/{env,json,nearest,config,command-line}.ts",
      "src/admin/app-probes.ts",
      "src/config/variables.ts",
      "init/{config,network,ranges}.ts",
    ],
    mayType: ["citty", "src/config/variable.ts"],
  },
  { files: "src/runtime-options.ts", may: [] },
  { files: "src/start.ts", may: ["src/{main,runtime-options}.ts", "ffi/exec.ts"] },
  {
    files: "src/main.ts",
    may: ["src/{exit-codes,run-words,sidecar}.ts", "package.json"],
  },
  {
    files: "src/run-words.ts",
    may: ["src/{command-line,commands,exit-codes,sidecar}.ts", "ffi/file.ts", "package.json", "citty"],
  },
  { files: "src/outlive-bugs.ts", may: [], mayType: [LOG] },
  {
    files: "src/workers/**",
    may: [
      "src/workers/**",
      "src/metrics/{expired-parts,merge}.ts",
      "src/trace/shared-store.ts",
      "src/mesh/policy/shared-routing-store.ts",
    ],
    mayType: [
      LOG,
      "src/env.ts",
      "src/proxy/handler.ts",
      "src/metrics/**",
      "src/trace/store.ts",
      "src/mesh/policy/routing-store.ts",
    ],
  },
  {
    files:
      "src/{app,access,collector-export,endpoints,live-config,follow-http,measuring,sidecar,tracing,routing,span-export,standard-sink,worker,workers}.ts",
    may: COMPOSED,
  },
];

/** Ways to a socket that no import shows, and the files that may use them. */
const SOCKET = /\bBun\.(?:connect|listen|udpSocket|serve)\b|\bfetch\(|\bnew WebSocket\b/;
const MAY_USE_SOCKETS =
  "src/{proxy/**,trace/sender/**,trace/sampler/fetch-strategy.ts,admin/{http/server,port-check,hooks/ask}.ts,check/{agent-probe,collector-probe,listening,own-connection}.ts,webhook/{api-server,server}.ts}";

function fits(path: string, globs: readonly string[] = []): boolean {
  return globs.some((glob) => new Bun.Glob(glob).match(path));
}

function isAllowed({ from, to, typeOnly, dynamic }: Import): boolean {
  const layer = LAYERS.find(({ files }) => fits(from, [files]));
  if (layer === undefined || (!typeOnly && dynamic !== fits(to, [LAZY]))) return false;
  return fits(to, layer.may) || (typeOnly && fits(to, layer.mayType));
}

/** Every broken rule in `sources`, a map from path to text. */
function violations(sources: ReadonlyMap<string, string>): string[] {
  const imports = [...sources].flatMap(([path, source]) => readImports(path, source));
  const homeless = [...sources.keys()].filter((path) => !LAYERS.some(({ files }) => fits(path, [files])));
  const sockets = [...sources].filter(
    ([path, source]) => SOCKET.test(source) && !fits(path, [MAY_USE_SOCKETS]),
  );
  const cycle = findCycle(imports);
  return [
    ...homeless.map((path) => `${path} belongs to no layer`),
    ...imports.filter((each) => !isAllowed(each)).map(({ from, to }) => `${from} imports ${to}`),
    ...sockets.map(([path]) => `${path} uses a socket`),
    ...(cycle ? [cycle.join(" > ")] : []),
  ];
}

const TOP = join(import.meta.dir, "..");

async function readProduct(): Promise<Map<string, string>> {
  const paths = [...new Bun.Glob("{src,ffi,init}/**/*.ts").scanSync(TOP)].filter(
    (path) => !path.endsWith(".d.ts"),
  );
  return new Map(
    await Promise.all(paths.map(async (path) => [path, await Bun.file(join(TOP, path)).text()] as const)),
  );
}

test("every import of the product follows the layers, and none goes in a circle", async () => {
  expect(violations(await readProduct())).toEqual([]);
});

test("the sidecar loads nothing that only other commands need", async () => {
  const imports = [...(await readProduct())].flatMap(([path, source]) => readImports(path, source));
  const loaded = new Set(["src/main.ts"]);
  for (const file of loaded) {
    for (const { from, to, typeOnly, dynamic } of imports) {
      if (from === file && !typeOnly && !dynamic) loaded.add(to);
    }
  }
  expect(loaded).toContain("src/app.ts");
  const others = [
    "yaml",
    "src/inject/text/**",
    "src/{check,completion,inject,webhook}/**",
    "src/admin/hooks/**",
    "src/commands.ts",
    "src/workers/**",
    "src/**/shared-*.ts",
    LAZY,
  ];
  const [, ...further] = loaded;
  expect(further.filter((path) => fits(path, others))).toEqual([]);
});

test("the product is what is read", async () => {
  const paths = [...(await readProduct()).keys()];
  for (const { files } of LAYERS) expect(paths.some((path) => fits(path, [files]))).toBe(true);
});

describe("a violation is found:", () => {
  const rows: [label: string, path: string, source: string, found: string][] = [
    [
      "the parser asks for a tracer",
      "src/http1/a.ts",
      'import { Span } from "../trace/span.ts";',
      "src/http1/a.ts imports src/trace/span.ts",
    ],
    [
      "the parser asks for a log's type",
      "src/http1/a.ts",
      'import type { Log } from "../log.ts";',
      "src/http1/a.ts imports src/log.ts",
    ],
    [
      "the mesh opens a socket",
      "src/mesh/a.ts",
      'import net from "node:net";',
      "src/mesh/a.ts imports node:net",
    ],
    [
      "the mesh opens a socket of Bun's",
      "src/mesh/a.ts",
      "Bun.connect(options);",
      "src/mesh/a.ts uses a socket",
    ],
    [
      "the mesh runs the proxy",
      "src/mesh/policy/a.ts",
      'import { relay } from "../../proxy/handler.ts";',
      "src/mesh/policy/a.ts imports src/proxy/handler.ts",
    ],
    [
      "the mesh knows a session",
      "src/mesh/a.ts",
      'import type { Session } from "../proxy/session.ts";',
      "src/mesh/a.ts imports src/proxy/session.ts",
    ],
    [
      "the proxy knows HTTP",
      "src/proxy/a.ts",
      'import type { Head } from "../http1/head.ts";',
      "src/proxy/a.ts imports src/http1/head.ts",
    ],
    [
      "the proxy writes a log of its own",
      "src/proxy/a.ts",
      'import { createLog } from "../log.ts";',
      "src/proxy/a.ts imports src/log.ts",
    ],
    [
      "a foreign function outside libc.ts",
      "ffi/socket.ts",
      'import { dlopen } from "bun:ffi";',
      "ffi/socket.ts imports bun:ffi",
    ],
    [
      "consola outside log.ts",
      "src/app.ts",
      'import { createConsola } from "consola/core";',
      "src/app.ts imports consola/core",
    ],
    ["all of consola", "src/log.ts", 'import { consola } from "consola";', "src/log.ts imports consola"],
    [
      "jaeger-client outside the sampler",
      "src/tracing.ts",
      'import jaeger from "jaeger-client";',
      "src/tracing.ts imports jaeger-client",
    ],
    [
      "citty outside the command line",
      "src/sidecar.ts",
      'import { runMain } from "citty";',
      "src/sidecar.ts imports citty",
    ],
    [
      "the product uses a test",
      "src/app.ts",
      'import { fake } from "../test/fakes/log.ts";',
      "src/app.ts imports test/fakes/log.ts",
    ],
    [
      "the product uses an example",
      "init/run.ts",
      'export * from "../examples/lab.ts";',
      "init/run.ts imports examples/lab.ts",
    ],
    [
      "the product uses a benchmark",
      "src/main.ts",
      'import "../bench/load.ts";',
      "src/main.ts imports bench/load.ts",
    ],
    [
      "an import over several lines",
      "src/env.ts",
      'import {\n  type A,\n  b,\n} from "./log.ts";',
      "src/env.ts imports src/log.ts",
    ],
    [
      "a re-exported type",
      "src/env.ts",
      'export type { Log } from "./log.ts";',
      "src/env.ts imports src/log.ts",
    ],
    [
      "an import at run time",
      "src/app.ts",
      'const { x } = await import("./log.ts");',
      "src/app.ts imports src/log.ts",
    ],
    [
      "a subcommand's work before it is asked for",
      "src/main.ts",
      'import { inject } from "./inject/run.ts";',
      "src/main.ts imports src/inject/run.ts",
    ],
    ["a require", "src/app.ts", 'const x = require("node:fs");', "src/app.ts imports node:fs"],
    [
      "an import in single quotes",
      "src/env.ts",
      "import { b } from './log.ts';\nb();",
      "src/env.ts imports src/log.ts",
    ],
    [
      "a type in single quotes",
      "src/env.ts",
      "import type { Log } from './log.ts';",
      "src/env.ts imports src/log.ts",
    ],
    [
      "an endpoint touches a session",
      "src/admin/debug-port.ts",
      'import { Session } from "../proxy/session.ts";',
      "src/admin/debug-port.ts imports src/proxy/session.ts",
    ],
    [
      "the server of the endpoints knows what they answer",
      "src/admin/http/server.ts",
      'import { metricsPort } from "../metrics-port.ts";',
      "src/admin/http/server.ts imports src/admin/metrics-port.ts",
    ],
    [
      "an endpoint opens a socket of its own",
      "src/admin/metrics-port.ts",
      "fetch(url);",
      "src/admin/metrics-port.ts uses a socket",
    ],
    [
      "the inspector is loaded with the program",
      "src/admin/pprof/cpu-profiler.ts",
      'import { Session } from "node:inspector";',
      "src/admin/pprof/cpu-profiler.ts imports node:inspector",
    ],
    ["a new folder", "src/viewer/a.ts", "", "src/viewer/a.ts belongs to no layer"],
  ];
  test.each(rows)("%s", (_, path, source, found) => {
    expect(violations(new Map([[path, source]]))).toEqual([found]);
  });

  test("a circle", () => {
    const sources = new Map([
      ["src/http1/a.ts", 'import { b } from "./b.ts";'],
      ["src/http1/b.ts", 'import { c } from "./c.ts";'],
      ["src/http1/c.ts", 'import { a } from "./a.ts";'],
    ]);
    expect(violations(sources)).toEqual([
      "src/http1/a.ts > src/http1/b.ts > src/http1/c.ts > src/http1/a.ts",
    ]);
  });

  test("but not where a circle is of types only", () => {
    const sources = new Map([
      ["src/http1/a.ts", 'import { b } from "./b.ts";'],
      ["src/http1/b.ts", 'import type { A } from "./a.ts";'],
    ]);
    expect(violations(sources)).toEqual([]);
  });

  test("but not in what a comment or a text says", () => {
    const source = '/** Like import "bun:ffi" */\nexport const text = "import x from \'node:net\'";';
    expect(violations(new Map([["src/http1/a.ts", source]]))).toEqual([]);
  });
});
