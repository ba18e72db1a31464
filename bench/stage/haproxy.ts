/** haproxy as it would be put before nginx: one thread, keep-alive on both sides, nothing changed in the bytes. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Pod } from "../../examples/lab/pod.ts";
import { NGINX_PORT, PATH } from "./nginx.ts";

export const HAPROXY_PORT = 8081;

/** Starts haproxy in `pod` as `user`; resolves to its process when it listens. */
export async function startHaproxy(
  pod: Pod,
  directory: string,
  mode: "tcp" | "http",
  user = { uid: 0, gid: 0 },
): Promise<Bun.Subprocess> {
  const config = join(directory, "haproxy.cfg");
  writeFileSync(config, haproxyConfig(mode));
  const child = pod.spawn(["haproxy", "-db", "-q", "-f", config], {
    ...user,
    env: PATH,
    stdout: "ignore",
    stderr: "inherit",
  });
  await pod.waitForPort(HAPROXY_PORT);
  return child;
}

function haproxyConfig(mode: "tcp" | "http"): string {
  return `
global
  nbthread 1
  maxconn 8000
defaults
  mode ${mode}
  timeout connect 5s
  timeout client 600s
  timeout server 600s
listen bench
  bind :${HAPROXY_PORT} backlog 4096
  server nginx 127.0.0.1:${NGINX_PORT}
`;
}
