import { Bad } from "../../env.ts";
import { parseStrategy, type SamplingStrategy } from "./strategy.ts";

/** Room for some thousand operations. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Asks a server for its strategy. Rejects, with a line for a person, when it cannot be reached, answers with an HTTP
 * error, says too much or nothing that we understand, and with the signal's reason when that fires.
 */
export async function fetchStrategy(url: string, signal: AbortSignal): Promise<SamplingStrategy> {
  const response = await fetch(url, { signal, keepalive: false, headers: { accept: "application/json" } });
  const text = await readText(response);
  if (response.status >= 400) throw new Error(`HTTP status ${response.status}`);
  const strategy = parseStrategy(text);
  if (strategy instanceof Bad) throw new Error(`the answer is not ${strategy.expected}`);
  return strategy;
}

/** The whole body. Throwing out of the loop closes the connection. */
async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
