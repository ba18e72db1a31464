import { ANY, segmentText } from "./segment.ts";

const SLASH = 47;
/** Deeper paths end in `*`. */
const MAX_SEGMENTS = 8;

/** The segments of the path `buf[start, end)` as routes show them; none if it does not begin with a slash. */
export function pathSegments(buf: Uint8Array, start: number, end: number): string[] {
  const segments: string[] = [];
  let from = start + 1;
  if (start === end || buf[start] !== SLASH) return segments;
  for (let i = from; i <= end; i++) {
    if (i < end && buf[i] !== SLASH) continue;
    if (segments.length === MAX_SEGMENTS) {
      segments[MAX_SEGMENTS - 1] = ANY;
      break;
    }
    segments.push(segmentText(buf, from, i));
    from = i + 1;
  }
  return segments;
}
