/** Responses that take their time: what the server has sent arrives before it sends more. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { inNamespace } from "../../ffi/namespace.ts";
import { Running } from "./software.ts";
import { type World, Worlds } from "./worlds.ts";

const PORT = 8080;

/** What the server goes on to say, one call each; `end` ends the response. */
interface Talk {
  say(text: string): void;
  end(): void;
}

let worlds: Worlds;
const servers = new Map<World, Bun.Server<undefined>>();
const talks = new Map<World, PromiseWithResolvers<Talk>>();
beforeAll(async () => {
  worlds = await Worlds.open("streaming", ["client", "server"], [PORT]);
  for (const world of worlds.both) servers.set(world, serveTalks(world));
});
afterAll(async () => {
  await Promise.all([...servers.values()].map((server) => server.stop(true)));
  worlds.close();
});

/** A server whose responses are written by the test. */
function serveTalks(world: World): Bun.Server<undefined> {
  const fetch = () => {
    const start = (controller: ReadableStreamDefaultController<string>) =>
      talks.get(world)!.resolve({
        say: (text) => controller.enqueue(text),
        end: () => controller.close(),
      });
    return new Response(new ReadableStream({ start }), { headers: { "Content-Type": "text/event-stream" } });
  };
  return inNamespace(world.pods.server!.namespace, () =>
    Bun.serve({ hostname: "::", port: PORT, idleTimeout: 0, fetch }),
  );
}

/** A request, and the server's side of its response. */
async function begin(world: World, ...args: readonly string[]): Promise<{ client: Running; talk: Talk }> {
  talks.set(world, Promise.withResolvers());
  const command = ["curl", "-sS", "--no-buffer", "--max-time", "30", ...args, `http://198.18.0.2:${PORT}/`];
  const client = new Running(world.pods.client!, ...command);
  return { client, talk: await talks.get(world)!.promise };
}

const WAYS: [label: string, args: string[]][] = [
  ["in chunks", []],
  ["until the connection ends", ["--http1.0"]],
];

test.each(WAYS)("each event of a stream arrives before the next is sent, %s", async (_, args) => {
  await worlds.same(async (world) => {
    const { client, talk } = await begin(world, ...args);
    for (let i = 0; i < 10; i++) {
      talk.say(`data: ${i}\n\n`);
      await client.said(`data: ${i}\n\n`);
    }
    talk.end();
    expect(await client.exited).toBe(0);
    return client.output;
  });
});

test("a long poll is answered when there is something to say, longer than a head may take", async () => {
  await worlds.same(async (world) => {
    const { client, talk } = await begin(world);
    await Bun.sleep(1500);
    talk.say("at last");
    talk.end();
    expect(await client.exited).toBe(0);
    expect(client.output).toBe("at last");
  });
});
