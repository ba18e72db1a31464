import { expect, test } from "bun:test";
import { RouteTree } from "../../src/metrics/route-tree.ts";

const NAMES = [..."abcdefghij"];

/** A tree in which ten names are known at the second place. */
function fullTree(): RouteTree {
  const tree = new RouteTree();
  for (const name of NAMES) tree.learn(["users", name]);
  return tree;
}

test("nothing is a route before it was learnt", () => {
  expect(new RouteTree().find(["cart"])).toBe(null);
});

test("a route that was learnt is found, and a part of it is none", () => {
  const tree = new RouteTree();
  expect(tree.learn(["cart", "{id}", "items"])).toBe("/cart/{id}/items");
  expect(tree.find(["cart", "{id}", "items"])).toBe("/cart/{id}/items");
  expect(tree.find(["cart", "{id}"])).toBe(null);
  expect(tree.find(["cart"])).toBe(null);
});

test("the root is a route of its own", () => {
  const tree = new RouteTree();
  expect(tree.learn([""])).toBe("/");
  expect(tree.find([""])).toBe("/");
});

test("of ten names at a place each is a route, and the eleventh is any", () => {
  const tree = fullTree();
  expect(tree.find(["users", "j"])).toBe("/users/j");
  expect(tree.find(["users", "k"])).toBe(null);
  expect(tree.learn(["users", "k"])).toBe("/users/*");
  expect(tree.find(["users", "l"])).toBe("/users/*");
  expect(tree.find(["users", "j"])).toBe("/users/j");
});

test("ids count for none of the ten", () => {
  const tree = fullTree();
  expect(tree.learn(["users", "{id}"])).toBe("/users/{id}");
  tree.learn(["users", "*"]);
  expect(tree.find(["users", "{id}"])).toBe("/users/{id}");
});

test("each place has ten names of its own", () => {
  const tree = fullTree();
  expect(tree.learn(["users", "a", "friends"])).toBe("/users/a/friends");
  expect(tree.learn(["orders", "z"])).toBe("/orders/z");
});

test("what is not kept makes room for other names", () => {
  const tree = fullTree();
  tree.keep(["/users/a", "/users/b", "/"]);
  expect(tree.find(["users", "a"])).toBe("/users/a");
  expect(tree.find([""])).toBe("/");
  expect(tree.find(["users", "c"])).toBe(null);
  expect(tree.learn(["users", "k"])).toBe("/users/k");
});
