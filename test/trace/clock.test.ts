import { expect, test } from "bun:test";
import { Clock } from "../../src/trace/clock.ts";

/** A clock over two hands that the test moves. */
function clockAt(wallMs: number, steadyMs: number) {
  const hands = { wallMs, steadyMs };
  const clock = new Clock(
    () => Math.floor(hands.wallMs),
    () => hands.steadyMs,
    wallMs - steadyMs,
  );
  return { hands, clock };
}

const START_MS = 1_795_389_726_687;

test("time is in whole microseconds and finer than a millisecond", () => {
  const { hands, clock } = clockAt(START_MS, 100);
  hands.steadyMs += 0.25;
  expect(clock.nowUs()).toBe(START_MS * 1000 + 250);
});

test("a wall clock that agrees to the millisecond moves nothing, however often it is asked", () => {
  const { hands, clock } = clockAt(START_MS, 0);
  const readings: number[] = [];
  for (let i = 0; i < 100; i++) {
    hands.steadyMs += 6000.1;
    hands.wallMs += 6000.1;
    readings.push(clock.nowUs());
  }
  const steps = readings.slice(1).map((us, i) => us - readings[i]!);
  expect(steps.every((us) => Math.abs(us - 6_000_100) <= 1)).toBe(true);
});

test.each([
  ["forward", 3_600_000, 3_600_000_000],
  ["back", -3_600_000, -3_600_000_000 + 1000],
])("a wall clock set %s is followed after the next anchoring, to its millisecond", (_label, byMs, byUs) => {
  const { hands, clock } = clockAt(START_MS, 0);
  hands.wallMs += byMs;
  expect(clock.nowUs()).toBe(START_MS * 1000);
  hands.wallMs += 5000;
  hands.steadyMs += 5000;
  expect(clock.nowUs()).toBe((START_MS + 5000) * 1000 + byUs);
});

test("an origin that is known better than the wall clock tells is kept", () => {
  const clock = new Clock(
    () => START_MS,
    () => 100,
    START_MS - 100 + 0.75,
  );
  expect(clock.nowUs()).toBe(START_MS * 1000 + 750);
});

test("the default clock tells the time of day", () => {
  const before = Date.now();
  const us = new Clock().nowUs();
  expect(us).toBeGreaterThanOrEqual((before - 2) * 1000);
  expect(us).toBeLessThanOrEqual((Date.now() + 2) * 1000);
});
