/** `download.ts URL_HOST PORT PATH TIMES`: fetches a file one time after the other, drops it, prints `{bytes, seconds}`. */
const [ip, port, path, times] = process.argv.slice(2) as [string, string, string, string];
const REQUEST = `GET ${path} HTTP/1.1\r\nHost: ${ip}:${port}\r\nConnection: close\r\n\r\n`;

/** Resolves to the bytes that came, head included, when the server has closed. */
function download(): Promise<number> {
  let bytes = 0;
  return new Promise((resolve, reject) => {
    Bun.connect({
      hostname: ip,
      port: Number(port),
      socket: {
        open: (socket) => void socket.write(REQUEST),
        data(_, chunk) {
          bytes += chunk.length;
        },
        close: () => resolve(bytes),
        error: (_, error) => reject(error),
      },
    }).catch(reject);
  });
}

const startedMs = performance.now();
let bytes = 0;
for (let i = 0; i < Number(times); i++) bytes += await download();
process.stdout.write(JSON.stringify({ bytes, seconds: (performance.now() - startedMs) / 1000 }));
