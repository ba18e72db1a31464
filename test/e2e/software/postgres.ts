/** PostgreSQL in a directory of the test's own; Debian's cluster, if there is one, is left alone. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { certificate } from "./certificate.ts";
import { run, SOFTWARE, serve } from "./software.ts";
import type { World } from "./worlds.ts";

const VERSIONS = "/usr/lib/postgresql";
const CLUSTER = ["--username=me", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
const SETTINGS = {
  listen_addresses: "*",
  ssl: "on",
  fsync: "off",
  full_page_writes: "off",
  dynamic_shared_memory_type: "mmap",
};
// Its shared memory outlives a postgres that is killed, as the lab kills it, unless the IPC namespace goes with it.
const ROOT = { env: SOFTWARE.env };
const IN_OWN_IPC = ["unshare", "--ipc", "setpriv", "--pdeathsig=KILL", "--clear-groups"];
const AS_SOFTWARE = [`--reuid=${SOFTWARE.uid}`, `--regid=${SOFTWARE.gid}`];

/** The path of one of PostgreSQL's programs, of the newest server installed. */
export function postgresProgram(name: string): string {
  const programs = (version: string | number) => join(VERSIONS, String(version), "bin");
  const servers = readdirSync(VERSIONS).filter((version) => existsSync(join(programs(version), "postgres")));
  return join(programs(Math.max(...servers.map(Number))), name);
}

/** Starts PostgreSQL in the pod `server`, with a user `me` and a database `postgres`; needs the certificate. */
export async function startPostgres(world: World, port: number): Promise<void> {
  const { server } = world.pods;
  const data = join(world.dir, `postgres-${port}`);
  await run(server!, postgresProgram("initdb"), "-D", data, ...CLUSTER);
  await Bun.write(join(data, "pg_hba.conf"), "host all all all trust\n");
  const { cert, key } = certificate(world);
  const own = { port, unix_socket_directories: world.dir, ssl_cert_file: cert, ssl_key_file: key };
  const settings = Object.entries({ ...SETTINGS, ...own }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  const postgres = [postgresProgram("postgres"), "-D", data, ...settings];
  await serve(server!, [...IN_OWN_IPC, ...AS_SOFTWARE, ...postgres], [port], ROOT);
}
