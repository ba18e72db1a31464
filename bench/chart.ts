/** `bun bench/chart.ts results/X.json > x.svg`: the picture of a result that was kept. */
import { readFileSync } from "node:fs";
import { barChart } from "./chart/bars.ts";

const EXIT_USAGE = 2;
const path = process.argv[2];
if (path === undefined) {
  process.stderr.write("bun bench/chart.ts results/X.json > x.svg\n");
  process.exit(EXIT_USAGE);
}
await Bun.write(Bun.stdout, barChart(JSON.parse(readFileSync(path, "utf8"))));
