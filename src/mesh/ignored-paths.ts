import type { Head } from "../http1/head.ts";
import type { Exchange } from "./exchange.ts";
import { percentDecode } from "./target.ts";

/** A test for requests whose decoded path is exactly one of `paths` (NETRA_HTTP_TRACING_IGNORED_PATHS). */
export function ignoredPaths(paths: ReadonlySet<string>): (exchange: Exchange, head: Head) => boolean {
  if (paths.size === 0) return () => false;
  const longest = 3 * Math.max(...[...paths].map((path) => Buffer.byteLength(path)));
  const decoded = Buffer.allocUnsafe(longest);
  return ({ target }, { buf }) => {
    if (target.pathEnd - target.pathStart > longest) return false;
    const length = percentDecode(buf, target.pathStart, target.pathEnd, decoded);
    return paths.has(decoded.toString("utf8", 0, length));
  };
}
