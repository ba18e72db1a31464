import { afterAll, afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Answer, createPost, type HttpDestination } from "../../../src/trace/sender/http-post.ts";
import { CERTIFICATE, OTHER_CERTIFICATE, PRIVATE_KEY } from "../support/certificate.ts";
import { destinationOf, Servers } from "../support/http-server.ts";

const servers = new Servers();
afterEach(() => servers.close());
const directory = mkdtempSync(join(tmpdir(), "netramesh-post-"));
afterAll(() => rmSync(directory, { recursive: true }));

const BODY = Buffer.from("spans");

function post(url: string, given: Partial<HttpDestination> = {}) {
  return createPost()(destinationOf(`${url}/path?query`, given), BODY, new AbortController());
}

function ok(text = ""): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

describe("a post", () => {
  test("arrives whole, with the fields of the destination", async () => {
    const seen: unknown[] = [];
    const url = servers.http(async (request) => {
      const { pathname, search } = new URL(request.url);
      const fields = ["content-type", "content-length", "content-encoding", "x-a"];
      const values = fields.map((name) => request.headers.get(name));
      seen.push(request.method, pathname + search, ...values, await request.text());
      return new Response("thanks", { status: 202, headers: { "retry-after": "3" } });
    });
    const answer = (await post(url, { headers: { "content-type": "a/b", "x-a": "1" } })) as Answer;
    expect(seen).toEqual(["POST", "/path?query", "a/b", "5", null, "1", "spans"]);
    expect(answer).toMatchObject({ status: 202, statusText: "Accepted", retryAfter: "3" });
    expect(Buffer.from(answer.body).toString()).toBe("thanks");
  });

  test("says that its body is compressed when it is", async () => {
    const seen: (string | null)[] = [];
    const url = servers.http((request) => {
      seen.push(request.headers.get("content-encoding"));
      return new Response();
    });
    await post(url, { gzip: true });
    expect(seen).toEqual(["gzip"]);
  });

  test("keeps the connection for the next one", async () => {
    const requests: number[] = [];
    const url = servers.raw((socket, request) => {
      requests.push(request);
      socket.write(ok("ok"));
    });
    for (let i = 0; i < 5; i++) await post(url);
    expect(requests).toEqual([1, 2, 3, 4, 5]);
  });

  test("does not follow a redirect", async () => {
    let requests = 0;
    const url = servers.http(() => {
      requests++;
      return new Response(null, { status: 307, headers: { location: "/other" } });
    });
    expect(await post(url)).toMatchObject({ status: 307 });
    expect(requests).toBe(1);
  });
});

describe("there is no answer", () => {
  test("and never will be in time from a collector that is too slow", async () => {
    const url = servers.raw(() => {});
    expect(await post(url, { timeoutMs: 50 })).toEqual({ why: "no answer within 50 ms", timedOut: true });
  });

  test("of a collector that is not there", async () => {
    const url = servers.http(() => new Response());
    servers.close();
    expect(await post(url)).toEqual({ why: "no connection", timedOut: false });
  });

  test.each<[string, (socket: Bun.Socket<unknown>) => void]>([
    ["hangs up", (socket) => socket.end()],
    ["resets the connection", (socket) => socket.terminate()],
    ["talks garbage", (socket) => void socket.end("\0garbage\r\n\r\n")],
    ["breaks off in the head", (socket) => void socket.end("HTTP/1.1 200 OK\r\nX-")],
  ])("of one that %s", async (_, misbehave) => {
    const url = servers.raw(misbehave);
    expect(await post(url)).toEqual({ why: "the connection broke", timedOut: false });
  });

  test("from one that does not speak HTTP, and the words for it show no secret of the URL", async () => {
    const url = servers.raw((socket) => void socket.write("SSH-2.0-server\r\n\r\n".repeat(9)));
    expect(await post(url)).toEqual({ why: "Malformed_HTTP_Response", timedOut: false });
  });

  test("after the sender gave up", async () => {
    const url = servers.raw(() => {});
    const abort = new AbortController();
    const posted = createPost()(destinationOf(url), BODY, abort);
    abort.abort();
    expect(await posted).toMatchObject({ timedOut: true });
  });

  test("from a name that does not exist", async () => {
    const result = await post("http://collector.invalid");
    expect(result).toMatchObject({ why: expect.stringContaining("collector.invalid"), timedOut: false });
  });
});

describe("an answer counts, without its body,", () => {
  test("when it breaks off in the body", async () => {
    const url = servers.raw((socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"));
    expect(await post(url)).toMatchObject({ status: 200, body: new Uint8Array(0) });
  });

  test("when its body does not end in time", async () => {
    const url = servers.raw((socket) => void socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"));
    expect(await post(url, { timeoutMs: 100 })).toMatchObject({ status: 200, body: new Uint8Array(0) });
  });

  test("when its body is too long to be one", async () => {
    const url = servers.http(() => new Response("x".repeat(70_000)));
    expect(await post(url)).toMatchObject({ status: 200, body: new Uint8Array(0) });
  });

  test("however it claims to be compressed", async () => {
    const answer = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab";
    const url = servers.raw((socket) => void socket.write(answer));
    expect(await post(url)).toMatchObject({ status: 200 });
  });
});

describe("over TLS", () => {
  const trust = (name: string, content: string): string => {
    const file = join(directory, name);
    writeFileSync(file, content);
    return file;
  };
  const collector = () => servers.http(() => new Response("ok"), { key: PRIVATE_KEY, cert: CERTIFICATE });

  test("a collector is trusted whose certificate the file vouches for", async () => {
    const certificateFile = trust("own.pem", CERTIFICATE);
    expect(await post(collector(), { certificateFile })).toMatchObject({ status: 200 });
  });

  test("no other is", async () => {
    const certificateFile = trust("other.pem", OTHER_CERTIFICATE);
    const result = await post(collector(), { certificateFile });
    expect(result).toMatchObject({ why: expect.stringContaining("certificate"), timedOut: false });
  });

  test("one that only vouches for itself is not", async () => {
    expect(await post(collector())).toMatchObject({ why: expect.stringContaining("certificate") });
  });

  test("a file that is not there is named", async () => {
    const certificateFile = join(directory, "absent.pem");
    expect(await post(collector(), { certificateFile })).toMatchObject({
      why: expect.stringContaining("absent.pem"),
    });
  });

  test("a file without certificates is not taken for a collector that is away", async () => {
    const certificateFile = trust("junk.pem", "junk");
    expect(await post(collector(), { certificateFile })).toMatchObject({
      why: expect.stringContaining("junk.pem"),
    });
  });

  test("a collector that does not speak it gives no answer", async () => {
    const url = servers.http(() => new Response()).replace("http:", "https:");
    expect(await post(url)).toMatchObject({ timedOut: false });
  });
});
