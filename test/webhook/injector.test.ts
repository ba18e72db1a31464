/** The whole injector between an API server and its caller, over TLS, with a clock of its own. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { readSettingFlags } from "../../src/inject/flags.ts";
import { type Injector, type InjectorOptions, startInjector } from "../../src/webhook/injector.ts";
import { MemoryLog } from "../fakes/log.ts";
import { OTHER_CERTIFICATE } from "../trace/support/certificate.ts";
import {
  type FakeApiServer,
  NAME,
  NAMESPACE,
  startApiServer,
  writeCredentials,
} from "./support/api-server.ts";
import { call, presented } from "./support/caller.ts";
import { patched, podOf, reviewOf } from "./support/review.ts";

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);

let api: FakeApiServer;
let credentials: string;
let now: Date;
const running: Injector[] = [];

beforeEach(() => {
  api = startApiServer();
  credentials = mkdtempSync(join(tmpdir(), "netramesh-credentials-"));
  writeCredentials(credentials, api);
  now = new Date();
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((injector) => injector.stop()));
  await api.stop();
  rmSync(credentials, { recursive: true });
});

async function start(options: Partial<InjectorOptions> = {}): Promise<Injector> {
  const injector = await startInjector({
    api: { url: `https://localhost:${api.port}`, credentials },
    name: NAME,
    port: 0,
    settings: readSettingFlags([], "1"),
    version: "1",
    now: () => now,
    log: new MemoryLog(),
    ...options,
  });
  running.push(injector);
  return injector;
}

const served = async (port: number) => (await call(api, port, "/live")).exitCode === 0;
const certificate = () => Buffer.from(api.data["tls.crt"]!, "base64").toString();

test("a caller who trusts the caBundle of the configuration gets a pod injected", async () => {
  const { port } = await start();
  const pod = podOf();
  const { exitCode, status, body } = await call(api, port, "/inject", JSON.stringify(reviewOf(pod)));
  expect({ exitCode, status }).toEqual({ exitCode: 0, status: 200 });
  const { spec } = patched(pod, JSON.parse(body).response);
  expect(spec.initContainers.map(({ name }: { name: string }) => name)).toEqual([
    "netramesh-init",
    "netramesh",
  ]);
  expect(api.webhooks.map(({ clientConfig }) => clientConfig.caBundle)).toEqual(
    Array(2).fill(api.data["ca.crt"]),
  );
});

test("it asks for no more than the manifests allow", async () => {
  await start();
  expect([...new Set(api.requests)].sort()).toEqual([
    `GET /api/v1/namespaces/${NAMESPACE}/secrets/${NAME}`,
    `GET /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${NAME}`,
    "GET /version",
    `PATCH /api/v1/namespaces/${NAMESPACE}/secrets/${NAME}`,
    `PATCH /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${NAME}`,
  ]);
});

describe("certificates", () => {
  test("of another replica are taken over", async () => {
    const one = await start();
    const first = certificate();
    const two = await start();
    expect(certificate()).toBe(first);
    expect(await Promise.all([served(one.port), served(two.port)])).toEqual([true, true]);
  });

  test("are renewed while it serves, and its caller trusts both", async () => {
    now = daysAgo(61);
    const injector = await start();
    const [before, bundle] = [certificate(), api.webhooks[0]!.clientConfig.caBundle];
    expect(await served(injector.port)).toBeTrue();
    expect(await presented(injector.port)).toBe(before);
    now = new Date();
    await injector.look();
    expect(certificate()).not.toBe(before);
    expect(await presented(injector.port)).toBe(certificate());
    expect(api.webhooks[0]!.clientConfig.caBundle).toBe(bundle);
    expect(await served(injector.port)).toBeTrue();
  });

  test("of a renewed authority are trusted, and so are those that another replica still serves", async () => {
    now = daysAgo(2440);
    await start();
    now = daysAgo(20);
    const [one, late] = [await start(), await start()];
    expect(await served(late.port)).toBeTrue();
    const bundle = api.webhooks[0]!.clientConfig.caBundle;
    now = new Date();
    await one.look();
    expect(api.webhooks[0]!.clientConfig.caBundle).not.toBe(bundle);
    expect(await Promise.all([served(one.port), served(late.port)])).toEqual([true, true]);
    await late.look();
    expect(await served(late.port)).toBeTrue();
  });

  test("that somebody took away are made again, and so is the caBundle", async () => {
    const injector = await start();
    api.data = {};
    await injector.look();
    expect(await served(injector.port)).toBeTrue();
    api.webhooks[1]!.clientConfig.caBundle = "";
    await injector.look();
    expect(api.webhooks[1]!.clientConfig.caBundle).toBe(api.data["ca.crt"]);
  });

  test("serve on when the API server does not answer", async () => {
    const injector = await start();
    api.token = "another";
    await expect(injector.look()).rejects.toThrow("was answered with 401");
    expect(await served(injector.port)).toBeTrue();
  });
});

describe("it does not start", () => {
  test("where the API server is not the one that the cluster's authority signed", async () => {
    writeFileSync(join(credentials, "ca.crt"), OTHER_CERTIFICATE);
    await expect(start()).rejects.toThrow();
    expect(api.requests).toEqual([]);
  });

  test("without the rights it needs, and says which", async () => {
    await expect(start({ name: "other" })).rejects.toThrow(
      `GET /api/v1/namespaces/${NAMESPACE}/secrets/other was answered with 403`,
    );
  });
});

test("a token that is renewed on disk is used", async () => {
  const injector = await start();
  api.token = "next";
  writeCredentials(credentials, api);
  await injector.look();
});

test.each([
  ["28", ["netramesh-init"]],
  ["29+", ["netramesh-init", "netramesh"]],
])("in Kubernetes 1.%s its init containers are %j", async (minor, expected) => {
  api.minor = minor;
  const { port } = await start();
  const pod = podOf();
  const { body } = await call(api, port, "/inject", JSON.stringify(reviewOf(pod)));
  const { initContainers } = patched(pod, JSON.parse(body).response).spec;
  expect(initContainers.map(({ name }: { name: string }) => name)).toEqual(expected);
});

describe("it answers", () => {
  const review = JSON.stringify(reviewOf(podOf()));
  test.each<[string, string, string | undefined, number]>([
    ["that it lives", "/live", undefined, 200],
    ["that it is ready", "/ready", undefined, 200],
    ["a review", "/inject?timeout=5s", review, 200],
    ["a review of nothing", "/inject", "{}", 400],
    ["half a review", "/inject", review.slice(0, -9), 400],
    ["no review", "/inject", undefined, 405],
    ["a body of more than 4 MiB", "/inject", "x".repeat(4 * 1024 * 1024 + 1), 413],
    ["a review with junk in it", "/inject", review.replace('"containers":[', '"containers":[null,'), 200],
    ["what it does not know", "/", undefined, 404],
  ])("%s", async (_, path, body, status) => {
    const { port } = await start();
    expect((await call(api, port, path, body)).status).toBe(status);
    expect((await call(api, port, "/live")).status).toBe(200);
  });

  test("the kubelet while many send slowly, and the API server when they have had their time", async () => {
    const { port } = await start();
    const clients = await Promise.all(Array.from({ length: 130 }, () => slowClient(port)));
    expect((await call(api, port, "/inject", review)).status).toBe(503);
    expect((await call(api, port, "/live")).status).toBe(200);
    let status = 0;
    while (status !== 200) {
      await Bun.sleep(200);
      for (const client of clients) client.write(" ");
      ({ status } = await call(api, port, "/inject", review));
    }
    for (const client of clients) client.destroy();
  }, 60_000);

  test("that it is not ready once it retires, and reviews all the same", async () => {
    const injector = await start();
    injector.retire();
    expect((await call(api, injector.port, "/ready")).status).toBe(503);
    expect((await call(api, injector.port, "/inject", review)).status).toBe(200);
  });
});

/** Has begun to send a review. */
async function slowClient(port: number): Promise<TLSSocket> {
  const client = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  client.on("error", () => {});
  await once(client, "secureConnect");
  client.write("POST /inject HTTP/1.1\r\nHost: injector\r\nContent-Length: 100000\r\n\r\n{");
  return client;
}
