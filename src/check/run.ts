/** What `netramesh check` does. Loaded when it runs. */
import type { Environment } from "../env.ts";
import { EXIT_DONE, EXIT_FAILED } from "../exit-codes.ts";
import { isSuccess, reportJson, reportText } from "./report.ts";
import { survey } from "./survey.ts";

export interface CheckOptions {
  /** The process's own. */
  readonly environment: Environment;
  /** The switch `--service-name`, if given. */
  readonly serviceName: string | undefined;
  readonly json: boolean;
  readonly isColoured: boolean;
  /** Standard output. */
  readonly out: (text: string) => void;
}

/** Returns the exit code: 1 if anything is wrong. */
export async function check({ json, isColoured, out, ...start }: CheckOptions): Promise<number> {
  const sections = await survey(start.environment, start.serviceName);
  out(json ? reportJson(sections) : reportText(sections, isColoured));
  return isSuccess(sections) ? EXIT_DONE : EXIT_FAILED;
}
