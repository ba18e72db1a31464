/**
 * One of the three applications: `service.ts NAME [NEXT_NAME NEXT_IP]`. Nothing in it knows of tracing. The one
 * courtesy it does its sidecar is to copy X-Request-Id from the request it got to the request it makes.
 *
 *     front /order/ITEM → cart /reserve/ITEM → stock /take/ITEM
 *
 * It answers on two ports alike: the rules of its pod lead MESH_PORT through the sidecar, DIRECT_PORT past it.
 */
import { DIRECT_PORT, MESH_PORT } from "./ports.ts";

const SLOW_MS = 250;
const PATHS: Record<string, string> = { cart: "reserve", stock: "take" };
const [, , name, nextName, nextIp] = process.argv;

async function answer(request: Request, port: number): Promise<Response> {
  const item = new URL(request.url).pathname.split("/").at(-1)!;
  return nextName ? ask(item, request.headers.get("x-request-id"), port) : take(item);
}

/** Passes the question on. Pods here have no DNS, so the next service's name goes into Host by hand. */
async function ask(item: string, requestId: string | null, port: number): Promise<Response> {
  const headers: Record<string, string> = { Host: nextName! };
  if (requestId !== null) headers["X-Request-Id"] = requestId;
  const reply = await fetch(`http://${nextIp}:${port}/${PATHS[nextName!]}/${item}`, { headers });
  const said = await reply.text();
  return reply.ok ? new Response(`${name}: ${said}`) : new Response(`${nextName} failed`, { status: 502 });
}

/** The end of the chain: truffles fail, snails are slow, everything else is in stock. */
async function take(item: string): Promise<Response> {
  if (item === "truffle") return new Response("the shelf broke", { status: 500 });
  if (item === "snail") await Bun.sleep(SLOW_MS);
  return new Response(`one ${item}`);
}

for (const port of [MESH_PORT, DIRECT_PORT]) {
  Bun.serve({ hostname: "::", port, fetch: (request) => answer(request, port) });
}
