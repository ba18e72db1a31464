/**
 * The customer: `traffic.ts URL...` requests each URL, one after the other, and prints one JSON array with an
 * answer for each. It has no sidecar and sends no X-Request-Id: traces begin at the first sidecar.
 */
import type { Answer } from "./requests.ts";

async function request(url: string): Promise<Answer> {
  const startedAt = performance.now();
  const response = await fetch(url, { headers: { Host: "front" } });
  await response.arrayBuffer();
  return { status: response.status, durationMs: performance.now() - startedAt };
}

const answers: Answer[] = [];
for (const url of process.argv.slice(2)) answers.push(await request(url));
process.stdout.write(JSON.stringify(answers));
