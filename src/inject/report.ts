import { pointer } from "./change.ts";
import type { Plan } from "./inject.ts";
import type { Workload } from "./manifest.ts";
import { describeWorkload } from "./workload.ts";

const SIGNS = { add: "+", remove: "-", swap: "~" } as const;

/** What a person is told about a run: one line for each workload, warnings, and on request each change. */
export class Report {
  /** What is wrong, in full. */
  readonly problems: string[] = [];
  readonly #lines: { text: string; isDetail: boolean }[] = [];

  constructor(
    /** What has happened to a workload that changes. */
    readonly done: string,
  ) {}

  problem(text: string): void {
    this.problems.push(text);
  }

  workload(source: string, workload: Workload, { changes, warnings, refusal, problems }: Plan): void {
    const name = describeWorkload(workload);
    for (const problem of problems) this.problem(`${source}: ${name}: ${problem}`);
    this.#say(refusal === null ? `${name}: ${this.done}` : `${name}: not ${this.done}: ${refusal}`);
    for (const warning of warnings) this.#say(`${name}: warning: ${warning}`);
    for (const { op, path, why } of changes) this.#say(`  ${SIGNS[op]} ${pointer(path)}: ${why}`, true);
  }

  #say(text: string, isDetail = false): void {
    this.#lines.push({ text, isDetail });
  }

  /** The lines to print, without what a manifest could do to a terminal. */
  format(isExplained: boolean): string {
    const lines =
      this.problems.length > 0
        ? this.problems
        : this.#lines.filter(({ isDetail }) => isExplained || !isDetail).map(({ text }) => text);
    return lines.map((line) => `${line.replace(/\p{Cc}/gu, "?")}\n`).join("");
  }
}
