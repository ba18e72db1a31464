/** A site that nginx serves: everything about HTTP that a response can differ in. */
import { chownSync, mkdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { certificate, makeCertificate } from "./certificate.ts";
import { startNginx } from "./nginx.ts";
import { SOFTWARE } from "./software.ts";
import type { World } from "./worlds.ts";

export const HTTP = 8080;
/** HTTP/2 without TLS, and TLS, on ports that the sidecars were told to understand as HTTP/1. */
export const H2C = 8082;
export const HTTPS = 8443;
export const SITE_PORTS = [HTTP, H2C, HTTPS];

export const BIG_BYTES = 20 * 1024 * 1024;
export const LONG = "0123456789abcdef".repeat(640);
const LONG_AGO_S = 1e9;

/** Starts the site in the pod `server`. Its files are the same in every world, down to the time of their change. */
export async function startSite(world: World): Promise<void> {
  const root = join(world.dir, "site");
  mkdirSync(join(root, "upload"), { recursive: true });
  chownSync(join(root, "upload"), SOFTWARE.uid, SOFTWARE.gid);
  const text = Array.from({ length: 2000 }, (_, i) => `line ${i}\n`).join("");
  const files = { "hello.txt": "hello, world\n", "text.txt": text, "big.bin": bigFile() };
  for (const [name, content] of Object.entries(files)) {
    await Bun.write(join(root, name), content);
    utimesSync(join(root, name), LONG_AGO_S, LONG_AGO_S);
  }
  await makeCertificate(world);
  await startNginx(world, world.pods.server!, siteConfiguration(world), SITE_PORTS);
}

/** Bytes of every value in no regular order, the same at each call. */
function bigFile(): Uint8Array {
  const words = new Uint32Array(BIG_BYTES / 4);
  let state = 1;
  for (let i = 0; i < words.length; i++) words[i] = state = Math.imul(state, 1664525) + 1013904223;
  return new Uint8Array(words.buffer);
}

function siteConfiguration(world: World): string {
  const { dir } = world;
  const { cert, key } = certificate(world);
  return `
    client_max_body_size 64m;
    large_client_header_buffers 4 32k;
    server {
      listen [::]:${HTTP} ipv6only=off;
      listen [::]:${H2C} ipv6only=off http2;
      listen [::]:${HTTPS} ipv6only=off ssl http2;
      ssl_certificate ${cert};
      ssl_certificate_key ${key};
      root ${dir}/site;
      location /upload/ { dav_methods PUT DELETE; }
      location /gzip/ { alias ${dir}/site/; gzip on; gzip_types *; gzip_http_version 1.0; }
      location /chunked/ { alias ${dir}/site/; sub_filter line row; sub_filter_types *; sub_filter_once off; }
      location = /turn { return 200 "$connection_requests\\n"; }
      location /small/ { client_max_body_size 1k; dav_methods PUT; }
      location = /echo { return 200 "$http_x_long\\n"; }
      location = /long { ${addLongHeaders()} return 200 "ok\\n"; }
      location = /empty { return 204; }
      location = /moved { return 301 /hello.txt; }
      location = /close { keepalive_timeout 0; return 200 "bye\\n"; }
    }`;
}

/** As long as `LONG`, in several lines: nginx takes no longer word. */
function addLongHeaders(): string {
  const parts = LONG.match(/.{2560}/g)!;
  return parts.map((part, i) => `add_header X-Long-${i} ${part};`).join(" ");
}
