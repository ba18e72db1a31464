/**
 * Conntrack forgets a half-closed connection after a minute (here 3 s), and with it where redirected packets belong.
 * A peer that answers later than that must still be heard.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Lab } from "../../examples/lab/namespaces.ts";
import type { Pod } from "../../examples/lab/pod.ts";
import { HTTP_PORT, OPAQUE_PORT, openLab, startMeshed, TEST_TIMEOUT_MS } from "./harness.ts";
import { link, Server } from "./wire.ts";

setDefaultTimeout(TEST_TIMEOUT_MS);

const EXPIRY_SECONDS = 3;
const SILENCE_MS = 9000;
const TIMEOUTS = ["close_wait", "fin_wait", "last_ack", "close"];

let lab: Lab;
let pod: Pod;
let outside: Pod;
const servers: Server[] = [];

beforeAll(async () => {
  lab = openLab("silence");
  pod = lab.pod("pod");
  outside = lab.pod("outside");
  for (const state of TIMEOUTS) {
    pod.sysctl(`net.netfilter.nf_conntrack_tcp_timeout_${state}`, EXPIRY_SECONDS);
  }
  await startMeshed(pod);
});
afterAll(() => {
  for (const server of servers) server.close();
  lab.close();
});

function serve(place: Pod, port: number): Server {
  const server = new Server(place, port);
  servers.push(server);
  return server;
}

async function answersLate(from: Pod, to: Pod, ip: string, port: number, early: "client" | "server") {
  const ends = await link(from, ip, port, serve(to, port));
  const [first, second] = early === "client" ? [ends.client, ends.server] : [ends.server, ends.client];
  first.send("early").fin();
  await second.over();
  await Bun.sleep(SILENCE_MS);
  second.send("late").fin();
  await first.until(({ ending }) => ending !== "open");
  return `${first.text}, ${first.ending}`;
}

test("an answer that comes 9 s after the other end's FIN arrives, in all directions at once", async () => {
  const answers = await Promise.all([
    answersLate(outside, pod, pod.ip4, OPAQUE_PORT, "client"),
    answersLate(outside, pod, pod.ip6, HTTP_PORT, "client"),
    answersLate(outside, pod, pod.ip6, OPAQUE_PORT + 1, "server"),
    answersLate(pod, outside, outside.ip4, OPAQUE_PORT, "client"),
    answersLate(pod, outside, outside.ip6, HTTP_PORT, "client"),
    answersLate(pod, outside, outside.ip6, OPAQUE_PORT + 1, "server"),
  ]);
  for (const answer of answers) expect(answer).toBe("late, fin");
});
