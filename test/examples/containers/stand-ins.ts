/**
 * Small images under the names of those that the examples take from registries, made of programs of this machine: real
 * nginx, and for Jaeger a collector that keeps the OTLP it is sent and shows it on the port of Jaeger's pages.
 */
import { cpSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { $ } from "bun";

const DIST = join(import.meta.dir, "..", "..", "..", "dist");

export const NETRAMESH = "localhost/netramesh";
const PAUSE = "registry.k8s.io/pause:3.10";
const NGINX = "docker.io/library/nginx:1.28-alpine";
const JAEGER = "docker.io/jaegertracing/jaeger:2.6.0";

const NGINX_CONFIGURATION = `
  daemon off;
  user nobody nogroup;
  events {}
  http { access_log off; include /etc/nginx/conf.d/*.conf; }`;
const PASSWD = "root:x:0:0::/:/\nnobody:x:65534:65534::/:/\n";
const GROUP = "root:x:0:\nnogroup:x:65534:\n";

const COLLECTOR = `
  const bodies = [];
  const keep = async (request) => {
    bodies.push((await request.bytes()).toBase64());
    return new Response();
  };
  Bun.serve({ hostname: "::", port: 4318, fetch: keep });
  Bun.serve({ hostname: "::", port: 16686, fetch: () => Response.json(bodies) });
  process.on("SIGTERM", () => process.exit());`;

/** Puts the image under test and all stand-ins into the storage that buildah's options `storage` name. */
export async function fillStorage(storage: readonly string[], folder: string): Promise<void> {
  const image = (
    await $`buildah ${storage} pull -q oci-archive:${join(DIST, "netramesh.oci.tar")}`.text()
  ).trim();
  await $`buildah ${storage} tag ${image} ${NETRAMESH}`.quiet();
  const make = async (tag: string, entrypoint: readonly string[], fill: (root: string) => void) => {
    const context = join(folder, tag.replaceAll(/\W/g, "-"));
    mkdirSync(join(context, "root"), { recursive: true });
    fill(join(context, "root"));
    writeFileSync(
      join(context, "Dockerfile"),
      `FROM scratch\nCOPY root /\nENTRYPOINT ${JSON.stringify(entrypoint)}\n`,
    );
    await $`buildah ${storage} build -q --isolation chroot -t ${tag} ${context}`.quiet();
  };
  await make(PAUSE, ["/usr/bin/catatonit", "-P"], (root) =>
    addProgram(root, "catatonit", "/usr/bin/catatonit"),
  );
  await make(NGINX, ["/usr/sbin/nginx"], addNginx);
  await make(JAEGER, ["/usr/local/bin/bun", "/collector.js"], addCollector);
}

function addNginx(root: string): void {
  addProgram(root, "nginx", "/usr/sbin/nginx");
  for (const folder of ["etc/nginx/conf.d", "var/log/nginx", "var/lib/nginx", "run"]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(root, "etc/nginx/nginx.conf"), NGINX_CONFIGURATION);
  writeFileSync(join(root, "etc/passwd"), PASSWD);
  writeFileSync(join(root, "etc/group"), GROUP);
}

function addCollector(root: string): void {
  addProgram(root, process.execPath, "/usr/local/bin/bun");
  writeFileSync(join(root, "collector.js"), COLLECTOR);
}

/** Adds a program with the libraries it is linked against. */
function addProgram(root: string, program: string, path: string): void {
  const from = Bun.which(program)!;
  const libraries = Bun.spawnSync(["ldd", from]).stdout.toString().match(/\/\S+/g) ?? [];
  for (const [source, target] of [[from, path], ...libraries.map((each) => [each, each])]) {
    mkdirSync(dirname(join(root, target!)), { recursive: true });
    cpSync(realpathSync(source!), join(root, target!));
  }
}
