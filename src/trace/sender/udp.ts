import { type Address, formatAddress } from "../../address.ts";
import { Bad, ip as ipLiteral } from "../../env.ts";
import { LineLimit } from "../../log/line-limit.ts";
import type { Log } from "../../log.ts";
import type { AgentConfig } from "../jaeger-env.ts";
import type { Sender } from "./sender.ts";

export interface UdpSenderOptions {
  readonly agent: AgentConfig;
  /** What goes where, for the log: by default `Spans` to `the Jaeger agent`. */
  readonly cargo?: { readonly name: string; readonly to: string };
  /** Addresses of a host name, best first; ports do not matter. May reject. */
  readonly resolve: (host: string) => Promise<readonly Address[]>;
  readonly log: Log;
  /** A clock that never goes back. */
  readonly nowMs?: () => number;
}

/** After a failure the agent is looked up again no sooner than this. */
const RETRY_MS = 5000;

const SPANS = { name: "Spans", to: "the Jaeger agent" };

/**
 * Datagrams to an agent, Jaeger's or another. A connected socket, because only that learns that nobody listens. The
 * agent's name is looked up in the background, again every reconnect interval and after failures, but only while there is
 * something to send; the last good address stays in use meanwhile.
 */
export class UdpSender implements Sender {
  readonly #options: UdpSenderOptions;
  readonly #nowMs: () => number;
  readonly #lines: LineLimit;
  readonly #cargo: typeof SPANS;
  #socket: Bun.udp.ConnectedSocket<"buffer"> | null = null;
  #ip = "";
  #lookup: Promise<void> | null = null;
  #lookAgainAtMs = 0;
  #closed = false;

  constructor(options: UdpSenderOptions) {
    this.#options = options;
    this.#cargo = options.cargo ?? SPANS;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#lines = new LineLimit(options.log, this.#nowMs);
  }

  /** Begins to look for the agent. */
  start(): void {
    const { reconnect, reconnectIntervalMs } = this.#options.agent;
    this.#lookAgainAtMs = reconnect ? this.#nowMs() + reconnectIntervalMs : Number.POSITIVE_INFINITY;
    this.#lookup ??= this.#connect().finally(() => {
      this.#lookup = null;
    });
  }

  send(batch: Uint8Array): boolean {
    if (this.#nowMs() >= this.#lookAgainAtMs) this.start();
    if (this.#socket === null) return this.#lost("its address is not known yet");
    try {
      return this.#socket.send(batch) || this.#lost("the socket's buffer is full");
    } catch (error) {
      return this.#lost(reason(error));
    }
  }

  async ready(deadlineMs: number): Promise<void> {
    if (this.#lookup === null) return;
    const { promise: expired, resolve: expire } = Promise.withResolvers<void>();
    const timer = setTimeout(expire, deadlineMs);
    await Promise.race([this.#lookup, expired]);
    clearTimeout(timer);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#lookAgainAtMs = Number.POSITIVE_INFINITY;
    this.#socket?.close();
    this.#socket = null;
  }

  async #connect(): Promise<void> {
    const { agent, log } = this.#options;
    try {
      const ip = await this.#lookUp(agent.host);
      if (this.#closed || (ip === this.#ip && this.#socket !== null)) return;
      const socket = await this.#open(ip);
      if (this.#closed) return socket.close();
      this.#socket?.close();
      this.#socket = socket;
      this.#ip = ip;
      const { name, to } = this.#cargo;
      log.info(`${name} go to ${to} at ${formatAddress({ ip, port: agent.port })} (UDP)`);
    } catch (error) {
      this.#failed(reason(error));
    }
  }

  async #lookUp(host: string): Promise<string> {
    if (!(ipLiteral(host) instanceof Bad)) return host;
    const [first] = await this.#options.resolve(host);
    if (first === undefined) throw new Error(`${host} has no address`);
    return first.ip;
  }

  #open(ip: string): Promise<Bun.udp.ConnectedSocket<"buffer">> {
    return Bun.udpSocket({
      hostname: ip.includes(":") ? "::" : "0.0.0.0",
      connect: { hostname: ip, port: this.#options.agent.port },
      // Without a handler Bun prints every refusal to stderr. Typed as (socket, error), called with the error alone.
      socket: { error: (...given) => this.#failed(reason(given.at(-1))) },
    });
  }

  #lost(why: string): false {
    this.#failed(why);
    return false;
  }

  #failed(why: string): void {
    const { agent } = this.#options;
    if (this.#closed) return;
    const { name, to } = this.#cargo;
    this.#lines.warn(`${name} are lost: ${to} ${agent.host}:${agent.port} (UDP): ${why}`);
    if (agent.reconnect) this.#lookAgainAtMs = Math.min(this.#lookAgainAtMs, this.#nowMs() + RETRY_MS);
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
