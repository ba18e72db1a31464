import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { inNamespace } from "../ffi/namespace.ts";
import type { Peer } from "../proxy/peer.ts";
import { type ReadMessage, type ReadSpan, readEmitBatch } from "../trace/support/thrift-reader.ts";
import { AGENT_PORT, tracing } from "./agent.ts";
import type { GoldenRequest, Place, Turn } from "./golden.ts";
import { type Env, eventually, HTTP_PORT, openLab, startMeshed } from "./harness.ts";
import { dial, Server } from "./wire.ts";

const BACK_PORT = 9090;
/** A few flush intervals of the sidecar: a span that should not be gets the time to come. */
const SETTLE_MS = 60;
const EMPTY_LINE = "\r\n\r\n";

/** The environment in which the golden data was made. W3C contexts were none of 0.10's business. */
const GOLDEN_ENV = {
  ...tracing,
  NETRA_HTTP_PORTS: `${HTTP_PORT},${BACK_PORT}`,
  NETRA_PROPAGATORS: "jaeger",
  HTTP_HEADER_TAG_MAP: "x-session:http.session,x-mobile-info:http.x-mobile-info",
  HTTP_COOKIE_TAG_MAP: "sess:http.cookies.sess",
  NETRA_HTTP_TRACING_IGNORED_PATHS: "/health",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the sidecar that replaces this
  JAEGER_TAGS: "env=golden,ver=${GVER:none}",
};

/** What a replayed request gave. */
export interface Replay {
  /** What the client received. */
  readonly answer: string;
  /** Every Jaeger context that the application and the second upstream received, in alphabetical order. */
  readonly contexts: readonly string[];
  readonly spans: readonly ReadSpan[];
  readonly places: readonly Place[];
}

/** A pod as the golden one was, with an application that answers as it did; outside, a client and a second upstream. */
export class GoldenScene {
  readonly #messages: ReadMessage[] = [];
  readonly #pod: Pod;
  readonly #outside: Pod;
  readonly #application: Server;
  readonly #back: Server;
  #spansTaken = 0;

  private constructor(readonly lab: Lab) {
    this.#pod = lab.pod("pod");
    this.#outside = lab.pod("outside");
    this.#application = new Server(this.#pod, HTTP_PORT);
    this.#back = new Server(this.#outside, BACK_PORT);
  }

  /** `env` adds to the golden environment. */
  static async open(env: Env): Promise<GoldenScene> {
    const scene = new GoldenScene(openLab("golden"));
    await scene.#startAgent();
    const agent = { JAEGER_AGENT_HOST: scene.#outside.ip4 };
    await startMeshed(scene.#pod, { name: "golden-svc", env: { ...GOLDEN_ENV, ...agent, ...env } });
    return scene;
  }

  async #startAgent(): Promise<void> {
    const data = (_: unknown, datagram: Uint8Array) => void this.#messages.push(readEmitBatch(datagram));
    await inNamespace(this.#outside.namespace, () =>
      Bun.udpSocket({ hostname: "::", port: AGENT_PORT, socket: { data } }),
    );
  }

  /** Every batch so far, with the process that sent it. */
  get messages(): readonly ReadMessage[] {
    return this.#messages;
  }

  get podIp(): string {
    return this.#pod.ip4;
  }

  /** Sends `request` and waits until it has left `count` spans, and a little for any that are too many. */
  async replay(request: GoldenRequest, count: number): Promise<Replay> {
    const [index, backIndex] = [this.#application.peers.length, this.#back.peers.length];
    const client = await dial(this.#outside, this.#pod.ip4, HTTP_PORT);
    const places: Place[] = [
      [`${this.#outside.ip4}:${client.socket.localPort}`, "{client}"],
      [`${this.#outside.ip4}:${BACK_PORT}`, "{back}"],
    ];
    const application = await this.#application.peer(index);
    for (const turn of request.turns) await this.#take(turn, client, application);
    application.fin();
    await client.over();
    client.fin();
    await application.over();
    const contexts = [application, ...this.#back.peers.slice(backIndex)].flatMap(contextsIn).sort();
    return { answer: client.text, contexts, spans: await this.#takeSpans(count), places };
  }

  async #take({ sent, answered }: Turn, client: Peer, application: Peer): Promise<void> {
    const wanted = emptyLines(application.text) + emptyLines(sent.toString("latin1"));
    const body = sent.toString("latin1").split(EMPTY_LINE).at(-1)!;
    client.send(sent);
    await application.until(({ text }) => emptyLines(text) === wanted && text.endsWith(body));
    if (application.text.startsWith("GET /chain ")) await this.#callBack(application);
    const whole = client.receivedBytes + answered.length;
    application.send(answered);
    await client.until(({ receivedBytes }) => receivedBytes >= whole);
  }

  /** The application's own request: it copies the request id and nothing else. */
  async #callBack(caller: Peer): Promise<void> {
    const [, requestId] = /^X-Request-Id: (.*)\r$/m.exec(caller.text)!;
    const host = `${this.#outside.ip4}:${BACK_PORT}`;
    const head = [
      "GET /back?x=1 HTTP/1.1",
      `Host: ${host}`,
      "User-Agent: app/1",
      `X-Request-Id: ${requestId}`,
      "Connection: close",
    ];
    const index = this.#back.peers.length;
    const client = await dial(this.#pod, this.#outside.ip4, BACK_PORT);
    client.send(`${head.join("\r\n")}${EMPTY_LINE}`).finBack();
    const back = await this.#back.peer(index);
    await back.until(({ text }) => text.endsWith(EMPTY_LINE));
    back.send("HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\nback GET /back?x=1 0\n").fin();
    await client.over();
  }

  async #takeSpans(count: number): Promise<ReadSpan[]> {
    const spans = () => this.#messages.flatMap((message) => message.spans).slice(this.#spansTaken);
    await eventually(
      () => spans().length >= count,
      () => `${spans().length} spans instead of ${count}`,
    );
    await Bun.sleep(SETTLE_MS);
    const taken = spans();
    this.#spansTaken += taken.length;
    return taken;
  }

  close(): void {
    this.#application.close();
    this.#back.close();
    this.lab.close();
  }
}

function emptyLines(text: string): number {
  return text.split(EMPTY_LINE).length - 1;
}

function contextsIn({ text }: Peer): string[] {
  return [...text.matchAll(/^uber-trace-id: (.*)\r$/gim)].map(([, context]) => context!);
}
