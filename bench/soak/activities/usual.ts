/** What well-behaved clients do all day. */
import { ask, expectEnd, get, nextId, post, type Request, receive } from "../exchange.ts";
import type { Activity } from "./activity.ts";

const EXCHANGES = 100;
const PAUSE_MS = 10;
const PIPELINE_DEPTH = 16;
const PIPELINES = 5;
const QUIET_MS = 4000;
const BIG_BYTES = 8_000_000;

/** Small ones, some in chunks, some with a request body. */
export const keepAlive: Activity = {
  name: "keep-alive",
  clients: 8,
  restMs: 10,
  async run({ dial, counted }) {
    const wire = await dial("http");
    for (let i = 0; i < EXCHANGES; i++) {
      const id = nextId();
      if (i % 5 === 0) await post(wire, { id, bytes: 1 + (id % 3000) });
      else await get(wire, { id, bytes: id % 20_000, ...(i % 3 === 0 ? { how: "chunked" } : {}) });
      counted();
      await Bun.sleep(PAUSE_MS);
    }
    wire.finish();
    await expectEnd(wire);
  },
};

export const churn: Activity = {
  name: "churn",
  clients: 4,
  restMs: 10,
  async run({ dial, counted }) {
    const wire = await dial("http");
    await get(wire, { id: nextId(), bytes: 100, isLast: true });
    await expectEnd(wire);
    wire.finish();
    counted();
  },
};

export const pipelining: Activity = {
  name: "pipelining",
  clients: 2,
  restMs: 100,
  async run({ dial, counted }) {
    const wire = await dial("http");
    for (let i = 0; i < PIPELINES; i++) {
      const requests = Array.from(
        { length: PIPELINE_DEPTH },
        (): Request => ({ id: nextId(), bytes: i * 500 }),
      );
      for (const request of requests) await ask(wire, request);
      for (const request of requests) await receive(wire, request);
      for (const _ of requests) counted();
    }
    wire.finish();
    await expectEnd(wire);
  },
};

export const bigDownload: Activity = {
  name: "big download",
  clients: 1,
  restMs: 2000,
  async run({ dial, counted }) {
    const wire = await dial("http");
    await get(wire, { id: nextId(), bytes: BIG_BYTES, isLast: true });
    await expectEnd(wire);
    wire.finish();
    counted();
  },
};

export const bigUpload: Activity = {
  name: "big upload",
  clients: 1,
  restMs: 2000,
  async run({ dial, counted }) {
    const wire = await dial("http");
    await post(wire, { id: nextId(), bytes: BIG_BYTES, isLast: true });
    await expectEnd(wire);
    wire.finish();
    counted();
  },
};

/** A connection that is kept for later, as pools keep them. */
export const quiet: Activity = {
  name: "quiet",
  clients: 20,
  restMs: 0,
  async run({ dial, counted }) {
    const wire = await dial("http");
    await Bun.sleep(QUIET_MS);
    await get(wire, { id: nextId(), bytes: 10 });
    counted();
    wire.finish();
    await expectEnd(wire);
  },
};
