/** `bun bench/chart.ts results/X.json > x.svg`: the picture of a run of the benchmark, or of a soak, that was kept. */
import { readFileSync } from "node:fs";
import { barChart } from "./chart/bars.ts";
import { soakChart } from "./chart/soak.ts";

const EXIT_USAGE = 2;
const path = process.argv[2];
if (path === undefined) {
  process.stderr.write("bun bench/chart.ts results/X.json > x.svg\n");
  process.exit(EXIT_USAGE);
}
const result = JSON.parse(readFileSync(path, "utf8"));
await Bun.write(Bun.stdout, "samples" in result ? soakChart(result) : barChart(result));
