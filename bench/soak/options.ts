import { join } from "node:path";
import { parseArgs } from "node:util";

export interface SoakOptions {
  readonly minutes: number;
  readonly binary: string;
}

const DEFAULT_MINUTES = "10";
const BINARY = join(import.meta.dir, "..", "..", "dist", "netramesh");

export const USAGE = `bun run soak [options]
  --minutes N      how long, ${DEFAULT_MINUTES} unless told; also a part of one, to try it
  --binary PATH    the netramesh to soak instead of dist/netramesh
`;

/** Throws with a message for the user. */
export function parseSoakOptions(argv: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      minutes: { type: "string", default: DEFAULT_MINUTES },
      binary: { type: "string", default: BINARY },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes} is not a positive number`);
  return { minutes, binary: values.binary };
}
