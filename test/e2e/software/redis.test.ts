/** redis with its own programs, on a port that is relayed unread and on one that was wrongly declared HTTP. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { dial } from "../wire.ts";
import { sha256 } from "./curl.ts";
import { becomes, Running, run, serve } from "./software.ts";
import { type World, Worlds } from "./worlds.ts";

const OPAQUE = 6379;
const WRONG = 6380;
const SERVER = "198.18.0.2";
const PLAIN_OPTIONS = ["--save", "", "--bind", "*", "-::*", "--protected-mode", "no"];

let worlds: Worlds;
beforeAll(async () => {
  worlds = await Worlds.open("redis", ["client", "server"], [WRONG]);
  await Promise.all(worlds.both.flatMap((world) => [OPAQUE, WRONG].map((port) => startRedis(world, port))));
});
afterAll(() => worlds.close());

function startRedis({ pods, dir }: World, port: number): Promise<void> {
  const command = ["redis-server", "--port", String(port), "--dir", dir, ...PLAIN_OPTIONS];
  return serve(pods.server!, command, [port]);
}

describe.each([
  ["relayed unread", OPAQUE],
  ["wrongly declared HTTP", WRONG],
])("redis on a port that is %s", (_, port) => {
  const cli = ["redis-cli", "-h", SERVER, "-p", String(port)];
  /** What redis-cli prints, the same in both worlds. */
  const redis = (...args: string[]) => worlds.same(({ pods }) => run(pods.client!, ...cli, ...args));
  /** The same of a shell command, in which "$@" is redis-cli. */
  const shell = ({ pods }: World, command: string) => run(pods.client!, "sh", "-ec", command, "sh", ...cli);

  test("answers commands", async () => {
    expect(await redis("PING")).toBe("PONG\n");
    expect(await redis("SET", "key", "GET / HTTP/1.1")).toBe("OK\n");
    expect(await redis("GET", "key")).toBe("GET / HTTP/1.1\n");
    expect(await redis("GET", "nothing")).toBe("\n");
    expect(await redis("-3", "HGETALL", "nothing")).toBe("\n");
    expect(await redis("NONSENSE")).toStartWith("ERR unknown command 'NONSENSE'");
  });

  test("answers over IPv6", async () => {
    const six = ["redis-cli", "-h", "fd00::2", "-p", String(port), "PING"];
    expect(await worlds.same(({ pods }) => run(pods.client!, ...six))).toBe("PONG\n");
  });

  test("answers 10000 pipelined commands, each in its turn", async () => {
    const commands = Array.from({ length: 10_000 }, (_, i) => `SET p${i} ${i}\r\n`).join("");
    const output = await worlds.same(async (world) => {
      const file = join(world.dir, `commands-${port}`);
      await Bun.write(file, commands);
      return shell(world, `"$@" --pipe < ${file}`);
    });
    expect(output).toContain("errors: 0, replies: 10000");
    expect(await redis("MGET", "p0", "p4711", "p9999")).toBe("0\n4711\n9999\n");
  });

  test("takes and returns a value of a megabyte", async () => {
    await worlds.same(async (world) => {
      const [value, back] = [join(world.dir, `value-${port}`), join(world.dir, `back-${port}`)];
      await Bun.write(value, crypto.getRandomValues(new Uint8Array(65_536)).toHex().repeat(8));
      await shell(world, `"$@" -x SET big < ${value}`);
      await shell(world, `"$@" --raw GET big | head -c -1 > ${back}`);
      expect(Bun.file(value).size).toBe(1_048_576);
      expect(await sha256(back)).toBe(await sha256(value));
    });
  });

  test("runs a transaction and a script", async () => {
    const script = `printf 'MULTI\nINCR n\nINCR n\nEXEC\n' | "$@"; "$@" EVAL 'return {1,2}' 0`;
    const output = await worlds.same((world) => shell(world, script));
    expect(output).toBe("OK\nQUEUED\nQUEUED\n1\n2\n1\n2\n");
  });

  test("lets a blocked client wait until somebody pushes", async () => {
    await worlds.same(async ({ pods }) => {
      const waiting = new Running(pods.client!, ...cli, "BLPOP", "queue", "20");
      await becomes(() => run(pods.client!, ...cli, "INFO", "clients"), "blocked_clients:1");
      await run(pods.client!, ...cli, "RPUSH", "queue", "first");
      expect(await waiting.exited).toBe(0);
      expect(waiting.output).toBe("queue\nfirst\n");
    });
  });

  test("delivers what is published, in order, while it is published", async () => {
    await worlds.same(async ({ pods }) => {
      const subscriber = new Running(pods.client!, ...cli, "SUBSCRIBE", "news");
      await subscriber.said("subscribe\nnews\n1\n");
      for (const word of ["one", "two", "GET / HTTP/1.1"]) {
        expect(await run(pods.client!, ...cli, "PUBLISH", "news", word)).toBe("1\n");
        await subscriber.said(`message\nnews\n${word}\n`);
      }
      await run(pods.client!, ...cli, "CLIENT", "KILL", "TYPE", "pubsub");
      await subscriber.exited;
      expect(subscriber.output).toStartWith("subscribe\nnews\n1\nmessage\nnews\none\nmessage\nnews\ntwo\n");
    });
  });

  test("serves its benchmark, with many clients and deep pipelines", async () => {
    const load = "-c 20 -n 8000 -P 16 -d 100 -t set,get,incr,lpush,lrange_100 --csv".split(" ");
    const bench = ["redis-benchmark", "-h", SERVER, "-p", String(port), ...load];
    await worlds.same(async ({ pods }) => {
      const rows = (await run(pods.client!, ...bench)).trimEnd().split("\n").slice(1);
      return rows.map((row) => row.split(",")[0]);
    });
    expect(await redis("INCR", "counter:__rand_int__")).toBe("8001\n");
  });

  // A person at telnet, or a health check: words without RESP, which look like the beginning of a request.
  test.each([
    ["one command", ["PING\r\n"], "+PONG\r\n"],
    ["several at once", ["SET a 1\r\nGET a\r\n"], "+OK\r\n$1\r\n1\r\n"],
    ["one in pieces", ["SE", "T b 2", "\r", "\n"], "+OK\r\n"],
    ["one that looks like a request", ["GET HTTP/1.1\r\n"], "$-1\r\n"],
    ["one that is the first line of a request", ["ECHO x HTTP/1.1\r\n"], "-ERR wrong number"],
    ["one that ends with LF", ["PING\n"], "+PONG\r\n"],
  ])("answers inline commands: %s", async (_, pieces, answer) => {
    const text = await worlds.same(async ({ pods }) => {
      const peer = await dial(pods.client!, SERVER, port);
      for (const piece of pieces) {
        peer.send(piece);
        await Bun.sleep(5);
      }
      await peer.until(({ text }) => text.length >= answer.length);
      peer.fin();
      await peer.over();
      return peer.text;
    });
    expect(text).toStartWith(answer);
  });

  test("is reached through the sidecars: its peer is not the client's own socket", async () => {
    const peer = async ({ pods }: World) =>
      (await run(pods.client!, ...cli, "CLIENT", "LIST")).match(/addr=\S+:/)![0];
    expect(await peer(worlds.plain)).toBe("addr=198.18.0.1:");
    expect(await peer(worlds.meshed)).not.toBe("addr=198.18.0.1:");
  });
});

test("the sidecars saw at the first line that it was no HTTP, but for one that looked like it", () => {
  const reasons = ["not-http", "head-timeout"];
  expect(worlds.whyUnread(WRONG)).toEqual({ client: reasons, server: reasons });
  expect(worlds.whyUnread(OPAQUE)).toEqual({ client: [], server: [] });
});
