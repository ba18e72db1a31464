/** Large bodies: what a gigabyte costs the proxy. */
import { runScript } from "../load/script.ts";
import { BIG_BYTES, BIG_PATH } from "../stage/nginx.ts";
import { cpuPerUnit } from "./cpu.ts";
import type { Experiment } from "./experiment.ts";

const TIMES = 4;

interface Downloaded {
  readonly bytes: number;
  readonly seconds: number;
}

export const download: Experiment = {
  name: "download",
  title: `downloads of ${BIG_BYTES / 1e6} MB, one after the other`,
  includes: () => true,
  async measure({ client }, target) {
    const { done, figures } = await cpuPerUnit(
      target,
      "MB",
      () => runScript<Downloaded>(client, "download.ts", target.pod.ip4, target.plan.port, BIG_PATH, TIMES),
      ({ bytes }) => bytes / 1e6,
    );
    if (done.bytes < TIMES * BIG_BYTES) throw new Error(`${target.name} delivered only ${done.bytes} bytes`);
    return { ...figures, "MB/s": done.bytes / 1e6 / done.seconds };
  },
};
