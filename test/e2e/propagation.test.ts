/** Contexts in the formats of others, with the environment as users have it: nothing about formats is set. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Direction } from "./stage.ts";
import { Stage } from "./stage.ts";

/** As if the variable were not set: empty means the default. */
const DEFAULT = { NETRA_PROPAGATORS: "" };
const ROOT = /^uber-trace-id: ([0-9a-f]{32}):([0-9a-f]{16}):0{16}:([01])$/m;

async function received(stage: Stage, direction: Direction, fields: string): Promise<string> {
  const { client, server } = await stage.connect(direction);
  client.send(`GET / HTTP/1.1\r\n${fields}\r\n`).fin();
  await server.over();
  server.fin();
  return server.text.replaceAll("\r", "");
}

describe("a sidecar that samples", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open("formats", DEFAULT);
  });
  afterAll(() => stage.close());

  test("writes a new trace as Jaeger's and as W3C's context", async () => {
    const text = await received(stage, "inbound", "");
    const [, trace, span, flags] = ROOT.exec(text)!;
    expect(flags).toBe("1");
    expect(trace!.slice(16)).toBe(span!);
    expect(text).toMatch(new RegExp(`^traceparent: 00-${trace}-${span}-0[13]$`, "m"));
    expect(text).not.toMatch(/^(x-)?b3/im);
  });

  test("continues a W3C context and passes its state on", async () => {
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const text = await received(
      stage,
      "inbound",
      `traceparent: 00-${trace}-00f067aa0ba902b7-01\r\ntracestate: a=b\r\n`,
    );
    const [, span] = new RegExp(`^uber-trace-id: ${trace}:([0-9a-f]{16}):00f067aa0ba902b7:1$`, "m").exec(
      text,
    )!;
    expect(text).toContain(`traceparent: 00-${trace}-${span}-01\n`);
    expect(text).toContain("tracestate: a=b\n");
  });

  test("continues a B3 context, keeps it up to date and adds its own formats", async () => {
    const text = await received(
      stage,
      "inbound",
      "b3: 000000000000000000000000000000aa-00000000000000bb-1\r\n",
    );
    const [, span] = /^b3: (?:0{16})?0{14}aa-([0-9a-f]{16})-1/m.exec(text)!;
    expect(span).not.toBe("00000000000000bb");
    expect(text).toMatch(new RegExp(`^uber-trace-id: (0{16})?0{14}aa:${span}:0{14}bb:1$`, "m"));
    expect(text).toContain(`traceparent: 00-000000000000000000000000000000aa-${span}-01\n`);
  });

  test("ties an outbound request without context to its inbound request in all formats", async () => {
    const inbound = await received(stage, "inbound", "X-Request-Id: tie\r\n");
    const outbound = await received(stage, "outbound", "X-Request-Id: tie\r\n");
    const [, trace, span] = ROOT.exec(inbound)!;
    expect(outbound).toMatch(new RegExp(`^uber-trace-id: ${trace}:[0-9a-f]{16}:${span}:1$`, "m"));
    expect(outbound).toMatch(new RegExp(`^traceparent: 00-${trace}-`, "m"));
  });
});

test("a sidecar that does not sample writes no W3C or B3 context, which would switch applications off", async () => {
  const stage = await Stage.open("silent", { ...DEFAULT, JAEGER_SAMPLER_PARAM: "0" });
  const text = await received(stage, "inbound", "");
  expect(ROOT.exec(text)?.[3]).toBe("0");
  expect(text).not.toMatch(/^(traceparent|tracestate|(x-)?b3)/im);
  stage.close();
});
