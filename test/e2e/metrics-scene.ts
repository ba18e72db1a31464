/** A meshed service with neighbours that talk HTTP and something else to it, and answer it. */
import type { TCPSocketListener } from "bun";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { inNamespace } from "../ffi/namespace.ts";
import type { Peer } from "../proxy/peer.ts";
import { Agent } from "./agent.ts";
import {
  type Env,
  eventually,
  HTTP_PORT,
  METRICS_PORT,
  OPAQUE_PORT,
  openLab,
  type Sidecar,
  startMeshed,
} from "./harness.ts";
import { dial, Server } from "./wire.ts";

const TLS_HELLO = "\x16\x03\x01\x00\x05hello";
/** Nobody listens there. */
const DEAD_PORT = 8081;

export class MetricsScene {
  readonly #servers: { stop(): void }[] = [];

  private constructor(
    readonly lab: Lab,
    readonly pod: Pod,
    readonly outside: Pod,
    readonly sidecar: Sidecar,
  ) {
    for (const each of [pod, outside]) {
      const opaque = new Server(each, OPAQUE_PORT, (peer) => peer.finBack().send("welcome"));
      this.#servers.push(answering(each), { stop: () => opaque.close() });
    }
  }

  static async open(name: string, env: Env = {}): Promise<MetricsScene> {
    const lab = openLab(name);
    const pod = lab.pod("pod");
    const outside = lab.pod("outside");
    const agent = await Agent.start(outside);
    const http = { NETRA_HTTP_PORTS: `${HTTP_PORT},${DEAD_PORT}` };
    const sidecar = await startMeshed(pod, { env: { ...agent.env, ...http, ...env }, name: "shop" });
    return new MetricsScene(lab, pod, outside, sidecar);
  }

  /** A bit of everything in both directions, answered or not, when this resolves. */
  async traffic(): Promise<void> {
    for (const [from, to] of [
      [this.outside, this.pod],
      [this.pod, this.outside],
    ] as const) {
      for (const path of ["/cart/17?full=1", "/cart/18", "/", "/missing", "/fail"]) await ask(from, to, path);
      await lose(await dial(from, to.ip4, HTTP_PORT), TLS_HELLO);
      await lose(await dial(from, to.ip4, DEAD_PORT), head(to, "/dead"));
      const opaque = await dial(from, to.ip4, OPAQUE_PORT);
      await opaque.send("hello").fin().over();
    }
  }

  /** The answer of the sidecar's metrics port. */
  scrape(accept = "text/plain"): Promise<string> {
    return get(this.outside, this.pod.ip4, METRICS_PORT, "/metrics", accept);
  }

  /** Resolves when the value of a series, in plain text, is `expected`. */
  async becomes(series: string, expected: number): Promise<void> {
    const family = series.split("{")[0]!;
    await this.#shows(family, (text) => text.includes(`\n${series} ${expected}\n`), `${series} ${expected}`);
  }

  /** Resolves when a histogram or counter without labels has counted something. */
  async counts(series: string): Promise<void> {
    const counted = new RegExp(`^${series} [1-9]\\d*$`, "m");
    await this.#shows(series, (text) => counted.test(text), `${series} above 0`);
  }

  async #shows(family: string, isShown: (text: string) => boolean, what: string): Promise<void> {
    let text = "";
    for (let i = 0; i < 100; i++) {
      text = await this.scrape();
      if (isShown(text)) return;
      await Bun.sleep(50);
    }
    const known = text.split("\n").filter((line) => line.startsWith(family));
    throw new Error(`not ${what}, but\n${known.join("\n")}`);
  }

  close(): void {
    for (const server of this.#servers) server.stop();
    this.lab.close();
  }
}

/** Asks `to` for `path` on a connection of its own; the whole answer. */
export async function ask(from: Pod, to: Pod, path: string): Promise<string> {
  const client = await dial(from, to.ip4, HTTP_PORT);
  client.send(head(to, path));
  await client.until(({ text }) => text.includes("\r\n\r\n"));
  const { text } = client;
  await client.fin().over();
  return text;
}

/** The body that a server sends to HTTP/1.0, which it ends with the connection. */
export async function get(
  from: Pod,
  ip: string,
  port: number,
  path: string,
  accept = "*/*",
): Promise<string> {
  const client = await dial(from, ip, port);
  client.send(`GET ${path} HTTP/1.0\r\nHost: ${ip}\r\nAccept: ${accept}\r\n\r\n`);
  await client.over();
  client.fin();
  return Buffer.from(client.text.slice(client.text.indexOf("\r\n\r\n") + 4), "latin1").toString();
}

function head(to: Pod, path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${to.ip4}:${HTTP_PORT}\r\n\r\n`;
}

/** Sends `bytes` and waits for the reset, or ends what nobody resets. */
async function lose(client: Peer, bytes: string): Promise<void> {
  client.send(bytes);
  await eventually(
    () => client.ending !== "open" || client.text !== "",
    () => "neither an answer nor an end",
  );
  client.rst();
}

/** A web server that knows every path but /missing, and fails at /fail. */
function answering(pod: Pod): TCPSocketListener {
  const status = { "/missing": 404, "/fail": 500 } as Readonly<Record<string, number>>;
  const answer = (request: string) => {
    const path = /^GET (\S+) HTTP/.exec(request)?.[1];
    if (path === undefined) return "what?";
    return `HTTP/1.1 ${status[path] ?? 200} X\r\nContent-Length: 2\r\n\r\nok`;
  };
  const listen = () =>
    Bun.listen({
      hostname: "::",
      port: HTTP_PORT,
      socket: { data: (socket, bytes) => void socket.write(answer(bytes.toString())), error() {} },
    });
  return inNamespace(pod.namespace, listen);
}
