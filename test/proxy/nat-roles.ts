/**
 * The processes of the NAT tests, each run in a network namespace as a script: `proxy MAX_CONNECTIONS
 * CONNECT_TIMEOUT_MS`, `server PORT DELAY_MS`, `client IP PORT`. Each prints JSON lines.
 */
import { readdirSync, readFileSync } from "node:fs";
import { linuxKernel } from "../../ffi/kernel.ts";
import { proveExemption } from "../../src/proxy/exemption.ts";
import { halfClosedIdleSeconds } from "../../src/proxy/keep-alive.ts";
import { ownIps, reachableOwnIp } from "../../src/proxy/own-ips.ts";
import { ProxyError, startProxy } from "../../src/proxy/proxy.ts";
import { MemoryLog } from "../fakes/log.ts";
import { Peer } from "./peer.ts";

export const PROXY_PORT = 14956;
export const PROBE_PORT = 14958;

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Prints its exemption, then its state whenever a line comes in. */
async function runProxy(maxConnections: number, connectTimeoutMs: number): Promise<void> {
  const log = new MemoryLog();
  const proxy = startProxy({
    port: PROXY_PORT,
    maxConnections,
    connectTimeoutMs,
    halfClosedIdleSeconds: halfClosedIdleSeconds(readText),
    kernel: linuxKernel,
    log,
    handlerFactory: () => null,
    observers: [],
    ownIps,
    now: () => performance.now(),
    uid: process.getuid!(),
    gid: process.getgid!(),
  });
  if (proxy instanceof ProxyError) throw new Error(proxy.message);
  print(await proveExemption(proxy, reachableOwnIp(), PROBE_PORT));
  const { counters } = proxy;
  for await (const _ of console) {
    print({
      counters,
      open: proxy.openConnections,
      lines: log.lines,
      fds: readdirSync("/proc/self/fd").length,
    });
  }
}

/** Answers a client's FIN with `answer` and FIN, `delayMs` later. */
function runServer(port: number, delayMs: number): void {
  Bun.listen<Peer>({
    hostname: "::",
    port,
    allowHalfOpen: true,
    socket: {
      ...Peer.events,
      open(socket) {
        socket.data = new Peer();
        socket.data.socket = socket;
        socket.data.over().then(async (peer) => {
          await Bun.sleep(delayMs);
          peer.send("answer").fin();
        });
      },
    },
  });
}

/** Sends `ask` and FIN; prints how it ended and what came. */
async function runClient(ip: string, port: number): Promise<void> {
  const peer = await Peer.connect(port, ip).catch(() => null);
  await peer
    ?.send("ask")
    .fin()
    .until(({ ending }) => ending !== "open")
    .catch(() => {});
  print({ ending: peer?.ending ?? "rst", text: peer?.text ?? "" });
  process.exit(0);
}

if (import.meta.main) {
  const [role, ...args] = process.argv.slice(2);
  if (role === "proxy") await runProxy(Number(args[0]), Number(args[1]));
  else if (role === "server") runServer(Number(args[0]), Number(args[1]));
  else await runClient(args[0]!, Number(args[1]));
}
