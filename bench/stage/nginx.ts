/** The upstream of every target: one nginx process that answers at once, keeps connections open and logs nothing. */
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Pod } from "../../examples/lab/pod.ts";

export const NGINX_PORT = 8080;
/** The body of `/`: 42 bytes. */
const BODY = "0123456789 0123456789 0123456789 01234567.";
/** A file to download. */
export const BIG_PATH = "/big";
export const BIG_BYTES = 100_000_000;

/** Where nginx would write what does not fit into memory; each of its processes needs its own. */
export const TEMP_PATHS = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

/** Starts nginx in `pod` with its files in `directory`; resolves to its process when it listens. */
export async function startNginx(pod: Pod, directory: string): Promise<Bun.Subprocess> {
  mkdirSync(directory, { recursive: true });
  // A sparse file: its pages come from the page cache like those of any file that is read often.
  const big = openSync(join(directory, BIG_PATH), "w");
  ftruncateSync(big, BIG_BYTES);
  closeSync(big);
  const config = join(directory, "nginx.conf");
  writeFileSync(config, nginxConfig(directory));
  const command = ["nginx", "-e", "stderr", "-c", config];
  const child = pod.spawn(command, { env: PATH, stdout: "ignore", stderr: "inherit" });
  await pod.waitForPort(NGINX_PORT);
  return child;
}

/** nginx and haproxy are found by name, and a pod's process has no environment of its own. */
export const PATH = { PATH: process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin" };

function nginxConfig(directory: string): string {
  return `
daemon off;
master_process off;
user root;
pid ${directory}/nginx.pid;
error_log stderr error;
worker_rlimit_nofile 20000;
events { worker_connections 9000; }
http {
  access_log off;
  sendfile on;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  large_client_header_buffers 4 64k;
  ${TEMP_PATHS.map((name) => `${name}_temp_path ${directory}/${name};`).join("\n  ")}
  server {
    listen ${NGINX_PORT} backlog=4096;
    default_type text/plain;
    root ${directory};
    location = / { return 200 "${BODY}"; }
  }
}
`;
}
