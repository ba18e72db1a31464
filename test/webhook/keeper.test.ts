/** Replicas that share one Secret. */
import { expect, test } from "bun:test";
import { ApiError } from "../../src/webhook/api-server.ts";
import { createKeeper } from "../../src/webhook/keeper.ts";
import type { Material } from "../../src/webhook/material.ts";
import type { Store } from "../../src/webhook/store.ts";

const NAME = "injector.mesh.svc";
const START = new Date("2026-01-01T00:00:00Z");

/** A Secret with versions, and what is trusted; every call is noted. */
class FakeStore implements Store {
  material: Material | null = null;
  trusted = "";
  version = 1;
  readonly calls: string[] = [];

  async read() {
    this.calls.push("read");
    return { material: this.material, version: `${this.version}` };
  }

  async write(material: Material, version: string) {
    this.calls.push("write");
    await Bun.sleep(0);
    if (version !== `${this.version}`) throw new ApiError(409, "conflict");
    this.material = material;
    this.version++;
  }

  async trust(authorities: string) {
    this.calls.push("trust");
    this.trusted = authorities;
  }
}

test("the first look writes certificates and makes them trusted; the next ones only check", async () => {
  const store = new FakeStore();
  const keeper = createKeeper(store, NAME, () => START);
  const material = await keeper.look();
  expect(await keeper.look()).toEqual(material);
  expect(store.calls).toEqual(["read", "write", "trust", "read", "trust"]);
  expect([store.material, store.trusted]).toEqual([material, material.authorities]);
});

test("replicas that start at once end up with the certificates of one of them", async () => {
  const store = new FakeStore();
  const replicas = Array.from({ length: 5 }, () => createKeeper(store, NAME, () => START));
  const materials = await Promise.all(replicas.map((keeper) => keeper.look()));
  expect(new Set(materials.map(({ certificate }) => certificate)).size).toBe(1);
  expect(store.version).toBe(2);
});

test("whoever does not renew itself takes what another renewed", async () => {
  const store = new FakeStore();
  let now = START;
  const [one, two] = [createKeeper(store, NAME, () => now), createKeeper(store, NAME, () => now)];
  const before = await two.look();
  now = new Date("2026-03-05T00:00:00Z");
  const renewed = await one.look();
  expect(renewed.certificate).not.toBe(before.certificate);
  expect(await two.look()).toEqual(renewed);
});

test("a write that fails for another reason is no certificate", async () => {
  const store = new FakeStore();
  store.write = () => Promise.reject(new ApiError(403, "forbidden"));
  await expect(createKeeper(store, NAME, () => START).look()).rejects.toThrow("forbidden");
  expect(store.calls).toEqual(["read"]);
});

test("writes that never succeed end", async () => {
  const store = new FakeStore();
  store.write = () => Promise.reject(new ApiError(409, "conflict"));
  await expect(createKeeper(store, NAME, () => START).look()).rejects.toThrow("conflict");
});
