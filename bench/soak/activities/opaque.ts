/** A protocol that the sidecar does not read. */
import { expectEnd, nextId } from "../exchange.ts";
import { checkBody, sendBody } from "../message.ts";
import type { Activity } from "./activity.ts";

const BYTES = 2_000_000;

/** Both ways at once, then an end that is passed on. */
export const echo: Activity = {
  name: "echo",
  clients: 2,
  restMs: 1000,
  async run({ dial, counted }) {
    const wire = await dial("echo");
    const id = nextId();
    await Promise.all([sendBody(wire, id, BYTES), checkBody(wire, id, BYTES)]);
    wire.finish();
    await expectEnd(wire);
    counted();
  },
};
