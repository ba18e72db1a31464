import { readdirSync, readFileSync } from "node:fs";
import type { GoldenPacket } from "./golden.ts";

const ROOT = `${import.meta.dir}/../../golden`;

/** What was posted to a collector, in order. */
export interface GoldenPost extends GoldenPacket {
  /** The request line and the fields, as received. */
  readonly head: string;
}

/** All posts of a golden set, in order. */
export function goldenPosts(set: string): GoldenPost[] {
  const decoded = JSON.parse(readFileSync(`${ROOT}/${set}/decoded.json`, "utf8"));
  const files = readdirSync(`${ROOT}/${set}`).filter((file) => file.endsWith(".body.hex.txt"));
  return files.sort().map((file) => ({
    file,
    head: readFileSync(`${ROOT}/${set}/${file.replace("body.hex", "head")}`, "utf8"),
    hex: readFileSync(`${ROOT}/${set}/${file}`, "utf8").trim(),
    process: decoded[file].process,
    spans: decoded[file].spans,
  }));
}
