/**
 * A server in a process of its own whose accept queue holds one connection and which sleeps before it accepts: a
 * further connect hangs until it wakes and the client's kernel sends its SYN again, a second after the first.
 * Then it echoes, and answers FIN with FIN. Run as a script, it is that process.
 */
import { linuxKernel } from "../../ffi/kernel.ts";
import { Peer } from "./peer.ts";

if (import.meta.main) {
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    allowHalfOpen: true,
    socket: {
      data: (socket, chunk) => void socket.write(chunk),
      end: (socket) => void socket.shutdown(),
      error() {},
    },
  });
  linuxKernel.backlog((listener as unknown as { fd: number }).fd, 0);
  await Bun.write(Bun.stdout, `${listener.port}\n`);
  Bun.sleepSync(Number(process.argv[2]));
}

export class SleepyServer {
  private constructor(
    private readonly child: Bun.Subprocess,
    readonly port: number,
  ) {}

  /** Asleep, its accept queue full. */
  static async start(sleepMs: number): Promise<SleepyServer> {
    const child = Bun.spawn([process.execPath, import.meta.path, String(sleepMs)], { stdout: "pipe" });
    const { value } = await child.stdout.getReader().read();
    const server = new SleepyServer(child, Number(new TextDecoder().decode(value)));
    await Peer.connect(server.port);
    return server;
  }

  close(): void {
    this.child.kill("SIGKILL");
  }
}
