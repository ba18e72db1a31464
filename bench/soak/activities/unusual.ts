/** What clients and servers do when they are slow, impatient or broken. */
import { ask, expectEnd, nextId, post, receive, receiveHead } from "../exchange.ts";
import { checkBody } from "../message.ts";
import type { Activity } from "./activity.ts";

const STALL_MS = 3000;
const STALLED_BYTES = 12_000_000;
const SLOW_BYTES = 8_000_000;
const BROKEN_BYTES = 1_000_000;

/** The client reads nothing for a while, then all of it. */
export const stalledDownload: Activity = {
  name: "stalled download",
  clients: 3,
  restMs: 1000,
  async run({ dial, counted }) {
    const wire = await dial("http");
    const id = nextId();
    await ask(wire, { id, bytes: STALLED_BYTES });
    await receiveHead(wire, id);
    await Bun.sleep(STALL_MS);
    await checkBody(wire, id, STALLED_BYTES);
    counted();
    wire.finish();
    await expectEnd(wire);
  },
};

/** The server reads nothing for a while. */
export const stalledUpload: Activity = {
  name: "stalled upload",
  clients: 2,
  restMs: 1000,
  async run({ dial, counted }) {
    const wire = await dial("http");
    await post(wire, { id: nextId(), bytes: SLOW_BYTES, how: "slow" });
    counted();
    wire.finish();
    await expectEnd(wire);
  },
};

/** The client goes away in the middle of a response. */
export const clientReset: Activity = {
  name: "client reset",
  clients: 2,
  restMs: 200,
  async run({ dial, counted }) {
    const wire = await dial("http");
    const id = nextId();
    await ask(wire, { id, bytes: BROKEN_BYTES });
    await receiveHead(wire, id);
    wire.reset();
    counted();
  },
};

/** The server goes away in the middle of a response: what came must be right, and the end a reset. */
export const serverReset: Activity = {
  name: "server reset",
  clients: 2,
  restMs: 200,
  async run({ dial, counted }) {
    const wire = await dial("http");
    const id = nextId();
    await ask(wire, { id, bytes: BROKEN_BYTES, how: "reset" });
    const ending = await receive(wire, { id, bytes: BROKEN_BYTES }).catch((error: Error) => error.message);
    if (ending !== "reset") throw new Error(`a reset arrives as: ${ending ?? "a whole response"}`);
    counted();
  },
};

/** The client says that it will send no more, and gets its response nevertheless. */
export const halfClose: Activity = {
  name: "half-close",
  clients: 2,
  restMs: 100,
  async run({ dial, counted }) {
    const wire = await dial("http");
    const request = { id: nextId(), bytes: 300_000 };
    await ask(wire, request);
    wire.finish();
    await receive(wire, request);
    await expectEnd(wire);
    counted();
  },
};

/** A client that has nothing to say after all. */
export const silence: Activity = {
  name: "silence",
  clients: 1,
  restMs: 50,
  async run({ dial, counted }) {
    const wire = await dial("http");
    wire.finish();
    await expectEnd(wire);
    counted();
  },
};
