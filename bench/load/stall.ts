/**
 * `stall.ts IP PORT PATH CONNECTIONS`: asks for a file on each connection and reads none of it; prints a line once
 * all have asked, and holds them until it is killed.
 */
const [ip, port, path, connections] = process.argv.slice(2) as [string, string, string, string];
const REQUEST = `GET ${path} HTTP/1.1\r\nHost: ${ip}:${port}\r\n\r\n`;

function stall(): Promise<unknown> {
  return Bun.connect({
    hostname: ip,
    port: Number(port),
    socket: {
      open(socket) {
        socket.pause();
        socket.write(REQUEST);
      },
      data() {},
      close: () => process.exit(1),
    },
  });
}

await Promise.all(Array.from({ length: Number(connections) }, stall));
process.stdout.write("asked\n");
