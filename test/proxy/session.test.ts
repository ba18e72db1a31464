import { beforeEach, describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { CloseReason, ConnInfo, StreamHandler } from "../../src/proxy/handler.ts";
import { Session, type SessionHost } from "../../src/proxy/session.ts";
import type { Side } from "../../src/proxy/side.ts";
import { type SideSocket, socketEvents } from "../../src/proxy/socket-events.ts";
import { departLater, endTurn } from "../../src/proxy/turn.ts";
import { FakeSocket } from "../fakes/socket.ts";
import { CROWD, haveBusyTurn, idler, nextTurn } from "../fakes/turn.ts";

beforeEach(haveBusyTurn);

const info: ConnInfo = {
  id: 1,
  direction: "inbound",
  client: { ip: "198.18.0.1", port: 40_000 },
  originalDst: { ip: "198.18.0.2", port: 80 },
};

/** Passes everything on, and writes down what it heard. */
class Passing implements StreamHandler {
  readonly heard: string[] = [];
  isUntouched = true;
  needsUpstream = true;
  constructor(private readonly session: Session) {}
  clientData(chunk: Uint8Array): void {
    this.isUntouched = false;
    this.heard.push(`client:${Buffer.from(chunk)}`);
    this.session.toUpstream(chunk);
  }
  clientEnd(): void {
    this.heard.push("client fin");
    this.session.endUpstream();
  }
  upstreamData(chunk: Uint8Array): void {
    this.heard.push(`upstream:${Buffer.from(chunk)}`);
    this.session.toClient(chunk);
  }
  upstreamEnd(): void {
    this.heard.push("upstream fin");
    this.session.endClient();
  }
  upstreamLost(): void {
    this.heard.push("upstream lost");
  }
  closed(reason: CloseReason): void {
    this.heard.push(`closed ${reason}`);
  }
}

/** What happens in one turn of the event loop: one step or several. */
type Turn = string | readonly string[];

/** A session between two fake sockets, driven by the events a Bun socket would report. */
class Bench implements SessionHost {
  readonly session = new Session(info, this);
  readonly client = new FakeSocket();
  readonly upstream = new FakeSocket();
  readonly told: string[] = [];
  readonly bugs: string[] = [];
  /** All turns are one, until there is a last one. */
  isOneTurn = false;
  handler: StreamHandler | null = null;
  private readonly events = socketEvents((error) => this.bugs.push(error.message));

  constructor(withHandler: (session: Session) => StreamHandler | null) {
    for (const side of [this.session.client, this.session.upstream]) this.wire(side);
    this.handler = withHandler(this.session);
    this.session.accept(this.client, this.handler);
    this.session.dial();
  }

  private wire(side: Side): void {
    const socket = this.socketOf(side);
    socket.data = side;
    socket.onClose = () => this.events.close!(socket as unknown as SideSocket);
  }

  private socketOf(side: Side): FakeSocket {
    return side.isClient ? this.client : this.upstream;
  }

  dial = () => void this.told.push("dial");
  left = (side: Side) => void this.told.push(`left ${side.address.ip}`);
  unacknowledgedBytes = () => 0;
  unsentBytes = () => 0;
  dialFirst = () => void this.told.push("dial first");
  failed = (error: unknown) => void this.bugs.push((error as Error).message);
  hasEnded = (side: Side) => this.socketOf(side).hasFin;
  acknowledge = () => {};
  cork = (side: Side) => this.socketOf(side).cork();
  bulk = () => {};
  halfClosed = () => void this.told.push("half-closed");
  over = (_: Session, reason: CloseReason) => void this.told.push(reason);

  /**
   * `C:text`, `U:text`, `C.fin`, `C.rst`, `C.close` (without error), `C.room=9`, `C.dead` (only a write will tell),
   * `U.fin-waits` (the runtime has not told of it yet), `U.open`, `U.fail`, `abort`, `opaque`.
   */
  play(...turns: Turn[]): this {
    for (const turn of turns) {
      for (const step of typeof turn === "string" ? [turn] : turn) this.step(step);
      if (!this.isOneTurn) endTurn();
    }
    return this;
  }

  private step(step: string): void {
    const socket = step.startsWith("C") ? this.client : this.upstream;
    const bun = socket as unknown as SideSocket;
    const [, what, value] = /^[CU]?[.:]?(\w*?)(?:=(\d+))?$/.exec(step) ?? ["", "", ""];
    if (step[1] === ":") this.throwing(bun, () => this.events.data!(bun, Buffer.from(step.slice(2))));
    else if (step === "abort") this.session.abort();
    else if (step === "opaque") this.session.becomeOpaque();
    else if (what === "open") this.session.opened(this.session.upstream, socket);
    else if (what === "fail") this.session.dialFailed(this.session.upstream);
    else if (step === "U.fin-waits") socket.hasFin = true;
    else if (what === "fin") this.peerFin(socket);
    else if (what === "room") socket.room = Number(value);
    else if (what === "dead") socket.isDead = true;
    else if (what === "drain") this.events.drain!(bun);
    else if (what === "close") this.close(socket);
    else if (what === "rst") this.close(socket, Object.assign(new Error("reset"), { code: "ECONNRESET" }));
    else throw new Error(`unknown step ${step}`);
  }

  data(from: "C" | "U", chunk: Uint8Array): void {
    this.events.data!((from === "C" ? this.client : this.upstream) as unknown as SideSocket, chunk as never);
    endTurn();
  }

  /** Bun says `end`, unless we had sent our FIN: then it just closes. */
  private peerFin(socket: FakeSocket): void {
    if (socket.isShut) this.close(socket);
    else this.events.end!(socket as unknown as SideSocket);
  }

  private close(socket: FakeSocket, error?: Error): void {
    socket.isClosed = true;
    this.events.close!(socket as unknown as SideSocket, error);
  }

  private throwing(socket: SideSocket, event: () => void): void {
    try {
      event();
    } catch (error) {
      this.events.error!(socket, error as Error);
    }
  }
}

describe("a large chunk", () => {
  const rows: [label: string, followed: boolean, from: "C" | "U", room: number, freed: boolean][] = [
    ["of an opaque upstream is freed once it is forwarded", false, "U", 1e6, true],
    ["of an opaque client is freed once it is forwarded", false, "C", 1e6, true],
    ["is freed when the other side takes only a part", false, "U", 1000, true],
    ["of a followed upstream is freed once it is forwarded", true, "U", 1e6, true],
    ["of a followed client is its handler's", true, "C", 1e6, false],
  ];
  test.each(rows)("%s", (_, followed, from, room, freed) => {
    const bench = new Bench((session) => (followed ? new Passing(session) : null)).play("U.open");
    const taker = from === "C" ? bench.upstream : bench.client;
    taker.room = room;
    const chunk = new Uint8Array(40_000).fill(97);
    bench.data(from, chunk);
    expect((chunk.buffer as ArrayBuffer).detached).toBe(freed);
    taker.room = 1e6;
    bench.play(from === "C" ? "U.drain" : "C.drain");
    expect(taker.text).toBe("a".repeat(40_000));
  });

  test("that waits for its upstream is not", () => {
    const bench = new Bench(() => null);
    bench.data("C", new Uint8Array(40_000).fill(97));
    bench.play("U.open");
    expect(bench.upstream.text).toBe("a".repeat(40_000));
  });
});

interface Row {
  label: string;
  play: Turn[];
  toClient?: string;
  toUpstream?: string;
  client?: string[];
  upstream?: string[];
  told: string[];
}

const rows: Row[] = [
  {
    label: "relays both ways",
    play: ["U.open", "C:ping", "U:pong"],
    toClient: "pong",
    toUpstream: "ping",
    told: [],
  },
  {
    label: "keeps what the client sends before the upstream opens, and its FIN",
    play: ["C:ping", "C.fin", "U.open"],
    toUpstream: "ping",
    upstream: ["fin"],
    told: ["half-closed"],
  },
  {
    label: "passes the client's FIN on and still delivers the response",
    play: ["U.open", "C:ask", "C.fin", "U:answer"],
    toUpstream: "ask",
    upstream: ["fin"],
    toClient: "answer",
    told: ["half-closed"],
  },
  {
    label: "passes the upstream's FIN on and still delivers the request",
    play: ["U.open", "U:hello", "U.fin", "C:more"],
    toClient: "hello",
    client: ["fin"],
    toUpstream: "more",
    told: ["half-closed"],
  },
  {
    label: "is over when both ends have sent FIN, the client first",
    play: ["U.open", "C.fin", "U.fin", "C.close"],
    client: ["fin"],
    upstream: ["fin"],
    told: ["half-closed", "ended"],
  },
  {
    label: "is over when both ends have sent FIN, the upstream first",
    play: ["U.open", "U.fin", "C.fin", "U.close"],
    client: ["fin"],
    upstream: ["fin"],
    told: ["half-closed", "ended"],
  },
  {
    label: "delivers the last bytes to a slow client whose upstream has closed, then FIN",
    play: ["U.open", "C.fin", "C.room=2", "U:answer", "U.drain", "U.fin", "C.room=9", "C.drain", "C.close"],
    toClient: "answer",
    client: ["fin"],
    upstream: ["fin", "pause", "resume"],
    told: ["half-closed", "ended"],
  },
  {
    label: "resets the upstream when the client resets",
    play: ["U.open", "C.rst"],
    upstream: ["rst"],
    told: ["client-reset"],
  },
  {
    label: "resets the client when the upstream resets",
    play: ["U.open", "U.rst"],
    client: ["rst"],
    told: ["upstream-reset"],
  },
  {
    label: "resets the client when the upstream cannot be reached",
    play: ["C:ping", "U.fail"],
    client: ["rst"],
    told: ["connect-failed"],
  },
  {
    label: "resets an upstream that opens after its client has left",
    play: ["C.rst", "U.open", "U:hello", "U.fin"],
    upstream: ["rst"],
    told: ["client-reset"],
  },
  {
    label: "resets the upstream when the client resets after its FIN",
    play: ["U.open", "C.fin", "C.rst"],
    upstream: ["fin", "rst"],
    told: ["half-closed", "client-reset"],
  },
  {
    label: "takes a close before our FIN for a broken connection, because bytes may be lost",
    play: ["U.open", "U.close"],
    client: ["rst"],
    told: ["upstream-reset"],
  },
  {
    label:
      "resets the upstream when a write found the client dead, though the runtime reports an orderly end",
    play: ["U.open", "C.dead", "U:abc", "C.fin", "C.close"],
    upstream: ["rst"],
    told: ["client-reset"],
  },
  {
    label: "resets the client when a write found the upstream dead, though we had sent our FIN",
    play: ["U.open", "U.dead", "C:abc", "C.fin", "U.close"],
    client: ["rst"],
    told: ["half-closed", "upstream-reset"],
  },
  {
    label: "pauses the upstream while the client is slow and resumes it afterwards",
    play: ["U.open", "C.room=1", "U:abc", "C.drain", "C.room=5", "C.drain", "C.drain"],
    toClient: "abc",
    upstream: ["pause", "resume"],
    told: [],
  },
  {
    label: "pauses the client while the upstream is slow, and keeps what still comes while paused",
    play: ["U.open", "U.room=1", "C:abc", "C:de", "U.room=9", "U.drain"],
    toUpstream: "abcde",
    client: ["pause", "resume"],
    told: [],
  },
  {
    label: "drops what waits for a client that resets while it is slow",
    play: ["U.open", "C.room=1", "U:abc", "C.rst", "U:def", "C.drain"],
    toClient: "a",
    upstream: ["pause", "rst"],
    told: ["client-reset"],
  },
  {
    label: "delivers what the upstream sent in the turn in which it resets",
    play: ["U.open", ["U:abc", "U:de", "U.rst"]],
    toClient: "abcde",
    client: ["rst"],
    told: ["upstream-reset"],
  },
  {
    label: "delivers what the client sent in the turn in which it resets",
    play: [["U.open", "C:abc", "C.fin", "C.rst"]],
    toUpstream: "abc",
    upstream: ["fin", "rst"],
    told: ["half-closed", "client-reset"],
  },
  {
    label: "delivers what both sent in the turn in which it is asked to abort",
    play: ["U.open", ["C:abc", "U:de", "abort"]],
    toClient: "de",
    toUpstream: "abc",
    client: ["rst"],
    upstream: ["rst"],
    told: ["aborted"],
  },
  {
    label: "sends FIN after the bytes of the same turn, though the other side's FIN comes in it too",
    play: ["U.open", ["U:abc", "U.fin", "C:de", "C.fin"], "C.close", "U.close"],
    toClient: "abc",
    toUpstream: "de",
    client: ["fin"],
    upstream: ["fin"],
    told: ["half-closed", "ended"],
  },
  {
    label: "pauses the upstream at the end of a turn that was too much for the client, once",
    play: ["U.open", "C.room=4", ["U:abc", "U:de", "C.drain", "U:fg"], "C.room=9", ["C.drain", "U:h"]],
    toClient: "abcdefgh",
    upstream: ["pause", "resume"],
    told: [],
  },
  {
    label: "resets both sides when asked to abort, once",
    play: ["U.open", "abort", "abort", "C.fin", "U.rst"],
    client: ["rst"],
    upstream: ["rst"],
    told: ["aborted"],
  },
];

const makers: [string, (session: Session) => StreamHandler | null][] = [
  ["an opaque session", () => null],
  ["a session with a handler", (session) => new Passing(session)],
];

describe.each(makers)("%s", (_, maker) => {
  test.each(rows)("$label", ({ play, toClient = "", toUpstream = "", client = [], upstream = [], told }) => {
    const bench = new Bench(maker).play(...play);
    expect({
      toClient: bench.client.text,
      toUpstream: bench.upstream.text,
      client: bench.client.events,
      upstream: bench.upstream.events,
      told: bench.told,
    }).toEqual({ toClient, toUpstream, client, upstream, told: ["dial", ...told] });
  });
});

describe.each(makers)("%s", (_, maker) => {
  test("resets the client a turn after a write found the upstream dead, though the runtime says nothing", async () => {
    const bench = new Bench(maker).play("U.open", "U.dead", "C:abc");
    await nextTurn();
    expect(bench.told).toEqual(["dial"]);
    await nextTurn();
    expect([bench.told, bench.client.events]).toEqual([["dial", "upstream-reset"], ["rst"]]);
  });
});

describe.each(makers)("%s", (_, maker) => {
  const over = async (bench: Bench) => {
    while (!bench.session.isOver) await Bun.sleep(1);
    return [
      bench.client.text,
      bench.client.events,
      bench.upstream.text,
      bench.upstream.events,
      bench.told.at(-1),
    ];
  };

  test("delivers what a client sent that resets before the upstream opens", async () => {
    const bench = new Bench(maker).play("C:ping", "C.rst");
    expect(bench.told).toEqual(["dial"]);
    bench.play("U.open");
    expect(await over(bench)).toEqual(["", [], "ping", ["rst"], "client-reset"]);
  });

  test("gives that up when the upstream cannot be reached", () => {
    expect(new Bench(maker).play("C:ping", "C.rst", "U.fail").told).toEqual(["dial", "connect-failed"]);
  });

  test("delivers what an upstream sent before its reset to a slow client, and reads what that still sends", async () => {
    const bench = new Bench(maker).play("U.open", "U.room=1", "C:abc", "C.room=1", "U:defg", "U.rst", "C:h");
    expect([bench.told, bench.client.text]).toEqual([["dial"], "d"]);
    bench.play("C.room=9", "C.drain");
    expect(await over(bench)).toEqual([
      "defg",
      ["pause", "resume", "rst"],
      "a",
      ["pause", "resume"],
      "upstream-reset",
    ]);
  });

  test("does not wait for a client that is gone as well", () => {
    const bench = new Bench(maker).play("U.open", "C.room=1", "U:abc", "U.rst", "C.rst");
    expect([bench.told, bench.client.text]).toEqual([["dial", "client-reset"], "a"]);
  });
});

describe("a server that has closed when its first bytes depart", () => {
  const factories: [string, (session: Session) => StreamHandler | null][] = [
    ["opaque", () => null],
    ["with a handler", (session) => new Passing(session)],
  ];
  test.each(factories)("has its FIN leave with them, and only that one, %s", (_, factory) => {
    const bench = new Bench(factory).play("U.open", ["C:a", "U:b", "U.fin-waits"]);
    expect([bench.client.text, bench.client.events, bench.client.corkedAt]).toEqual(["b", ["fin"], 0]);
    bench.play("U.fin");
    expect(bench.told).toEqual(["dial", "half-closed"]);
    bench.play("C:c", "C.fin", "C.close", "U.close");
    expect([bench.upstream.text, bench.upstream.events]).toEqual(["ac", ["fin"]]);
    expect(bench.client.events).toEqual(["fin"]);
    expect(bench.told).toEqual(["dial", "half-closed", "ended"]);
  });

  test("has its FIN follow them though the client's kernel takes them in pieces", () => {
    const bench = new Bench(() => null).play("U.open", "C.room=1", ["U:bcd", "U.fin-waits"]);
    expect([bench.client.text, bench.client.events]).toEqual(["b", []]);
    bench.play("C.room=9", "C.drain");
    expect([bench.client.text, bench.client.events]).toEqual(["bcd", ["fin"]]);
  });

  test("is not looked at again after them", () => {
    const bench = new Bench(() => null).play("U.open", "U:b", ["U:c", "U.fin-waits"]);
    expect([bench.client.text, bench.client.events, bench.client.corkedAt]).toEqual(["bc", [], -1]);
  });

  test("has all bytes before its FIN though a crowd leaves when the last have just been read", () => {
    const bench = new Bench(() => null).play("U.open");
    bench.isOneTurn = true;
    bench.play("U:b");
    for (let i = 1; i < CROWD; i++) departLater(idler);
    bench.play("U.fin-waits", "U:c");
    endTurn();
    expect([bench.client.text, bench.client.events]).toEqual(["bc", ["fin"]]);
  });

  test("and resets after that resets the client", () => {
    const bench = new Bench(() => null).play("U.open", ["U:b", "U.fin-waits"], "U.rst");
    expect([bench.client.text, bench.client.events]).toEqual(["b", ["fin", "rst"]]);
    expect(bench.told).toEqual(["dial", "half-closed", "upstream-reset"]);
  });
});

describe("a handler", () => {
  const cases: [string, string[], string[]][] = [
    [
      "hears every chunk, both FINs and the end",
      ["U.open", "C:a", "U:b", "C.fin", "U.fin", "C.close"],
      ["client:a", "upstream:b", "client fin", "upstream fin", "closed ended"],
    ],
    [
      "hears nothing after it became opaque but the end",
      ["U.open", "C:a", "opaque", "C:b", "U:c", "C.fin", "U.rst"],
      ["client:a", "closed upstream-reset"],
    ],
    [
      "hears the first bytes of a client whose upstream has failed before them, and then the end",
      ["U.fail", "C:first"],
      ["client:first", "closed connect-failed"],
    ],
    [
      "hears those first bytes though the kernel's failure follows our own timeout",
      ["U.fail", "U.fail", "C:first"],
      ["client:first", "closed connect-failed"],
    ],
    [
      "hears of the failure when the client says nothing more",
      ["U.fail", "C.fin"],
      ["closed connect-failed"],
    ],
    [
      "hears who left first when the client resets before its first bytes",
      ["U.fail", "C.rst"],
      ["closed client-reset"],
    ],
    [
      "hears the end once, whatever follows",
      ["U.open", "C.rst", "U.rst", "abort", "U:late"],
      ["closed client-reset"],
    ],
  ];
  test.each(cases)("%s", (_, play, heard) => {
    const bench = new Bench((session) => new Passing(session)).play(...play);
    expect((bench.handler as Passing).heard).toEqual(heard);
  });

  test("whose upstream opens after its dial was given up sees it reset, without the client's first bytes", () => {
    const bench = new Bench((session) => new Passing(session)).play("U.fail", "U.open", "C:first");
    expect((bench.handler as Passing).heard).toEqual(["client:first", "closed connect-failed"]);
    expect([bench.upstream.text, bench.upstream.events, bench.client.events]).toEqual(["", ["rst"], ["rst"]]);
    expect(bench.told).toEqual(["dial", "connect-failed"]);
  });

  test("that waits for the first bytes of a client in vain hears of the failure all the same", async () => {
    const bench = new Bench((session) => new Passing(session)).play("U.fail");
    expect(bench.told).toEqual(["dial"]);
    while (bench.told.length === 1) await Bun.sleep(5);
    expect([bench.told, bench.client.events]).toEqual([["dial", "connect-failed"], ["rst"]]);
  });

  test("that throws costs its connection and is reported", () => {
    class Throwing extends Passing {
      override clientData(): void {
        throw new Error("a bug");
      }
    }
    const bench = new Bench((session) => new Throwing(session)).play("U.open", "C:x");
    expect([bench.bugs, bench.told, bench.client.events]).toEqual([["a bug"], ["dial", "aborted"], ["rst"]]);
  });
});

const chunk = fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 30 });
const step = fc.oneof(
  chunk.map((text) => ["C", text] as const),
  chunk.map((text) => ["U", text] as const),
  fc.nat(20).map((room) => ["C.room", room] as const),
  fc.nat(20).map((room) => ["U.room", room] as const),
  fc.constant(["turn", 0] as const),
);

test("a bug that shows when its first upstream is to be dialled is heard of and costs the session", () => {
  const bench = new Bench(() => null);
  bench.dialFirst = () => {
    throw new Error("a bug");
  };
  departLater(bench.session.upstream);
  endTurn();
  expect(bench.bugs).toEqual(["a bug"]);
  expect([bench.client.events, bench.told]).toEqual([["rst"], ["dial", "aborted"]]);
});

test("any interleaving of chunks, short writes, turns and FINs delivers all bytes in order and then the FIN", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 50 }),
      fc.record({ open: fc.nat(50), clientFin: fc.nat(50), upstreamFin: fc.nat(50), opaqueAt: fc.nat(50) }),
      fc.boolean(),
      fc.boolean(),
      (steps, at, isOneTurn, finWaits) => {
        const bench = new Bench((session) => new Passing(session));
        bench.isOneTurn = isOneTurn;
        bench.client.room = 0;
        bench.upstream.room = 0;
        const sent = { C: "", U: "" };
        let isOpen = false;
        const ended = { C: false, U: false };
        const fin = (who: "C" | "U") => {
          if (ended[who]) return;
          ended[who] = true;
          if (finWaits && who === "U") bench.play("U.fin-waits");
          else bench.play(`${who}.fin`);
        };
        const open = () => {
          if (!isOpen) bench.play("U.open");
          isOpen = true;
        };
        steps.forEach(([what, value], index) => {
          if (index === at.open) open();
          if (index === at.opaqueAt) bench.play("opaque");
          if (index === at.clientFin) fin("C");
          if (index === at.upstreamFin && isOpen) fin("U");
          if (what === "turn") {
            endTurn();
          } else if (what === "C.room" || what === "U.room") {
            const socket = what === "C.room" ? bench.client : bench.upstream;
            socket.room += value as number;
            bench.play(what === "C.room" ? "C.drain" : "U.drain");
          } else if (!ended[what] && (what === "C" || isOpen)) {
            sent[what] += value;
            bench.play(`${what}:${value}`);
          }
        });
        open();
        bench.isOneTurn = false;
        bench.client.room = bench.upstream.room = Number.POSITIVE_INFINITY;
        bench.play("C.drain", "U.drain");
        fin("C");
        fin("U");
        if (finWaits) bench.play("U.fin");
        for (const socket of ["C", "U"] as const) {
          const fake = socket === "C" ? bench.client : bench.upstream;
          if (!fake.isClosed) bench.play(`${socket}.close`);
        }
        expect([bench.upstream.text, bench.client.text]).toEqual([sent.C, sent.U]);
        expect(bench.told).toEqual(["dial", "half-closed", "ended"]);
        for (const { events } of [bench.client, bench.upstream]) {
          expect(events.filter((event) => event === "fin" || event === "rst")).toEqual(["fin"]);
        }
      },
    ),
    { numRuns: 500 },
  );
});
