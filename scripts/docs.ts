/** `bun run docs`: writes what docs/ holds of the program itself. */
import { join } from "node:path";
import { FILES } from "./docs/files.ts";

const TOP = join(import.meta.dir, "..");

for (const [path, write] of Object.entries(FILES)) {
  await Bun.write(join(TOP, path), write());
  process.stdout.write(`wrote ${path}\n`);
}
