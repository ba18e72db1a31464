/** A WebSocket server: greets, says what it is told, and closes when asked to; but it refuses /refused. Argument: its port. */
const CLOSE = /^close (\d+) (.*)$/;

Bun.serve({
  hostname: "::",
  port: Number(process.argv[2]),
  fetch(request, server) {
    if (request.url.endsWith("/refused")) return new Response("not here\n", { status: 403 });
    return server.upgrade(request) ? undefined : new Response("no WebSocket\n", { status: 426 });
  },
  websocket: {
    maxPayloadLength: 4 * 1024 * 1024,
    perMessageDeflate: true,
    open: (socket) => void socket.send("welcome"),
    message(socket, message) {
      const [, code, reason] = CLOSE.exec(typeof message === "string" ? message : "") ?? [];
      if (code !== undefined) socket.close(Number(code), reason);
      else socket.send(message);
    },
  },
});
