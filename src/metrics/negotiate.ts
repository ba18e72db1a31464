import type { Format } from "./exposition.ts";

/** The Content-Type of each format. */
export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  prometheus: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/** OpenMetrics if `accept` (an Accept field, RFC 9110 section 12.5.1) prefers it to plain text. */
export function chooseFormat(accept: string): Format {
  const openMetrics = quality(accept, "application/openmetrics-text");
  return openMetrics > 0 && openMetrics >= quality(accept, "text/plain") ? "openmetrics" : "prometheus";
}

/** The best weight that `accept` gives to exactly this media type; 0 if it does not name it. */
function quality(accept: string, type: string): number {
  const weights = accept.split(",").map((range) => {
    const [name, ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    return name !== type ? 0 : weight === undefined ? 1 : Number(weight.slice(2)) || 0;
  });
  return Math.max(...weights);
}
