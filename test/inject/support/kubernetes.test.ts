import { describe, expect, test } from "bun:test";
import { schemaErrors } from "./kubernetes.ts";

const pod = (spec: object) => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec });

describe("the checker of Kubernetes objects", () => {
  test("takes what is right", async () => {
    expect(await schemaErrors([["pod", pod({ containers: [{ name: "a", image: "b" }] })]])).toEqual([]);
  });

  const rows: [label: string, spec: object, error: RegExp][] = [
    ["a missing field", {}, /pod: .*containers/],
    [
      "a wrong type",
      { containers: [{ name: "a", ports: [{ containerPort: "x" }] }] },
      /pod: .*containerPort/,
    ],
    ["a misspelt field", { containers: [{ name: "a", restartpolicy: "Always" }] }, /pod: .*restartpolicy/],
    ["a field of another place", { containers: [{ name: "a", hostNetwork: true }] }, /pod: .*hostNetwork/],
  ];
  test.each(rows)("finds %s", async (_, spec, error) => {
    expect((await schemaErrors([["pod", pod(spec)]])).join("\n")).toMatch(error);
  });

  test("looks into lists", async () => {
    const list = { apiVersion: "v1", kind: "List", items: [pod({ containers: [{ nam: "a" }] })] };
    expect((await schemaErrors([["list", list]])).join("\n")).toContain("list[0]:");
  });
});
