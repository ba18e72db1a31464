import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SlotIndex } from "../../src/trace/slot-index.ts";
import { NO_SLOT } from "../../src/trace/slot-queue.ts";

/** Adds a key that is not there. */
function add(index: SlotIndex, key: string, slot: number): void {
  expect(index.find(key)).toBe(NO_SLOT);
  index.add(slot);
}

describe("an index of slots", () => {
  test("finds what was added until it is removed", () => {
    const index = new SlotIndex(2);
    add(index, "a", 0);
    add(index, "b", 1);
    expect([index.find("a"), index.find("b"), index.size]).toEqual([0, 1, 2]);
    index.remove(0);
    expect([index.find("a"), index.find("b"), index.size]).toEqual([NO_SLOT, 1, 1]);
  });

  test("tells the empty key and characters beyond ASCII apart", () => {
    const index = new SlotIndex(4);
    ["", "\0", "é", "e"].forEach((key, slot) => {
      add(index, key, slot);
    });
    expect(["", "\0", "é", "e"].map((key) => index.find(key))).toEqual([0, 1, 2, 3]);
  });

  test("keeps what it has when it grows", () => {
    const index = new SlotIndex(1);
    add(index, "k0", 0);
    for (let slot = 1; slot < 5000; slot++) {
      if ((slot & (slot - 1)) === 0) index.grow(2 * slot);
      add(index, `k${slot}`, slot);
    }
    for (let slot = 0; slot < 5000; slot++) expect(index.find(`k${slot}`)).toBe(slot);
  });

  test("behaves like a map, full or not, whatever is removed in between", () => {
    const step = fc.record({ key: fc.nat(60), remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), fc.integer({ min: 1, max: 40 }), (steps, slots) => {
        const index = new SlotIndex(slots);
        const model = new Map<string, number>();
        const free = Array.from({ length: slots }, (_, slot) => slot);
        for (const { key: number, remove } of steps) {
          const key = `k${number}`;
          const slot = model.get(key);
          expect(index.find(key)).toBe(slot ?? NO_SLOT);
          if (slot !== undefined && remove) {
            index.remove(slot);
            model.delete(key);
            free.push(slot);
          } else if (slot === undefined && free.length > 0) {
            model.set(key, free.pop()!);
            index.add(model.get(key)!);
          }
        }
        for (const [key, slot] of model) expect(index.find(key)).toBe(slot);
        expect(index.size).toBe(model.size);
      }),
    );
  });
});
