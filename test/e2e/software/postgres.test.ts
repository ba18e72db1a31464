/** PostgreSQL with its own programs, on a port that is relayed unread and on one that was wrongly declared HTTP. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { certificate, makeCertificate } from "./certificate.ts";
import { sha256 } from "./curl.ts";
import { postgresProgram, startPostgres } from "./postgres.ts";
import { becomes, Running, run, SOFTWARE } from "./software.ts";
import { type World, Worlds } from "./worlds.ts";

const OPAQUE = 5432;
const WRONG = 5433;
const SERVER = "198.18.0.2";

let worlds: Worlds;
beforeAll(async () => {
  worlds = await Worlds.open("postgres", ["client", "server"], [WRONG]);
  await Promise.all(worlds.both.map(start));
}, 30_000);
afterAll(() => worlds.close());

async function start(world: World): Promise<void> {
  await makeCertificate(world);
  await Promise.all([OPAQUE, WRONG].map((port) => startPostgres(world, port)));
}

describe.each([
  ["relayed unread", OPAQUE],
  ["wrongly declared HTTP", WRONG],
])("PostgreSQL on a port that is %s", (_, port) => {
  const database = (more = "sslmode=disable") =>
    `host=${SERVER} port=${port} user=me dbname=postgres ${more}`;
  const psql = [postgresProgram("psql"), "-X", "-A", "-t", "-q"];
  const query = ({ pods }: World, sql: string, more?: string) =>
    run(pods.client!, ...psql, "-d", database(more), "-c", sql);
  const bench = ({ pods }: World, ...args: readonly string[]) =>
    run(pods.client!, postgresProgram("pgbench"), ...args, database());

  test.each([
    ["in the clear", "sslmode=disable", "f"],
    ["over TLS", "sslmode=require", "t"],
    ["over TLS if there is any, which it asks first", "sslmode=prefer", "t"],
    ["over TLS with the certificate checked", "sslmode=verify-ca sslrootcert=$CERT", "t"],
    ["after a refused encryption by GSSAPI", "gssencmode=prefer sslmode=disable", "f"],
  ])("answers queries %s", async (_, more, isEncrypted) => {
    const sql = "SELECT ssl, 6 * 7, 'GET / HTTP/1.1' FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    const ask = (world: World) => query(world, sql, more.replace("$CERT", certificate(world).cert));
    expect(await worlds.same(ask)).toBe(`${isEncrypted}|42|GET / HTTP/1.1\n`);
  });

  test("says what is wrong with a query, and with a login", async () => {
    const complain = async ({ pods }: World) => {
      const command = [...psql, "-c", "SELECT 1/0", "-d"];
      const wrong = await pods.client!.run([...command, database()], SOFTWARE);
      const stranger = await pods.client!.run([...command, `${database()} user=stranger`], SOFTWARE);
      return [wrong.code, wrong.stderr, stranger.code, stranger.stderr.split("FATAL:")[1]];
    };
    const said = await worlds.same(complain);
    expect(said).toEqual([1, "ERROR:  division by zero\n", 2, '  role "stranger" does not exist\n']);
  });

  test("sends and takes 200000 rows", async () => {
    await worlds.same(async (world) => {
      const files = ["out", "again"].map((name) => join(world.dir, `${name}-${port}`)) as [string, string];
      const rows = `SELECT i, md5(i::text) FROM generate_series(1, 200000) i`;
      await query(world, `\\copy (${rows}) TO '${files[0]}'`);
      await query(world, "CREATE TABLE copied (i int, sum text)");
      await query(world, `\\copy copied FROM '${files[0]}'`);
      await query(world, `\\copy (SELECT * FROM copied ORDER BY i) TO '${files[1]}'`);
      const sums = await Promise.all(files.map(sha256));
      expect(sums[1]).toBe(sums[0]!);
      return sums[0];
    });
  });

  test("notifies a client that listens", async () => {
    await worlds.same(async (world) => {
      const script = join(world.dir, `listen-${port}.sql`);
      // psql shows a notification after the next statement.
      await Bun.write(script, `LISTEN news;\n${"SELECT 'listening' FROM pg_sleep(0.05);\n".repeat(400)}`);
      const listener = new Running(world.pods.client!, ...psql, "-d", database(), "-f", script);
      await listener.said("listening");
      await query(world, "NOTIFY news, 'GET / HTTP/1.1'");
      await listener.said('notification "news" with payload "GET / HTTP/1.1" received');
      listener.signal("SIGTERM");
      await listener.exited;
    });
  });

  test("cancels a query when another connection asks for it", async () => {
    await worlds.same(async (world) => {
      const client = new Running(world.pods.client!, ...psql, "-d", database(), "-c", "SELECT pg_sleep(60)");
      const running = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'";
      await becomes(() => query(world, running), "1");
      client.signal("SIGINT");
      expect(await client.exited).toBe(1);
      expect(client.output).toContain("ERROR:  canceling statement due to user request");
    });
  });

  test("serves pgbench, which leaves the same accounts behind", async () => {
    const state = await worlds.same(async (world) => {
      await bench(world, "--initialize", "--quiet", "--scale=1");
      for (const protocol of ["simple", "extended", "prepared"]) {
        const said = await bench(world, "--random-seed=1", `--protocol=${protocol}`, "--transactions=100");
        expect(said).toContain("number of transactions actually processed: 100/100");
      }
      const sum = "count(*), sum(abalance), sum(hashtext(aid::text || ':' || abalance))";
      return query(world, `SELECT ${sum} FROM pgbench_accounts`);
    });
    expect(state).toStartWith("100000|");
  });

  test("serves pgbench with many clients, short connections and pipelines", async () => {
    const script = "\\startpipeline\nSELECT 1;\nSELECT repeat('x', 10000);\nSELECT 2;\n\\endpipeline\n";
    const runs: [transactions: number, args: string[]][] = [
      [200, ["--client=8", "--jobs=2", "--transactions=25"]],
      [40, ["--client=4", "--transactions=10", "--connect", "--select-only"]],
      [200, ["--client=4", "--transactions=50", "--protocol=extended", "--file=$PIPELINE"]],
    ];
    await worlds.same(async (world) => {
      const file = join(world.dir, `pipeline-${port}`);
      await Bun.write(file, script);
      for (const [count, args] of runs) {
        const said = await bench(world, "--no-vacuum", ...args.map((arg) => arg.replace("$PIPELINE", file)));
        expect(said).toContain(`number of transactions actually processed: ${count}/${count}`);
        expect(said).toContain("number of failed transactions: 0 ");
      }
    });
  });

  test("is reached through the sidecars: its peer is not the client's own socket", async () => {
    const peer = (world: World) => query(world, "SELECT host(inet_client_addr())");
    expect(await peer(worlds.plain)).toBe("198.18.0.1\n");
    expect(await peer(worlds.meshed)).not.toBe("198.18.0.1\n");
  });
});

test("the sidecars saw at the first byte that it was no HTTP", () => {
  expect(worlds.whyUnread(WRONG)).toEqual({ client: ["not-http"], server: ["not-http"] });
  expect(worlds.whyUnread(OPAQUE)).toEqual({ client: [], server: [] });
});
