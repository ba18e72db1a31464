/** nginx with a configuration of the test's own, in the foreground, as the software's user. */
import { join } from "node:path";
import type { Pod } from "../../../examples/lab/pod.ts";
import { serve } from "./software.ts";
import type { World } from "./worlds.ts";

const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

/** Starts nginx in a pod; `http` is the inside of its http block. Resolves when it listens on all of `ports`. */
export async function startNginx(world: World, pod: Pod, http: string, ports: readonly number[]) {
  const name = `nginx-${pod.ip4}`;
  const file = join(world.dir, `${name}.conf`);
  await Bun.write(file, configuration(join(world.dir, name), http));
  await serve(pod, ["nginx", "-c", file, "-e", "stderr"], ports);
}

function configuration(files: string, http: string): string {
  return `
    daemon off;
    worker_processes 1;
    pid ${files}.pid;
    error_log stderr;
    events {}
    http {
      access_log off;
      default_type text/plain;
      ${TEMPORARY.map((kind) => `${kind}_temp_path ${files}-${kind};`).join("\n")}
      ${http}
    }`;
}
