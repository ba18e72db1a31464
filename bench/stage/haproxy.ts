/** haproxy as it would be put before nginx: one thread, keep-alive on both sides, nothing changed in the bytes. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { NGINX_PORT, PATH } from "./nginx.ts";
import type { Launch } from "./target.ts";

export const HAPROXY_PORT = 8081;

/** Writes its configuration into `directory`. */
export function launchHaproxy(directory: string, mode: "tcp" | "http", user = { uid: 0, gid: 0 }): Launch {
  const config = join(directory, "haproxy.cfg");
  writeFileSync(config, haproxyConfig(mode));
  const command = ["haproxy", "-db", "-q", "-f", config];
  return { command, options: { ...user, env: PATH }, port: HAPROXY_PORT };
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
