import type { Activity } from "./activity.ts";
import { echo } from "./opaque.ts";
import { clientReset, halfClose, serverReset, silence, stalledDownload, stalledUpload } from "./unusual.ts";
import { bigDownload, bigUpload, churn, keepAlive, pipelining, quiet } from "./usual.ts";

/** Everything that happens at once, in each direction. */
export const ACTIVITIES: readonly Activity[] = [
  keepAlive,
  churn,
  pipelining,
  quiet,
  bigDownload,
  bigUpload,
  stalledDownload,
  stalledUpload,
  clientReset,
  serverReset,
  halfClose,
  silence,
  echo,
];
