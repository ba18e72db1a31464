/** A meshed pod that routes, and services outside it: `v1`, whom clients ask for, and others they may be routed to. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { inNamespace } from "../ffi/namespace.ts";
import type { Peer } from "../proxy/peer.ts";
import { Agent } from "./agent.ts";
import { type Env, HTTP_PORT, openLab, type Sidecar, startMeshed } from "./harness.ts";
import { dial } from "./wire.ts";

/** What a service says of a request that it answered. */
export interface Answer {
  readonly service: string;
  readonly path: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export class RoutingStage {
  readonly #servers: Bun.Server<undefined>[] = [];
  readonly #files: string[] = [];

  private constructor(
    readonly lab: Lab,
    readonly pod: Pod,
    readonly v1: Pod,
    readonly v2: Pod,
    readonly agent: Agent,
  ) {}

  static async open(name: string): Promise<RoutingStage> {
    const lab = openLab(name);
    const [pod, v1, v2] = [lab.pod("pod"), lab.pod("v1"), lab.pod("v2")];
    const stage = new RoutingStage(lab, pod, v1, v2, await Agent.start(v1));
    stage.serve(v1, "v1");
    stage.serve(v2, "v2");
    return stage;
  }

  /** The rules and a sidecar with routing on. */
  start(env: Env = {}, pod = this.pod): Promise<Sidecar> {
    return startMeshed(pod, { env: { ...this.agent.env, NETRA_HTTP_ROUTING_ENABLED: "true", ...env } });
  }

  /** A service that says its name, what it was asked for and how. */
  serve(pod: Pod, service: string, port = HTTP_PORT): Bun.Server<undefined> {
    const server = inNamespace(pod.namespace, () =>
      Bun.serve({
        port,
        hostname: "::",
        fetch: async (request) =>
          Response.json({
            service,
            path: new URL(request.url).pathname,
            body: await request.text(),
            headers: Object.fromEntries(request.headers),
          }),
      }),
    );
    this.#servers.push(server);
    return server;
  }

  /** What processes in `pod` find in /etc; those that are started after this. */
  etc(pod: Pod, file: string, text: string): void {
    const folder = `/etc/netns/${pod.namespace}`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${folder}/${file}`, text);
    this.#files.push(folder);
  }

  /** A connection of the application to v1. */
  connect(): Promise<Peer> {
    return dial(this.pod, this.v1.ip4, HTTP_PORT);
  }

  close(): void {
    for (const server of this.#servers) void server.stop(true);
    for (const folder of this.#files) rmSync(folder, { recursive: true, force: true });
    this.lab.close();
  }
}

/** The first `count` answers of such services that have come to a client, in their order. */
export async function answers(client: Peer, count: number): Promise<Answer[]> {
  const found = () => [...client.text.matchAll(/(?<=\r\n\r\n)\{"service".*?\}\}/g)].map(([json]) => json);
  await client.until(({ ending }) => found().length >= count || ending !== "open");
  return found().map((json) => JSON.parse(json));
}

/** A request for `cart`, as an application writes it. */
export function get(path: string, ...lines: string[]): string {
  return `${[`GET ${path} HTTP/1.1`, "Host: cart", ...lines].join("\r\n")}\r\n\r\n`;
}
