import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Head, latin1 } from "../../src/http1/head.ts";
import type { Exchange } from "../../src/mesh/exchange.ts";
import { RequestIdPolicy } from "../../src/mesh/policy/request-id.ts";
import { departLater } from "../../src/proxy/turn.ts";
import { idler } from "../fakes/turn.ts";
import { BrokenPolicy, Conversation, type ConversationOptions, ID_LINE } from "./conversation.ts";
import { RoutedSession } from "./routed-session.ts";

const GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const GET_SENT = `GET /a HTTP/1.1\r\nHost: h\r\n${ID_LINE}\r\n`;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
const SIZES = [0, 1, 7];

type Begin = (options?: ConversationOptions) => Conversation;

/** Responses are read when they come, or when they have left, or before whatever happens next in the same turn. */
const WAYS: readonly Begin[] = [
  (options) => new Conversation(options),
  (options) => new Conversation({ ...options, isOneTurn: true }),
];

function everyWay(title: string, play: (begin: Begin) => void): void {
  test(title, () => {
    for (const begin of WAYS) play(begin);
  });
}

/** Plays a script with whole chunks, single bytes and odd pieces. */
function everySize(title: string, play: (begin: Begin, size: number) => void): void {
  everyWay(title, (begin) => {
    for (const size of SIZES) play(begin, size);
  });
}

describe("exchanges", () => {
  everySize("a request and its response", (begin, size) => {
    const talk = begin().client(GET, size).upstream(OK, size);
    expect(talk.relay.upstream).toBe(GET_SENT);
    expect(talk.relay.client).toBe(OK);
    expect(talk.observer.seen).toEqual(["> GET /a 0 new-id", "< 200 2 complete"]);
    expect(talk.relay.opaque).toBe(false);
  });

  everySize(
    "observers hear when a request is forwarded, and when its final response begins",
    (begin, size) => {
      const heard: string[] = [];
      const talk = begin({
        observers: [
          {
            requested: () => void heard.push("requested"),
            forwarded: () => void heard.push(`forwarded ${talk.relay.upstream.length > 0}`),
            responded: ({ status, startedAtUs, respondedAtUs }) =>
              void heard.push(`responded ${status} ${respondedAtUs > startedAtUs}`),
            ended: ({ respondedAtUs, endedAtUs }) => void heard.push(`ended ${endedAtUs >= respondedAtUs}`),
          },
        ],
      });
      talk.client(GET, size).endTurn();
      talk.upstream("HTTP/1.1 100 Continue\r\n\r\n", size).upstream(OK, size).endTurn();
      expect(heard).toEqual(["forwarded true", "requested", "responded 200 true", "ended true"]);
    },
  );

  everySize("pipelined requests each get their line and their own response", (begin, size) => {
    const post = "POST /b HTTP/1.1\r\nX-Request-Id: mine\r\nContent-Length: 3\r\n\r\nabc";
    const talk = begin().client(GET + post + GET, size);
    talk.upstream(OK, size).upstream("HTTP/1.1 404 N\r\nContent-Length: 0\r\n\r\n", size).upstream(OK, size);
    expect(talk.relay.upstream).toBe(GET_SENT + post + GET_SENT);
    expect(talk.observer.seen).toEqual([
      ...["> GET /a 0 new-id", "> POST /b 3 mine", "> GET /a 0 new-id"],
      ...["< 200 2 complete", "< 404 0 complete", "< 200 2 complete"],
    ]);
  });

  test("observers hear that a request is forwarded when its upstream ends in the same turn", () => {
    const heard: string[] = [];
    const talk = new Conversation({
      isOneTurn: true,
      observers: [
        {
          requested: () => void heard.push("requested"),
          forwarded: () => void heard.push("forwarded"),
          ended: ({ outcome }) => void heard.push(outcome),
        },
      ],
    });
    talk.client(GET).upstreamEnd().closed("ended").endTurn();
    expect(heard).toEqual(["forwarded", "requested", "aborted"]);
  });

  test("observers hear of the requests of one turn when all of them have left, each with its own head", () => {
    const heard: string[] = [];
    const talks = Array.from({ length: 100 }, (_, i) => {
      const name = `GET /${i} HTTP/1.1\r\n${`X: ${i}\r\n`.repeat(i)}\r\n`;
      const requested = (_: unknown, head: Head) => void heard.push(latin1(head.buf, head.start, head.end));
      const talk = new Conversation({ isOneTurn: true, observers: [{ requested, ended: () => {} }] });
      return { name, talk: talk.client(name) };
    });
    expect(heard).toEqual([]);
    for (const { talk } of talks) talk.endTurn();
    expect(heard).toEqual(talks.map(({ name }) => name));
  });

  test.each([0, 1])("heads are used again, in pieces of %d bytes too", (size) => {
    const heads = new Set<Head>();
    const requested = (_: unknown, head: Head) => void heads.add(head);
    const talk = new Conversation({ isOneTurn: true, observers: [{ requested, ended: () => {} }] });
    for (let i = 0; i < 50; i++) {
      talk.client(`GET / HTTP/1.1\r\n${"X: 1\r\n".repeat(100)}\r\n`, size).endTurn();
      talk.upstream(OK).endTurn();
    }
    expect(heads.size).toBeLessThan(4);
  });

  everySize("interim responses do not end the exchange", (begin, size) => {
    const request = "PUT /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
    const talk = begin().client(request, size);
    expect(talk.relay.upstream).toContain("Expect: 100-continue");
    talk.upstream("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\n\r\n", size).client("x").upstream(OK, size);
    expect(talk.observer.seen).toEqual(["> PUT /a 1 new-id", "< 200 2 complete"]);
  });

  everySize("HEAD, 204 and 304 have no body whatever they announce", (begin, size) => {
    const talk = begin().client("HEAD / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", size);
    talk.upstream("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", size);
    talk.upstream("HTTP/1.1 304 N\r\nContent-Length: 9\r\n\r\nHTTP/1.1 204 N\r\n\r\n", size);
    expect(talk.observer.seen.slice(3)).toEqual(["< 200 9 complete", "< 304 0 complete", "< 204 0 complete"]);
  });

  everySize("a close-delimited response ends with FIN", (begin, size) => {
    const talk = begin().client(GET, size).upstream("HTTP/1.1 200 OK\r\n\r\nbody", size);
    expect(talk.observer.seen).toHaveLength(1);
    talk.upstreamEnd();
    expect(talk.observer.seen[1]).toBe("< 200 -1 complete");
    expect(talk.relay.client).toBe("HTTP/1.1 200 OK\r\n\r\nbody<FIN>");
  });

  everySize("an early final response leaves the request body flowing", (begin, size) => {
    const talk = begin().client("POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab", size);
    talk.upstream(OK, size).client("cd", size).client(GET, size);
    expect(talk.relay.upstream.endsWith(`abcd${GET_SENT}`)).toBe(true);
    expect(talk.observer.seen).toEqual(["> POST / 4 new-id", "< 200 2 complete", "> GET /a 0 new-id"]);
  });

  everySize("half-close after the request still gets the response", (begin, size) => {
    const talk = begin().client(GET, size).clientEnd().upstream(OK, size).upstreamEnd().closed("ended");
    expect(talk.relay.upstream).toBe(`${GET_SENT}<FIN>`);
    expect(talk.relay.client).toBe(`${OK}<FIN>`);
    expect(talk.observer.seen).toEqual(["> GET /a 0 new-id", "< 200 2 complete"]);
  });
});

describe("exchanges that are cut short end once, with the reason", () => {
  // biome-ignore format: one row a line
  const rows: [string, (talk: Conversation) => void, string][] = [
    ["the client resets", (t) => t.closed("client-reset"), "< 0 -1 client-left"],
    ["the client closes first", (t) => t.clientEnd().upstreamEnd().closed("ended"), "< 0 -1 client-left"],
    ["the upstream resets", (t) => t.closed("upstream-reset"), "< 0 -1 aborted"],
    ["the upstream closes without answer", (t) => t.upstreamEnd().clientEnd().closed("ended"), "< 0 -1 aborted"],
    ["the upstream cannot be reached", (t) => t.closed("connect-failed"), "< 0 -1 aborted"],
    ["a body is cut", (t) => t.upstream(OK.slice(0, -1)).closed("upstream-reset"), "< 200 2 aborted"],
    ["FIN cuts a body, and the client's follows", (t) => t.upstream(OK.slice(0, -1)).upstreamEnd().clientEnd().closed("ended"), "< 200 2 aborted"],
    ["only an interim response came", (t) => t.upstream("HTTP/1.1 100 C\r\n\r\n").closed("upstream-reset"), "< 0 -1 aborted"],
  ];
  for (const [label, play, expected] of rows) {
    everyWay(label, (begin) => {
      const talk = begin().client(GET);
      play(talk);
      expect(talk.observer.seen.slice(1)).toEqual([expected]);
    });
  }
});

describe("what the upstream has sent is read before", () => {
  const TIMEOUT = "HTTP/1.1 408 T\r\n\r\n";
  const CLOSING = "HTTP/1.1 200 OK\r\n\r\nbody";
  // biome-ignore format: one row a line
  const rows: [string, (talk: Conversation) => void, string[], string[]][] = [
    ["what it sends next", (t) => t.upstream(OK.slice(0, 20)).upstream(OK.slice(20)), ["< 200 2 complete"], []],
    ["the next request", (t) => t.upstream(OK).client(GET), ["< 200 2 complete", "> GET /a 0 new-id"], []],
    ["the client's FIN", (t) => t.upstream(OK).client("GET /b").upstream(TIMEOUT).clientEnd(), ["< 200 2 complete"], ["unsolicited"]],
    ["its FIN", (t) => t.upstream(CLOSING).upstreamEnd(), ["< 200 -1 complete"], []],
    ["its reset", (t) => t.upstream(OK).closed("upstream-reset"), ["< 200 2 complete"], []],
    ["the client's reset", (t) => t.upstream(OK).closed("client-reset"), ["< 200 2 complete"], []],
    ["the end of the turn", (t) => t.upstream(OK).endTurn(), ["< 200 2 complete"], []],
  ];
  for (const [label, play, seen, reasons] of rows) {
    everyWay(label, (begin) => {
      const talk = begin().client(GET);
      play(talk);
      expect([talk.observer.seen.slice(1), talk.opaqueReasons]).toEqual([seen, reasons]);
    });
  }

  test.each([
    ["and not before it has left", true, OK, false, []],
    ["nor before its FIN has left that came with it", true, CLOSING, true, []],
    ["or at once if it does not leave in this turn", false, OK, false, ["200 complete"]],
  ])("%s", (_, isOneTurn, response, withFin, read) => {
    const ends: string[] = [];
    const ended = ({ status, outcome }: Exchange) => void ends.push(`${status} ${outcome}`);
    const talk = new Conversation({ isOneTurn, observers: [{ requested: () => {}, ended }] });
    talk.client(GET).upstream(response);
    if (withFin) talk.upstreamEnd();
    expect(ends).toEqual(read);
    talk.endTurn();
    expect(ends).toEqual(["200 complete"]);
  });
});

test("a server that speaks first and resets at once resets its client at once", () => {
  const world = new RoutedSession({ isOn: false });
  world.inOneTurn(() => {
    departLater(idler);
    world.answer("220 ready\r\n").refuse();
  });
  expect([world.client.text, world.client.events]).toEqual(["220 ready\r\n", ["rst"]]);
  expect([world.ending, world.opaque]).toEqual(["connect-failed", ["unsolicited"]]);
});

describe("what is not understood passes unread", () => {
  everySize("TLS from the first byte", (begin, size) => {
    const talk = begin().client("\x16\x03\x01\0\xff", size).upstream("\x15\x03", size);
    expect(talk.relay.upstream).toBe("\x16\x03\x01\0\xff");
    expect(talk.relay.client).toBe("\x15\x03");
    expect(talk.opaqueReasons).toEqual(["tls"]);
    expect(talk.relay.opaque).toBe(true);
  });

  everySize("a server that speaks first", (begin, size) => {
    const talk = begin().upstream("220 ready\r\n", size).client(GET, size);
    expect(talk.relay.upstream).toBe(GET);
    expect(talk.opaqueReasons).toEqual(["unsolicited"]);
    expect(talk.observer.seen).toEqual([]);
  });

  everySize("a held head is released when the server gives up on it", (begin, size) => {
    const talk = begin().client("GET /slow HTTP/1.1\r\nHo", size);
    expect(talk.relay.upstream).toBe("");
    talk.upstream("HTTP/1.1 408 Timeout\r\n\r\n", size);
    expect(talk.relay.upstream).toBe("GET /slow HTTP/1.1\r\nHo");
    talk.client("st: h\r\n\r\n", size);
    expect(talk.relay.upstream).toBe("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  });

  everySize("FIN releases a held head before it", (begin, size) => {
    const talk = begin().client("GET / HT", size).clientEnd();
    expect(talk.relay.upstream).toBe("GET / HT<FIN>");
    expect(talk.opaqueReasons).toEqual(["half-head"]);
  });

  test("the head timeout releases a held head", async () => {
    const talk = new Conversation({ headTimeoutMs: 1 }).client("GET / HT");
    while (talk.relay.upstream === "") await Bun.sleep(1);
    expect(talk.relay.upstream).toBe("GET / HT");
    expect(talk.opaqueReasons).toEqual(["head-timeout"]);
    talk.client("TP/1.1\r\n\r\n").upstream(OK);
    expect(talk.relay.upstream).toBe("GET / HTTP/1.1\r\n\r\n");
    expect(talk.opaqueReasons).toEqual(["head-timeout"]);
  });

  everySize("garbage after a request keeps that request's exchange", (begin, size) => {
    const talk = begin().client(`${GET}\0\x01`, size);
    expect(talk.relay.upstream).toBe(`${GET_SENT}\0\x01`);
    expect(talk.relay.opaque).toBe(false);
    talk.upstream(OK, size);
    expect(talk.observer.seen).toEqual(["> GET /a 0 new-id", "< 200 2 complete"]);
    expect(talk.relay.opaque).toBe(true);
  });

  everySize("an ambiguous response ends its exchange with the status", (begin, size) => {
    const bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n";
    const talk = begin()
      .client(GET + GET, size)
      .upstream(bytes, size);
    expect(talk.relay.client).toBe(bytes);
    expect(talk.observer.seen.slice(2)).toEqual(["< 200 -1 unreadable", "< 0 -1 unreadable"]);
    expect(talk.opaqueReasons).toEqual(["te-cl"]);
  });

  // biome-ignore format: one row a line
  const UNREADABLE: [label: string, response: string, seen: string][] = [
    ["a field name that is none", "HTTP/1.1 503 No\r\nBad Name: x\r\nContent-Length: 2\r\n\r\nok", "< 503 -1 unreadable"],
    ["bare line feeds", "HTTP/1.0 200 OK\nContent-Length: 2\n\nok", "< 200 -1 unreadable"],
    ["more than is read", `HTTP/1.1 404 No\r\nA: ${"x".repeat(70_000)}\r\n\r\n`, "< 404 -1 unreadable"],
    ["an interim status", "HTTP/1.1 103 E\r\nBad Name: x\r\n\r\n", "< 0 -1 unreadable"],
    ["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", "< 0 -1 unreadable"],
  ];
  for (const [label, bytes, seen] of UNREADABLE) {
    everySize(
      `a response head with ${label} ends its exchange with the status, if that is certain`,
      (begin, size) => {
        const talk = begin()
          .client(GET + GET, size)
          .upstream(bytes, size);
        expect(talk.relay.client).toBe(bytes);
        expect(talk.observer.seen.slice(2)).toEqual([seen, "< 0 -1 unreadable"]);
      },
    );
  }

  everySize("half a response head is no answer", (begin, size) => {
    const talk = begin().client(GET, size).upstream("HTTP/1.1 200 OK\r\nA: b", size).upstreamEnd();
    expect(talk.observer.seen.slice(1)).toEqual(["< 0 -1 unreadable"]);
  });

  everySize("bytes beyond the last response", (begin, size) => {
    const talk = begin().client(GET, size).upstream(`${OK}more`, size).client(GET, size);
    expect(talk.relay.client).toBe(`${OK}more`);
    expect(talk.relay.upstream).toBe(GET_SENT + GET);
    expect(talk.opaqueReasons).toEqual(["unsolicited"]);
  });

  test("more than 1024 unanswered requests", () => {
    const talk = new Conversation().client("GET / HTTP/1.1\r\n\r\n".repeat(1030));
    expect(talk.opaqueReasons).toEqual(["too-many-pending"]);
    expect(talk.relay.upstream.split(ID_LINE)).toHaveLength(1025);
    expect(talk.relay.upstream.replaceAll(ID_LINE, "")).toBe("GET / HTTP/1.1\r\n\r\n".repeat(1030));
  });
});

describe("protocol changes", () => {
  const UPGRADE = "GET /ws HTTP/1.1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n";
  const UPGRADE_SENT = UPGRADE.replace(/\r\n$/, `${ID_LINE}\r\n`);

  everySize("101 makes both directions opaque, bytes of the same read included", (begin, size) => {
    const talk = begin().client(UPGRADE, size).upstream("HTTP/1.1 101 S\r\n\r\n\x81\x01x", size);
    talk.client("GET / HTTP/1.1\r\n\r\n", size);
    expect(talk.relay.upstream).toBe(`${UPGRADE_SENT}GET / HTTP/1.1\r\n\r\n`);
    expect(talk.relay.client).toBe("HTTP/1.1 101 S\r\n\r\n\x81\x01x");
    expect(talk.observer.seen).toEqual(["> GET /ws 0 new-id", "< 101 -1 tunnel"]);
    expect(talk.opaqueReasons).toEqual(["upgrade"]);
  });

  everySize("a refused upgrade goes on as HTTP if nothing followed it", (begin, size) => {
    const talk = begin().client(UPGRADE, size).upstream(OK, size).client(GET, size).upstream(OK, size);
    expect(talk.relay.upstream).toBe(UPGRADE_SENT + GET_SENT);
    expect(talk.observer.seen).toHaveLength(4);
  });

  everySize("bytes that followed a refused upgrade make it opaque", (begin, size) => {
    const talk = begin()
      .client(UPGRADE + GET, size)
      .upstream(OK, size);
    expect(talk.relay.upstream).toBe(UPGRADE_SENT + GET);
    expect(talk.opaqueReasons).toEqual(["early-tunnel-bytes"]);
  });

  everySize("an upgrade with a body waits behind the body", (begin, size) => {
    const post = "POST / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\nab";
    const talk = begin().client(`${post}PRI`, size).upstream("HTTP/1.1 101 S\r\n\r\n", size);
    expect(talk.relay.upstream.endsWith("\r\n\r\nabPRI")).toBe(true);
    expect(talk.opaqueReasons).toEqual(["upgrade"]);
  });

  everySize("CONNECT accepted", (begin, size) => {
    const talk = begin().client("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n\x16", size);
    talk.upstream("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\x16\x03", size);
    expect(talk.relay.upstream).toBe(`CONNECT h:443 HTTP/1.1\r\nHost: h\r\n${ID_LINE}\r\n\x16`);
    expect(talk.observer.seen).toEqual(["> CONNECT h:443 0 new-id", "< 200 -1 tunnel"]);
    expect(talk.opaqueReasons).toEqual(["connect"]);
  });

  everySize("CONNECT refused", (begin, size) => {
    const talk = begin().client("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n", size);
    talk.upstream("HTTP/1.1 403 F\r\nContent-Length: 0\r\n\r\n", size).client(GET, size);
    expect(talk.relay.upstream.endsWith(GET_SENT)).toBe(true);
  });
});

describe("on a port that nobody declared to be HTTP", () => {
  const patience = { declared: false, headTimeoutMs: 60_000 };

  everySize("a request is followed like on any other", (begin, size) => {
    const talk = begin(patience).client(GET, size).upstream(OK, size);
    expect(talk.relay.upstream).toBe(GET_SENT);
    expect(talk.observer.seen).toHaveLength(2);
  });

  test("a word without line end is let go soon", async () => {
    const talk = new Conversation(patience).client("PING");
    expect(talk.relay.upstream).toBe("");
    while (talk.relay.upstream === "") await Bun.sleep(5);
    expect(talk.relay.upstream).toBe("PING");
    expect(talk.opaqueReasons).toEqual(["head-timeout"]);
  });

  test("behind a complete request line there is all the time for the head", async () => {
    const talk = new Conversation(patience).client("GET /a HTTP/1.1").client("\r\nHost: h\r\n");
    await Bun.sleep(150);
    expect(talk.relay.upstream).toBe("");
    talk.client("\r\n");
    expect(talk.relay.upstream).toBe(GET_SENT);
    talk.closed("aborted");
  });
});

test("a small request leaves in one write, a large body adds no copy", () => {
  const talk = new Conversation().client(`${GET}${GET}`);
  expect(talk.relay.upstreamWrites).toBe(1);
  talk.client(`POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n${"x".repeat(100_000)}`);
  expect(talk.relay.upstreamWrites).toBe(3);
});

test("a head of very many fields is followed, one of too many is relayed unread", () => {
  const lines = `${"b3:\r\n".repeat(600)}${"uber-trace-id:\r\n".repeat(400)}`;
  const talk = new Conversation().client(`GET / HTTP/1.1\r\n${lines}\r\n`);
  expect(talk.relay.upstream).toBe(`GET / HTTP/1.1\r\n${lines}${ID_LINE}\r\n`);
  const larger = new Conversation().client(`GET / HTTP/1.1\r\n${lines}${lines}\r\n`);
  expect(larger.opaqueReasons).toEqual(["head-too-large"]);
  expect(larger.relay.upstream).toBe(`GET / HTTP/1.1\r\n${lines}${lines}\r\n`);
});

everyWay("a policy that throws changes nothing and stops nothing", (begin) => {
  const talk = begin({ policies: [new BrokenPolicy()] })
    .client(GET)
    .upstream(OK);
  expect(talk.relay.upstream).toBe(GET);
  expect(talk.relay.client).toBe(OK);
  expect(talk.bugs).toHaveLength(1);
});

test("a policy that remembers is told once of every end, also of those that a lost connection brings", () => {
  const ended: string[] = [];
  let id = 0;
  const policies = [
    new RequestIdPolicy("X-Request-Id", () => `id-${++id}`),
    new BrokenPolicy(),
    { apply: () => {}, ended: ({ requestId }: Exchange) => void ended.push(requestId) },
  ];
  const talk = new Conversation({ policies }).client(GET + GET + GET).upstream(OK);
  expect(ended).toEqual(["id-1"]);
  talk.closed("upstream-reset");
  expect(ended).toEqual(["id-1", "id-2", "id-3"]);
});

const garbage = fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString("latin1"));

test("whatever both sides send, out is in plus the inserted lines, and it matters to nobody when it is read", () => {
  const clientPart = fc.oneof(
    fc.constantFrom(
      GET,
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
      "\r\n",
      "GET /x HT",
    ),
    fc.constantFrom(
      "HEAD / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
      "\0",
    ),
    garbage,
  );
  const upstreamPart = fc.oneof(
    fc.constantFrom(
      OK,
      "HTTP/1.1 100 C\r\n\r\n",
      "HTTP/1.1 101 S\r\n\r\n",
      "HTTP/1.1 200 OK\r\n\r\n",
      "HTTP/1.1 2",
    ),
    garbage,
  );
  const step = fc.oneof(
    fc.record({
      from: fc.constant("client" as const),
      bytes: clientPart,
      size: fc.integer({ min: 0, max: 9 }),
    }),
    fc.record({
      from: fc.constant("upstream" as const),
      bytes: upstreamPart,
      size: fc.integer({ min: 0, max: 9 }),
    }),
    fc.constant({ from: "turn" as const }),
  );
  const ending = fc.constantFrom<Ending>("client FIN", "upstream FIN", "client-reset", "upstream-reset");
  const property = fc.property(fc.array(step, { maxLength: 14 }), ending, (steps, how) => {
    const sent = { client: "", upstream: "" };
    for (const each of steps) if (each.from !== "turn") sent[each.from] += each.bytes;
    const [talk, late] = WAYS.map((begin) => {
      const each = begin();
      for (const now of steps) {
        if (now.from === "turn") each.endTurn();
        else each[now.from](now.bytes, now.size);
      }
      return finish(each, how);
    });
    const fin = how.endsWith("FIN") ? "<FIN>" : "";
    if (fin !== "") expect(talk!.relay.upstream.replaceAll(ID_LINE, "")).toBe(`${sent.client}<FIN>`);
    expect(talk!.relay.client).toBe(`${sent.upstream}${fin}`);
    const began = talk!.observer.seen.filter((line) => line.startsWith(">")).length;
    expect(talk!.observer.seen.length).toBe(2 * began);
    expect(talk!.bugs).toEqual([]);
    expect(outcome(late!)).toEqual(outcome(talk!));
  });
  fc.assert(property, { numRuns: 3000, seed: 20261123 });
});

test("a bug that shows when a response is read, after it has left, costs that connection and no more", () => {
  let isBroken = false;
  const nowUs = () => {
    if (isBroken) throw new Error("a bug");
    return 1;
  };
  const talk = new Conversation({ isOneTurn: true, nowUs });
  talk.client("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  isBroken = true;
  talk.upstream("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  expect(talk.bugs).toEqual([new Error("a bug")]);
  expect([talk.relay.client, talk.relay.aborted]).toEqual([
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    true,
  ]);
});

type Ending = "client FIN" | "upstream FIN" | "client-reset" | "upstream-reset";

function finish(talk: Conversation, how: Ending): Conversation {
  if (how === "client FIN") return talk.clientEnd().upstreamEnd().closed("ended");
  if (how === "upstream FIN") return talk.upstreamEnd().clientEnd().closed("ended");
  return talk.closed(how);
}

function outcome({ relay, observer, opaqueReasons }: Conversation) {
  const { upstream, client, opaque } = relay;
  return { upstream, client, opaque, seen: observer.seen, opaqueReasons };
}
