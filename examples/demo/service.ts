/**
 * One of the applications: `service.ts NAME [NEXT_IP]`. Nothing in it knows of tracing. The one courtesy it does its
 * sidecar is to copy one header, which chain.ts names, from the request it got to the request it makes.
 *
 *     front /order/ITEM → cart /reserve/ITEM → stock /pick/ITEM → shelf /take/ITEM
 *
 * It answers on two ports alike: the rules of its pod lead MESH_PORT through the sidecar, DIRECT_PORT past it.
 */
import { CHAIN, type Service } from "./chain.ts";
import { DIRECT_PORT, MESH_PORT } from "./ports.ts";

type Passed = Readonly<Record<string, string>>;

const SLOW_MS = 250;
const [, , name, nextIp] = process.argv;
const [self, next] = CHAIN.slice(CHAIN.findIndex((service) => service.name === name));

async function answer(request: Request, port: number): Promise<Response> {
  const item = new URL(request.url).pathname.split("/").at(-1)!;
  return next ? ask(next, item, passedOn(request), port) : take(item);
}

function passedOn({ headers }: Request): Passed {
  const header = self!.passesOn!;
  const value = headers.get(header);
  return value === null ? {} : { [header]: value };
}

/** Passes the question on. Pods here have no DNS, so the next service's name goes into Host by hand. */
async function ask(to: Service, item: string, passed: Passed, port: number): Promise<Response> {
  const headers = { Host: to.name, ...passed };
  const reply = await fetch(`http://${nextIp}:${port}/${to.verb}/${item}`, { headers });
  const said = await reply.text();
  return reply.ok ? new Response(`${name}: ${said}`) : new Response(`${to.name} failed`, { status: 502 });
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
