import { expect, test } from "bun:test";
import { describeProcess, ownIp } from "../../src/trace/process.ts";

const AT = { version: "1.2.3", hostname: "pod-1", ip: "10.0.0.7", uuid: "57a3a24cbc72bc97" };

test("a process has the operator's tags first, then those of the Go client in its order", () => {
  const { serviceName, tags } = describeProcess("shop", [{ key: "env", value: "prod" }], AT);
  expect(serviceName).toBe("shop");
  expect(tags.map(({ key, value }) => `${key}=${value}`)).toEqual([
    "env=prod",
    "jaeger.version=netramesh-ts-1.2.3",
    "hostname=pod-1",
    "ip=10.0.0.7",
    "client-uuid=57a3a24cbc72bc97",
  ]);
});

test.each(["hostname", "ip"])("the operator's own %s replaces ours", (key) => {
  const { tags } = describeProcess("shop", [{ key, value: "mine" }], AT);
  expect(tags.filter((tag) => tag.key === key).map((tag) => tag.value)).toEqual(["mine"]);
});

test("without an address there is no ip tag", () => {
  expect(describeProcess("shop", [], { ...AT, ip: null }).tags.map((tag) => tag.key)).not.toContain("ip");
});

const entry = (address: string, family: "IPv4" | "IPv6", internal: boolean) =>
  ({ address, family, internal, netmask: "", mac: "", cidr: null, scopeid: 0 }) as never;

test.each([
  [
    "IPv4 before IPv6",
    { eth0: [entry("fd00::1", "IPv6", false), entry("10.0.0.7", "IPv4", false)] },
    "10.0.0.7",
  ],
  [
    "IPv6 if that is all",
    { lo: [entry("127.0.0.1", "IPv4", true)], eth0: [entry("fd00::1", "IPv6", false)] },
    "fd00::1",
  ],
  ["nothing but loopback", { lo: [entry("127.0.0.1", "IPv4", true)] }, null],
])("our address is %s", (_label, interfaces, expected) => {
  expect(ownIp(interfaces)).toBe(expected);
});
