/**
 * Whatever requests a client pipelines to whatever upstreams, in whatever pieces and however slow everybody is: each
 * upstream gets exactly the requests that are its own, byte for byte but for the line that a policy inserts, and the
 * client all responses in their order.
 */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { SourcePolicy } from "../../src/mesh/policy/source.ts";
import { nextTurn } from "../fakes/turn.ts";
import { type Dialled, RoutedSession, TO_B, TO_C } from "./routed-session.ts";

const TARGETS = { "198.18.0.1:80": "", "198.18.0.2:80": `${TO_B}\r\n`, "198.18.0.3:80": `${TO_C}\r\n` };

interface Kind {
  readonly start: string;
  readonly body: string;
  readonly response: string;
  /** The server answers when it has the head, before the body. */
  readonly early?: boolean;
}

const OK = "HTTP/1.1 200 OK\r\n";
const BODY = "x".repeat(40);
const KINDS: readonly Kind[] = [
  { start: "GET / HTTP/1.1\r\n", body: "", response: `${OK}Content-Length: 5\r\n\r\nhello` },
  { start: "GET / HTTP/1.1\r\n", body: "", response: "HTTP/1.1 204 No Content\r\n\r\n" },
  { start: "HEAD / HTTP/1.1\r\n", body: "", response: `${OK}Content-Length: 99\r\n\r\n` },
  {
    start: "POST / HTTP/1.1\r\nContent-Length: 40\r\n",
    body: BODY,
    response: `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  },
  {
    start: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n",
    body: `28\r\n${BODY}\r\n0\r\nTrailer: 1\r\n\r\n`,
    response: `${OK}Content-Length: 0\r\n\r\n`,
  },
  {
    start: "PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 40\r\n",
    body: BODY,
    response: `HTTP/1.1 100 Continue\r\n\r\n${OK}Content-Length: 2\r\n\r\nok`,
  },
  {
    start: "POST / HTTP/1.1\r\nContent-Length: 40\r\n",
    body: BODY,
    response: "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno",
    early: true,
  },
];

interface Request {
  readonly to: keyof typeof TARGETS;
  /** What the client sends, and what the upstream should get. */
  readonly bytes: string;
  readonly received: string;
  readonly response: string;
  readonly answeredAt: number;
}

const request: fc.Arbitrary<Request> = fc
  .record({
    to: fc.constantFrom(...(Object.keys(TARGETS) as (keyof typeof TARGETS)[])),
    kind: fc.constantFrom(...KINDS),
    id: fc.nat(999),
  })
  .map(({ to, kind, id }) => {
    const head = `${kind.start}Host: cart\r\nX-Id: ${id}\r\n${TARGETS[to]}\r\n`;
    const response = kind.response.replace("\r\n", `\r\nX-Id: ${id}\r\n`);
    const changed = `${head.slice(0, -2)}X-Source: me\r\n\r\n`;
    const received = changed + kind.body;
    const answeredAt = kind.early ? changed.length : received.length;
    return { to, bytes: head + kind.body, received, response, answeredAt };
  });

/** All servers together, who answer what has reached them. */
class Servers {
  readonly #requests: readonly Request[];
  /** What is left of the responses that a socket owes. */
  readonly #owed = new Map<Dialled, string>();
  readonly #answered = new Map<string, number>();

  constructor(
    readonly world: RoutedSession,
    requests: readonly Request[],
  ) {
    this.#requests = requests;
  }

  /** All that has reached the servers at `to`, over all connections. */
  received(to: string): string {
    return this.world.dials.map((dialled) => (dialled.to === to ? dialled.socket.text : "")).join("");
  }

  /** At most `bytes` of what is due. */
  answer(bytes: number): boolean {
    const { upstream } = this.world;
    const { socket } = upstream;
    if (!upstream.isOpen || socket.isClosed || socket.isPaused) return false;
    const owed = (this.#owed.get(upstream) ?? "") + this.#due(upstream);
    this.#owed.set(upstream, owed.slice(bytes));
    if (owed !== "") this.world.answer(owed.slice(0, bytes));
    return owed !== "";
  }

  #due({ to }: Dialled): string {
    const mine = this.#requests.filter((each) => each.to === to);
    const received = this.received(to).length;
    let due = "";
    let start = 0;
    mine.forEach((request, index) => {
      const { answeredAt, response } = request;
      const answered = this.#answered.get(to) ?? 0;
      if (index === answered && received >= start + answeredAt) {
        due += response;
        this.#answered.set(to, answered + 1);
      }
      start += request.received.length;
    });
    return due;
  }
}

const step = fc.oneof(
  fc.nat(200).map((bytes) => ["client", bytes] as const),
  fc.nat(80).map((bytes) => ["server", bytes] as const),
  fc.nat(60).map((bytes) => ["client room", bytes] as const),
  fc.nat(60).map((bytes) => ["server room", bytes] as const),
  fc.constant(["open", 0] as const),
  fc.constant(["turn", 0] as const),
);

type Step = readonly ["client" | "server" | "client room" | "server room" | "open" | "turn", number];

async function play(
  requests: readonly Request[],
  steps: readonly Step[],
  room: number,
  isOneTurn = false,
): Promise<void> {
  const world = new RoutedSession({ policies: [new SourcePolicy("X-Source", "me")] });
  world.isOneTurn = isOneTurn;
  const servers = new Servers(world, requests);
  const all = requests.map(({ bytes }) => bytes).join("");
  let sent = 0;
  world.client.room = room;
  const act = async ([what, bytes]: Step): Promise<boolean> => {
    const { socket, isOpen } = world.upstream;
    if (what === "turn") await nextTurn();
    else if (what === "server") return servers.answer(bytes);
    else if (what === "client room") world.room(world.client, bytes);
    else if (what === "server room") world.room(socket, bytes);
    else if (what === "open" && !isOpen) {
      socket.room = room;
      world.open();
    } else if (what === "client" && !world.client.isPaused && sent < all.length) {
      world.send(all.slice(sent, sent + bytes));
      sent = Math.min(all.length, sent + bytes);
      return true;
    }
    return false;
  };
  for (const each of steps) await act(each);
  for (let idle = 0; idle < 3; ) {
    await act(["open", 0]);
    await act(["server room", 1e9]);
    await act(["client room", 1e9]);
    await act(["turn", 0]);
    const moved = [await act(["client", 1e9]), await act(["server", 1e9])];
    idle = moved.includes(true) ? 0 : idle + 1;
  }
  expect(world.client.text).toBe(requests.map(({ response }) => response).join(""));
  for (const to of Object.keys(TARGETS)) {
    const expected = requests.filter((each) => each.to === to).map((each) => each.received);
    expect(servers.received(to)).toBe(expected.join(""));
  }
  expect([world.bugs, world.opaque, world.warnings]).toEqual([[], [], []]);
  expect(world.exchanges.length).toBe(requests.length);
  world.isOneTurn = false;
  await finish(world);
}

/** FIN goes the usual way, through whatever upstream is there. */
async function finish(world: RoutedSession): Promise<void> {
  const { socket } = world.upstream;
  world.fin(world.client);
  expect(socket.isShut).toBe(true);
  world.fin(socket);
  expect(world.ending).toBeNull();
  expect(world.client.isShut).toBe(true);
  world.client.isClosed = true;
  world.client.onClose();
  expect(world.ending as string | null).toBe("ended");
  for (const { socket: other } of world.dials.slice(0, -1)) {
    expect(other.isClosed || !world.dials.find((each) => each.socket === other)!.isOpen).toBe(true);
  }
}

test("any pipeline of requests to several upstreams conserves bytes and order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { minLength: 1, maxLength: 8 }),
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom(0, 10, 1000),
      fc.boolean(),
      play,
    ),
    { numRuns: 800 },
  );
});

test("so does each pipeline at every split into two and in single bytes", async () => {
  const requests: Request[] = fc.sample(request, { numRuns: 5, seed: 7 });
  const length = requests.reduce((sum, { bytes }) => sum + bytes.length, 0);
  for (let at = 1; at < length; at++)
    await play(
      requests,
      [
        ["client", at],
        ["open", 0],
      ],
      1000,
    );
  const single = Array.from({ length }, (): Step[] => [
    ["client", 1],
    ["server", 1],
    ["open", 0],
  ]);
  await play(requests, single.flat(), 1000);
});
