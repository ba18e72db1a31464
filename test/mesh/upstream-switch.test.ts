import { describe, expect, test } from "bun:test";
import type { Lookup } from "../../src/mesh/policy/routing.ts";
import { nextTurn } from "../fakes/turn.ts";
import { RoutedSession, TO_B, TO_C } from "./routed-session.ts";

const B = "198.18.0.2:80";
const ORIGINAL = "198.18.0.1:80";
const get = (path: string, line?: string) =>
  `GET ${path} HTTP/1.1\r\nHost: cart\r\n${line === undefined ? "" : `${line}\r\n`}\r\n`;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** A session whose first request, to B, is on its way. */
async function routedToB(options?: ConstructorParameters<typeof RoutedSession>[0]): Promise<RoutedSession> {
  const world = new RoutedSession(options).open().send(get("/1", TO_B));
  await nextTurn();
  return world.open();
}

describe("a request that is routed", () => {
  test("replaces the original destination, which is closed without a reset", async () => {
    const world = await routedToB();
    expect(world.dialled).toEqual([ORIGINAL, B]);
    expect([world.dials[0]!.socket.text, world.dials[0]!.socket.events]).toEqual(["", ["end"]]);
    world.answer(OK);
    expect([world.upstream.socket.text, world.client.text]).toEqual([get("/1", TO_B), OK]);
    expect(world.exchanges).toEqual([`200 complete ${B}`]);
  });

  test("in the turn that accepts its client goes where it is routed, and only there is dialled", async () => {
    const world = new RoutedSession({ isOneTurn: true });
    world.send(get("/1", TO_B)).isOneTurn = false;
    await nextTurn();
    world.open().answer(OK);
    expect([world.dialled, world.upstream.socket.text, world.client.text]).toEqual([
      [B],
      get("/1", TO_B),
      OK,
    ]);
    expect(world.exchanges).toEqual([`200 complete ${B}`]);
  });

  test("goes to the upstream that is there if it is the same one", async () => {
    const world = await routedToB();
    world.answer(OK).send(get("/2", TO_B)).answer(OK);
    expect(world.dialled).toEqual([ORIGINAL, B]);
    expect(world.exchanges).toEqual([`200 complete ${B}`, `200 complete ${B}`]);
  });

  test("goes to the original destination if its route is the same address", () => {
    const world = new RoutedSession().open().send(get("/1", "X-Route: cart=198.18.0.1"));
    expect([world.dialled, world.upstream.socket.events]).toEqual([[ORIGINAL], []]);
    expect(world.upstream.socket.text).toContain("GET /1");
  });

  test("waits for the responses before it, and the client is not read meanwhile", async () => {
    const world = new RoutedSession().open().send(get("/1") + get("/2", TO_B) + get("/3"));
    expect([world.dialled, world.client.events]).toEqual([[ORIGINAL], ["pause"]]);
    world.answer(OK.slice(0, -1));
    await nextTurn();
    expect(world.dialled).toEqual([ORIGINAL]);
    world.answer(OK.slice(-1));
    await nextTurn();
    expect(world.dialled).toEqual([ORIGINAL, B]);
    world.open().answer(OK);
    await nextTurn();
    world.open().answer(OK);
    expect(world.dialled).toEqual([ORIGINAL, B, ORIGINAL]);
    expect([world.client.text, world.client.events]).toEqual([OK + OK + OK, ["pause", "resume"]]);
    expect(world.exchanges).toEqual([ORIGINAL, B, ORIGINAL].map((to) => `200 complete ${to}`));
  });

  test("that follows one with the same route is sent without waiting", async () => {
    const world = await routedToB();
    world.send(get("/2", TO_B) + get("/3", TO_B));
    expect(world.upstream.socket.text).toBe(get("/1", TO_B) + get("/2", TO_B) + get("/3", TO_B));
    expect(world.client.events).toEqual([]);
  });

  test("goes to its original destination if its route leads to the proxy itself", async () => {
    const world = new RoutedSession().open().send(get("/1", "X-Route: cart=198.18.0.9:14956"));
    await nextTurn();
    world.open().answer(OK);
    expect([world.dialled, world.exchanges]).toEqual([[ORIGINAL, ORIGINAL], [`200 complete ${ORIGINAL}`]]);
    expect([world.routing.counters.loop, world.warnings.length]).toEqual([1, 1]);
  });

  test("is the last of its kind when routing is switched off meanwhile", async () => {
    const world = await routedToB();
    world.routing.switches.isOn = false;
    world.answer(OK).send(get("/2", TO_B));
    await nextTurn();
    expect(world.dialled).toEqual([ORIGINAL, B, ORIGINAL]);
  });

  test("may wait longer than a head may: the head after it is not given up", async () => {
    const world = new RoutedSession({ headTimeoutMs: 1 }).open();
    world.send(get("/1") + get("/2", TO_B) + get("/3", TO_C).slice(0, 20));
    await Bun.sleep(20);
    world.answer(OK);
    await nextTurn();
    world.open().send(get("/3", TO_C).slice(20)).answer(OK);
    await nextTurn();
    expect([world.dialled.length, world.opaque]).toEqual([3, []]);
  });
});

describe("the original destination", () => {
  test("may be down while the routed one is up", async () => {
    const world = new RoutedSession().refuse().send(get("/1", TO_B));
    await nextTurn();
    world.open().answer(OK);
    expect([world.dialled, world.client.text, world.ending]).toEqual([[ORIGINAL, B], OK, null]);
  });

  test("may open when a request has gone elsewhere: it is not needed any more", async () => {
    const world = new RoutedSession().send(get("/1", TO_B));
    await nextTurn();
    world.open().open(world.dials[0]!);
    expect(world.dials[0]!.socket.events).toEqual(["rst"]);
    expect(world.answer(OK).client.text).toBe(OK);
  });

  test("may fail when a request has gone elsewhere", async () => {
    const world = new RoutedSession().send(get("/1", TO_B));
    await nextTurn();
    world.open().refuse(world.dials[0]!).answer(OK);
    expect([world.client.text, world.ending]).toEqual([OK, null]);
  });

  test.each([
    ["was refused", (world: RoutedSession) => world.refuse()],
    ["has closed", (world: RoutedSession) => world.open().fin(world.upstream.socket)],
    ["has reset", (world: RoutedSession) => world.open().reset(world.upstream.socket)],
  ])("that %s before the first request is dialled again when one needs it", async (_, lose) => {
    const world = lose(new RoutedSession());
    expect([world.client.events, world.ending]).toEqual([[], null]);
    world.send(get("/1"));
    await nextTurn();
    world.open().answer(OK);
    expect([world.dialled, world.client.text]).toEqual([[ORIGINAL, ORIGINAL], OK]);
    expect(world.upstream.socket.text).toBe(get("/1"));
  });

  test("that is still down when a request needs it resets the client", async () => {
    const world = new RoutedSession().refuse().send(get("/1"));
    await nextTurn();
    world.refuse();
    expect([world.ending as string, world.client.events]).toEqual(["connect-failed", ["rst"]]);
    expect([world.exchanges, world.warnings]).toEqual([[`0 aborted ${ORIGINAL}`], []]);
  });

  test.each([
    ["bytes that are not HTTP", "\x16\x03\x01", "\x16\x03\x01"],
    ["an empty line", "\r\n", "\r\n"],
  ])("that was refused is dialled again for %s", async (_, sent, received) => {
    const world = new RoutedSession().refuse().send(sent);
    await nextTurn();
    expect([world.dialled, world.open().upstream.socket.text]).toEqual([[ORIGINAL, ORIGINAL], received]);
  });

  test("that was refused is not dialled again for an empty line before a request for another", async () => {
    const world = new RoutedSession().refuse().send(`\r\n${get("/1", TO_B)}`);
    await nextTurn();
    expect([world.dialled, world.open().upstream.socket.text]).toEqual([[ORIGINAL, B], get("/1", TO_B)]);
  });

  test("that was refused is dialled again for the client's FIN, and then for good", async () => {
    const world = new RoutedSession().refuse();
    world.fin(world.client);
    await nextTurn();
    expect(world.dialled).toEqual([ORIGINAL, ORIGINAL]);
    world.refuse();
    while (world.ending === null) await Bun.sleep(1);
    expect([world.ending as string, world.client.events]).toEqual(["connect-failed", ["rst"]]);
  });

  test("is dialled at once, and may speak first", () => {
    const world = new RoutedSession().open().answer("220 hello\r\n").send("HELO\r\n");
    expect([world.client.text, world.upstream.socket.text]).toEqual(["220 hello\r\n", "HELO\r\n"]);
    world.fin(world.upstream.socket);
    expect([world.client.events, world.dialled]).toEqual([["fin"], [ORIGINAL]]);
  });

  test.each([
    ["ends", (world: RoutedSession) => world.fin(world.upstream.socket), "fin"],
    ["resets", (world: RoutedSession) => world.reset(world.upstream.socket), "rst"],
  ])("that speaks first and %s in the same turn has done so to the client", (_, follow, event) => {
    const world = new RoutedSession().open();
    world.inOneTurn(() => follow(world.answer("220 hello\r\n")));
    expect([world.client.text, world.client.events]).toEqual(["220 hello\r\n", [event]]);
  });

  test("is as final as ever on a port that may carry anything", () => {
    const world = new RoutedSession({ declared: false }).open();
    world.fin(world.upstream.socket);
    expect(world.client.events).toEqual(["fin"]);
  });

  test("is as final as ever when routing is off", async () => {
    const world = new RoutedSession({ isOn: false }).open();
    world.reset(world.upstream.socket);
    expect([world.ending as string, world.client.events]).toEqual(["upstream-reset", ["rst"]]);
  });
});

describe("an upstream", () => {
  test("that has answered and closes, closes the client", async () => {
    const world = await routedToB();
    world.answer(OK).fin(world.upstream.socket);
    expect([world.client.events, world.ending]).toEqual([["fin"], null]);
    world.fin(world.client);
    expect(world.upstream.socket.isShut).toBe(true);
  });

  test("that has answered and resets, resets the client", async () => {
    const world = await routedToB();
    world.answer(OK).reset(world.upstream.socket);
    expect([world.ending as string, world.client.events, world.warnings]).toEqual([
      "upstream-reset",
      ["rst"],
      [],
    ]);
  });

  test("that ends while the next request looks for another ends alone", async () => {
    const lookup = new PendingLookup();
    const world = new RoutedSession({ find: () => lookup })
      .open()
      .send(get("/1") + get("/2", "X-Route: cart=v2"));
    world.answer(OK).reset(world.upstream.socket);
    lookup.settle("198.18.0.2");
    await nextTurn();
    world.open().answer(OK);
    expect([world.client.text, world.ending, world.dialled]).toEqual([OK + OK, null, [ORIGINAL, B]]);
  });

  test.each([
    ["ends", (world: RoutedSession) => world.fin(world.upstream.socket)],
    ["resets", (world: RoutedSession) => world.reset(world.upstream.socket)],
    ["sends bytes that answer nothing", (world: RoutedSession) => world.answer("junk")],
  ])("that %s in the turn of its response has been left for the next one by then", async (_, follow) => {
    const world = new RoutedSession().open().send(get("/1") + get("/2", TO_B));
    world.inOneTurn(() => follow(world.answer(OK)));
    await nextTurn();
    world.open().answer(OK);
    expect([world.client.text, world.client.events, world.ending]).toEqual([
      OK + OK,
      ["pause", "resume"],
      null,
    ]);
    expect(world.exchanges).toEqual([`200 complete ${ORIGINAL}`, `200 complete ${B}`]);
    expect([world.dialled, world.opaque]).toEqual([[ORIGINAL, B], []]);
  });

  test("that answers before it has the body gets all of it before it is left", async () => {
    const head = "POST / HTTP/1.1\r\nHost: cart\r\nContent-Length: 9\r\n\r\n";
    const world = new RoutedSession().open().send(head);
    const { socket } = world.upstream;
    socket.room = 4;
    world.answer(OK).send(`123456789${get("/2", TO_B)}`);
    await nextTurn();
    expect([world.dialled, socket.text]).toEqual([[ORIGINAL], `${head}1234`]);
    world.room(socket, 100);
    await nextTurn();
    expect([world.dialled, socket.text, socket.events]).toEqual([[ORIGINAL, B], `${head}123456789`, ["end"]]);
    expect(world.client.isPaused).toBe(false);
  });

  test("that resets instead of taking the rest of a body does not keep the next request", async () => {
    const world = new RoutedSession()
      .open()
      .send("POST / HTTP/1.1\r\nHost: cart\r\nContent-Length: 9\r\n\r\n");
    const { socket } = world.upstream;
    socket.room = 4;
    world
      .answer(OK)
      .send(`123456789${get("/2", TO_B)}`)
      .reset(socket);
    await nextTurn();
    world.open().answer(OK);
    expect([world.client.text, world.client.isPaused, world.ending]).toEqual([OK + OK, false, null]);
  });

  test("whose response ends with its FIN leaves no way to answer a request after it", async () => {
    const world = new RoutedSession().open().send(get("/1") + get("/2", TO_B));
    world.answer("HTTP/1.1 200 OK\r\n\r\nbody").fin(world.upstream.socket);
    await nextTurn();
    expect([world.dialled, world.client.events]).toEqual([[ORIGINAL], ["pause", "fin", "resume"]]);
    world.send(get("/3", TO_B)).fin(world.client);
    expect([world.upstream.socket.text, world.upstream.socket.isShut]).toEqual([get("/1"), true]);
    world.reset(world.upstream.socket);
    expect(world.ending as string | null).toBe("upstream-reset");
  });

  test("that comes later is paused as the one before it, while the client is slow", async () => {
    const world = await routedToB();
    world.client.room = 10;
    world.answer(OK).send(get("/2"));
    await nextTurn();
    expect(world.open().upstream.socket.isPaused).toBe(true);
    world.room(world.client, 1000);
    expect(world.upstream.socket.isPaused).toBe(false);
    expect(world.answer(OK).client.text).toBe(OK + OK);
  });
});

describe("an upstream that fails", () => {
  test("when it is dialled resets the client, with one line in the log", async () => {
    const world = new RoutedSession().open().send(get("/1", TO_B));
    await nextTurn();
    world.refuse();
    expect([world.ending as string, world.client.events]).toEqual(["connect-failed", ["rst"]]);
    expect(world.warnings).toEqual([`a request that is routed to ${B} failed: cannot connect to ${B}`]);
    expect([world.exchanges, world.routing.counters.error]).toEqual([[`0 aborted ${B}`], 1]);
  });

  test.each([
    ["when it is dialled", (world: RoutedSession) => world.refuse()],
    [
      "in the middle of its response",
      (world: RoutedSession) => world.open().answer("HTTP/1.1 2").reset(world.upstream.socket),
    ],
  ])("%s resets the client when that has all earlier responses", async (_, fail) => {
    const world = new RoutedSession().open();
    world.client.room = 3;
    world.isDelivered = false;
    world.send(get("/1") + get("/2", TO_B)).answer(OK);
    await nextTurn();
    fail(world);
    expect([world.ending, world.client.text]).toEqual([null, OK.slice(0, 3)]);
    world.room(world.client, 1000);
    await Bun.sleep(30);
    expect([world.ending, world.client.isClosed, world.client.text.startsWith(OK)]).toEqual([
      null,
      false,
      true,
    ]);
    world.send(get("/3")).isDelivered = true;
    while (world.ending === null) await Bun.sleep(1);
    expect(world.client.events.at(-1)).toBe("rst");
    expect([world.exchanges.length, world.warnings.length]).toEqual([2, 1]);
  });

  test("does not keep a client that resets before it has everything", async () => {
    const world = new RoutedSession().open().send(get("/1", TO_B));
    world.isDelivered = false;
    await nextTurn();
    world.refuse().reset(world.client);
    expect(world.ending as string).toBe("client-reset");
  });
});

/** A lookup whose answer the test gives. */
class PendingLookup implements Lookup {
  isDone = false;
  ip: string | null = null;
  #listeners: (() => void)[] = [];

  whenDone(listener: () => void): void {
    this.#listeners.push(listener);
  }

  settle(ip: string | null): void {
    this.isDone = true;
    this.ip = ip;
    for (const listener of this.#listeners) listener();
  }
}

describe("a route to a name", () => {
  const TO_NAME = "X-Route: cart=cart-v2:81";

  test("is looked up while earlier requests are answered, and dialled when both are done", async () => {
    const asked: string[] = [];
    const lookup = new PendingLookup();
    const world = new RoutedSession({
      find: (name) => {
        asked.push(name);
        return lookup;
      },
    }).open();
    world.send(get("/1") + get("/2", TO_NAME));
    expect(asked).toEqual(["cart-v2"]);
    lookup.settle("198.18.0.7");
    await nextTurn();
    expect(world.dialled).toEqual([ORIGINAL]);
    world.answer(OK);
    await nextTurn();
    world.open().answer(OK).send(get("/3", TO_NAME)).answer(OK);
    expect([world.dialled, asked.length]).toEqual([[ORIGINAL, "198.18.0.7:81"], 1]);
    expect(world.requested).toEqual([ORIGINAL, "unknown", "198.18.0.7:81"]);
    expect(world.exchanges.slice(1)).toEqual(["200 complete 198.18.0.7:81", "200 complete 198.18.0.7:81"]);
    expect(world.routing.counters).toEqual({ matched: 2, resolved: 1, loop: 0, malformed: 0, error: 0 });
  });

  test("that has no address resets the client when that has all earlier responses", async () => {
    const lookup = new PendingLookup();
    const world = new RoutedSession({ find: () => lookup }).open();
    world.send(get("/1") + get("/2", TO_NAME)).answer(OK);
    lookup.settle(null);
    await nextTurn();
    expect([world.ending as string, world.client.text, world.client.events.at(-1)]).toEqual([
      "connect-failed",
      OK,
      "rst",
    ]);
    expect(world.exchanges).toEqual([`200 complete ${ORIGINAL}`, "0 aborted cart-v2:81"]);
    expect(world.warnings).toEqual([
      "a request that is routed to cart-v2:81 failed: its name has no address",
    ]);
  });

  test("that is found when the client has left is of no use", async () => {
    const lookup = new PendingLookup();
    const world = new RoutedSession({ find: () => lookup }).open().send(get("/1", TO_NAME));
    world.reset(world.client);
    lookup.settle("198.18.0.7");
    await nextTurn();
    expect([world.ending as string, world.dialled, world.bugs]).toEqual(["client-reset", [ORIGINAL], []]);
  });
});

describe("a connection that is not followed any more goes on with its upstream:", () => {
  const upgrade = get("/1", `${TO_B}\r\nConnection: upgrade\r\nUpgrade: chat`);

  test("after an upgrade", async () => {
    const world = new RoutedSession().open().send(upgrade);
    await nextTurn();
    world.open().answer("HTTP/1.1 101 Switching Protocols\r\n\r\nhello").send("there").fin(world.client);
    expect(world.upstream.socket.text).toBe(`${upgrade}there`);
    expect([world.upstream.socket.isShut, world.session.handler]).toEqual([true, null]);
    expect(world.client.text).toEndWith("hello");
  });

  test("after CONNECT", async () => {
    const connect = `CONNECT cart HTTP/1.1\r\n${TO_B}\r\n\r\n`;
    const world = new RoutedSession().open().send(connect);
    await nextTurn();
    world.open().answer("HTTP/1.1 200 OK\r\n\r\n").send("tunnel");
    expect([world.upstream.to, world.upstream.socket.text]).toEqual([B, `${connect}tunnel`]);
  });

  test("after a refused upgrade requests are routed again", async () => {
    const world = new RoutedSession().open().send(upgrade);
    await nextTurn();
    world.open().answer(OK).send(get("/2"));
    await nextTurn();
    expect(world.dialled).toEqual([ORIGINAL, B, ORIGINAL]);
  });

  test("after a head that is none", async () => {
    const world = await routedToB();
    world.answer(OK).send("nonsense\n").send("more");
    expect(world.upstream.socket.text).toBe(`${get("/1", TO_B)}nonsense\nmore`);
  });

  test("after a response that cannot be read, with all that waited", async () => {
    const world = new RoutedSession().open().send(get("/1") + get("/2", TO_B));
    world.answer("HTTP/9 nonsense\r\n").send("more");
    await nextTurn();
    expect([world.dialled, world.client.isPaused]).toEqual([[ORIGINAL], false]);
    expect(world.upstream.socket.text).toBe(`${get("/1")}${get("/2", TO_B)}more`);
    expect(world.client.text).toBe("HTTP/9 nonsense\r\n");
  });

  test("after bytes that answer no request from one that is being left, with where the next request goes", async () => {
    const head = "POST / HTTP/1.1\r\nHost: cart\r\nContent-Length: 4\r\n\r\n";
    const world = new RoutedSession().open().send(head);
    const { socket } = world.upstream;
    socket.room = 0;
    world
      .answer(OK)
      .send(`body${get("/2", TO_B)}${get("/3")}`)
      .answer("junk")
      .answer("junk");
    world.send("late").room(socket, 4);
    await nextTurn();
    expect([world.opaque, world.dialled, socket.text]).toEqual([
      ["unsolicited"],
      [ORIGINAL, B],
      `${head}body`,
    ]);
    expect(world.open().upstream.socket.text).toBe(`${get("/2", TO_B) + get("/3")}late`);
  });

  test("after bytes that answer no request, with all that waited", async () => {
    const world = new RoutedSession()
      .open()
      .send(get("/1") + get("/2", TO_B))
      .answer(`${OK}junk`);
    await nextTurn();
    expect([world.opaque, world.dialled, world.client.text]).toEqual([
      ["unsolicited"],
      [ORIGINAL],
      `${OK}junk`,
    ]);
    expect(world.upstream.socket.text).toBe(get("/1") + get("/2", TO_B));
  });
});

describe("the client's FIN", () => {
  test("follows the request that waits", async () => {
    const world = new RoutedSession().open().send(get("/1") + get("/2", TO_B));
    world.fin(world.client);
    expect(world.upstream.socket.isShut).toBe(false);
    world.answer(OK);
    await nextTurn();
    world.open().answer(OK).fin(world.upstream.socket);
    expect([world.upstream.socket.text, world.upstream.socket.isShut]).toEqual([get("/2", TO_B), true]);
    expect(world.client.text).toBe(OK + OK);
  });
});
