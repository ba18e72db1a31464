/** The examples for container engines, run by real ones: docker-compose and `podman kube play`. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ReadOtlpSpan, readOtlp } from "../../trace/support/otlp-reader.ts";
import { Machine } from "./machine.ts";

setDefaultTimeout(90_000);

const EXAMPLES = join(import.meta.dir, "..", "..", "..", "examples");
const PAGE_PORT = 8080;
const JAEGER_PORT = 16686;
/** SpanKind of opentelemetry-proto, trace.proto. */
const SERVER = 2;
const CLIENT = 3;
const PATIENCE_MS = 30_000;
const POLL_MS = 200;

let machine: Machine;
beforeAll(async () => {
  const archive = join(EXAMPLES, "..", "dist", "netramesh.oci.tar");
  if (!existsSync(archive)) throw new Error("no dist/netramesh.oci.tar: run `bun run image` first");
  machine = await Machine.boot();
});
afterAll(() => machine?.shutDown());

describe("compose/compose.yaml", () => {
  const compose = [
    "docker-compose",
    "--file",
    join(EXAMPLES, "compose/compose.yaml"),
    "--project-name",
    "shop",
  ];
  beforeAll(() => machine.run(...compose, "up", "--detach"));
  // What docker-compose leaves of containers that others depend on, Podman removes.
  afterAll(() => machine.podman("rm", "--all", "--force", "--time", "0"));

  test("each service has rules before its sidecar, and each is only what it needs to be", async () => {
    for (const service of ["front", "cart"]) {
      expect(await state(`shop_${service}-init_1`)).toBe("exited 0 [CAP_NET_ADMIN] true [no-new-privileges]");
      expect(await state(`shop_${service}-sidecar_1`)).toBe("running 0 [] true [no-new-privileges]");
    }
  });

  test("requests go through both services, also when a container has started anew", async () => {
    expect(await answer("/first", "X-Request-Id: 1")).toBe("reserved\n");
    await restart("shop_front-app_1");
    expect(await answer("/second", "X-Request-Id: 2")).toBe("reserved\n");
    await restart("shop_cart-sidecar_1");
    expect(await answer("/third", "X-Request-Id: 3")).toBe("reserved\n");
  });

  test.each(["/first", "/second", "/third"])("%s is one trace through both sidecars", async (path) => {
    const spans = await collected(path, 3);
    expect(spans.map(({ service, kind }) => [service, kind])).toEqual([
      ["front", SERVER],
      ["front", CLIENT],
      ["cart", SERVER],
    ]);
    const parents = spans.slice(0, 2).map(({ spanId }) => spanId);
    expect(spans.map(({ parentSpanId }) => parentSpanId)).toEqual(["", ...parents]);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  });
});

/** Resolves when requests come through again. The container has time to end well: a sidecar sends what spans it has. */
async function restart(container: string): Promise<void> {
  await machine.podman("restart", "--time", "20", container);
  await until(
    () => machine.get(PAGE_PORT, "/restarting"),
    (text) => text === "reserved\n",
  );
}

describe("podman/shop.yaml", () => {
  const file = join(EXAMPLES, "podman/shop.yaml");
  beforeAll(() => machine.podman("kube", "play", file));
  afterAll(() => machine.podman("kube", "down", file));

  test("the sidecar runs without a capability", async () => {
    expect(await state("shop-netramesh")).toBe("running 0 [] true [no-new-privileges]");
  });

  test("a request becomes a span", async () => {
    expect(await answer("/played")).toBe("open\n");
    const spans = await collected("/played", 1);
    expect(spans.map(({ service, kind }) => [service, kind])).toEqual([["shop", SERVER]]);
  });
});

const STATE =
  "{{.State.Status}} {{.State.ExitCode}} {{.EffectiveCaps}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.SecurityOpt}}";

async function state(container: string): Promise<string> {
  return (await machine.podman("inspect", "--format", STATE, container)).trim();
}

/** What the example's page answers, once it does. */
async function answer(path: string, ...headers: string[]): Promise<string> {
  return until(
    () => machine.get(PAGE_PORT, path, ...headers),
    (text) => text !== "",
  );
}

interface CollectedSpan extends ReadOtlpSpan {
  readonly service: string;
}

/** The spans of this path in the order of their start, once there are `count`. */
async function collected(path: string, count: number): Promise<CollectedSpan[]> {
  const found = () => spans().then((all) => all.filter(({ name }) => name.endsWith(path)));
  const enough = await until(found, ({ length }) => length >= count);
  return enough.toSorted((a, b) => (BigInt(a.startTimeUnixNano) < BigInt(b.startTimeUnixNano) ? -1 : 1));
}

async function spans(): Promise<CollectedSpan[]> {
  const bodies = JSON.parse((await machine.get(JAEGER_PORT, "/")) || "[]") as string[];
  return bodies.flatMap((body) => {
    const { resource, spans } = readOtlp(Buffer.from(body, "base64"));
    const service = String(resource.find(({ key }) => key === "service.name")!.value.stringValue);
    return spans.map((span) => ({ ...span, service }));
  });
}

async function until<T>(look: () => Promise<T>, isEnough: (seen: T) => boolean): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (isEnough(seen)) return seen;
    if (performance.now() > deadline) throw new Error(`waited in vain, last seen: ${Bun.inspect(seen)}`);
    await Bun.sleep(POLL_MS);
  }
}
