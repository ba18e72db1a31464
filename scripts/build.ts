/**
 * `bun run build`: dist/netramesh, the single binary for this machine. It is started once; a binary that does not
 * start is not a build. The image is made by image.ts.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { compile } from "./compile.ts";
import { smokeTest } from "./smoke.ts";

const DIST = join(import.meta.dir, "..", "dist");
const BINARY = join(DIST, "netramesh");

mkdirSync(DIST, { recursive: true });
await compile(BINARY);
await smokeTest([BINARY]);
const megabytes = (Bun.file(BINARY).size / 1e6).toFixed(1);
process.stdout.write(`built dist/netramesh (${megabytes} MB): it starts, and ends on SIGTERM\n`);
