/** nginx as a proxy before nginx: one process, keep-alive on both sides, as little as possible changed in the bytes. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { NGINX_PORT, PATH, TEMP_PATHS } from "./nginx.ts";
import type { Launch } from "./target.ts";

export const NGINX_PROXY_PORT = 8082;

/** Debian's package libnginx-mod-stream puts it there. */
export const STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so";

/** Writes its configuration into `directory`. */
export function launchNginxProxy(directory: string, mode: "tcp" | "http"): Launch {
  const config = join(directory, "proxy.conf");
  writeFileSync(config, proxyConfig(directory, mode));
  return {
    command: ["nginx", "-e", "stderr", "-c", config],
    options: { env: PATH },
    port: NGINX_PROXY_PORT,
  };
}

function proxyConfig(directory: string, mode: "tcp" | "http"): string {
  return `
${mode === "tcp" ? `load_module ${STREAM_MODULE};` : ""}
daemon off;
master_process off;
user root;
pid ${directory}/proxy.pid;
error_log stderr error;
worker_rlimit_nofile 20000;
events { worker_connections 9500; }
${mode === "tcp" ? STREAM : http(directory)}
`;
}

const STREAM = `
stream {
  server {
    listen ${NGINX_PROXY_PORT} backlog=4096;
    proxy_pass 127.0.0.1:${NGINX_PORT};
    proxy_timeout 600s;
  }
}`;

/** Without temporary files: 200 stalled downloads would otherwise be written to the disk. */
function http(directory: string): string {
  return `
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  large_client_header_buffers 4 64k;
  ${TEMP_PATHS.map((name) => `${name}_temp_path ${directory}/proxy-${name};`).join("\n  ")}
  upstream bench {
    server 127.0.0.1:${NGINX_PORT};
    keepalive 4096;
    keepalive_requests 1000000000;
  }
  server {
    listen ${NGINX_PROXY_PORT} backlog=4096;
    location / {
      proxy_pass http://bench;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_max_temp_file_size 0;
    }
  }
}`;
}
