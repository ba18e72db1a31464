/**
 * The name of an exchange's operation, as 0.10 had it: inbound the decoded path, outbound the host and the decoded path,
 * never the query. CONNECT has no path, so the authority names it in both directions.
 */
import { SLASH } from "../http1/chars.ts";
import type { Head } from "../http1/head.ts";
import { copyBytes } from "../trace/copy.ts";
import type { Exchange } from "./exchange.ts";
import { percentDecode } from "./target.ts";

/** Of the host and of the path each no more than this is looked at: spans cut names earlier. */
const MAX_PART_BYTES = 4096;

/** The last name written by `writeOperation`. */
export const operation = Buffer.allocUnsafeSlow(2 * MAX_PART_BYTES);

/** Writes the name to `operation` and returns its length in bytes. */
export function writeOperation({ conn, target, isConnect }: Exchange, { buf }: Head): number {
  const { hostStart, hostEnd, pathStart, pathEnd, escaped } = target;
  let end = 0;
  if (conn.direction === "outbound" || isConnect) {
    end = copyBytes(operation, 0, buf, hostStart, Math.min(hostEnd, hostStart + MAX_PART_BYTES));
  }
  const pathCut = Math.min(pathEnd, pathStart + MAX_PART_BYTES);
  if (escaped) end += percentDecode(buf, pathStart, pathCut, operation.subarray(end));
  else end = copyBytes(operation, end, buf, pathStart, pathCut);
  if (end === 0) operation[end++] = SLASH;
  return end;
}

/** The name as text. */
export function operationText(exchange: Exchange, head: Head): string {
  return operation.toString("utf8", 0, writeOperation(exchange, head));
}
