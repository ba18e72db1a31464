import { expect, test } from "bun:test";
import { LoopGuard } from "../../src/proxy/loop-guard.ts";

const local = { ip: "198.18.0.2", port: 40_000 };
const app = { ip: "198.18.0.2", port: 39_999 };
const dst = { ip: "198.18.0.9", port: 80 };

/** `first` was accepted from the application and dials `dst` from `local`; `second` is that dial, come back. */
function loop() {
  const guard = new LoopGuard<string>();
  guard.accepted(app, dst, "first");
  return guard;
}

test("an upstream that opened before it arrived is found at dial time", () => {
  const guard = loop();
  expect(guard.opened(local, dst, "first")).toBeNull();
  guard.accepted(local, dst, "second");
  expect(guard.ownUpstream(local, dst)).toBe("first");
});

test("an upstream that arrived before it opened is found when it opens", () => {
  const guard = loop();
  guard.accepted(local, dst, "second");
  expect(guard.ownUpstream(local, dst)).toBeNull();
  expect(guard.opened(local, dst, "first")).toBe("second");
});

test("an application that shares our port number, on its way elsewhere, is left alone", () => {
  const guard = loop();
  guard.opened(local, dst, "first");
  const elsewhere = { ...dst, port: 443 };
  guard.accepted(local, elsewhere, "innocent");
  expect(guard.ownUpstream(local, elsewhere)).toBeNull();
});

test("what is over is forgotten", () => {
  const guard = loop();
  guard.opened(local, dst, "first");
  guard.over(app, dst, "first");
  expect(guard.ownUpstream(local, dst)).toBeNull();
  expect(guard.opened(app, dst, "third")).toBeNull();
});

test("an upstream that was left is forgotten, and so is the one before it when another opens", () => {
  const guard = loop();
  guard.opened(local, dst, "first");
  const elsewhere = { ...dst, port: 81 };
  guard.opened(local, elsewhere, "first");
  expect([guard.ownUpstream(local, dst), guard.ownUpstream(local, elsewhere)]).toEqual([null, "first"]);
  guard.left("first");
  expect(guard.ownUpstream(local, elsewhere)).toBeNull();
});
