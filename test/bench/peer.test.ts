import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine, parsePeer, peerPlan } from "../../bench/stage/peer.ts";

const directory = mkdtempSync(join(tmpdir(), "netra-peer-"));
afterAll(() => rmSync(directory, { recursive: true }));
const AGENT = "198.18.0.2";

test("a peer is told where to listen, what to dial and where spans go", () => {
  const peer = parsePeer(
    "mine=proxy --on {listen} --to {upstream} --spans {agent} --home {directory} {other}",
  );
  expect(commandLine(peer, directory, AGENT)).toBe(
    `proxy --on 0.0.0.0:8083 --to 127.0.0.1:8080 --spans 198.18.0.2:6831 --home ${directory} {other}`,
  );
});

test("a configuration file is copied with its words replaced", () => {
  const template = join(directory, "template.cfg");
  writeFileSync(template, "bind :{listen_port}\nserver a 127.0.0.1:{upstream_port}\n");
  const copy = commandLine(parsePeer(`mine=proxy -f {file:${template}}`), directory, AGENT).split(" ")[2]!;
  expect(readFileSync(copy, "utf8")).toBe("bind :8083\nserver a 127.0.0.1:8080\n");
});

test("the example in bench/peers is a peer", () => {
  const peer = parsePeer(`example=haproxy -db -f {file:${import.meta.dir}/../../bench/peers/haproxy.cfg}`);
  expect(peer).toMatchObject({ name: "example", kind: "http", intercepts: false });
});

test("a peer that listens is dialled, one that intercepts is reached by redirection", () => {
  const place = (command: string) =>
    peerPlan(parsePeer(`mine=${command}`), "haproxy http", "/netramesh", AGENT);
  expect(place("proxy {listen}")).toMatchObject({ port: 8083, redirect: null });
  expect(place("proxy {intercept_port}")).toMatchObject({
    port: 8080,
    redirect: { binary: "/netramesh", port: 8083 },
  });
});

test("a name that ends in tcp stands beside the proxies that do not read HTTP", () => {
  expect(parsePeer("my tcp=proxy {listen}").kind).toBe("tcp");
});

for (const [text, complaint] of [
  ["proxy", "NAME=COMMAND"],
  ["mine=proxy", "{listen} or {intercept}"],
  ["mine=proxy {listen} {intercept}", "{listen} or {intercept}"],
  ["mine=proxy {listen} -f {file:/does/not/exist}", "/does/not/exist"],
] as const) {
  test(`--peer '${text}' is refused`, () => {
    expect(() => parsePeer(text)).toThrow(complaint);
  });
}
