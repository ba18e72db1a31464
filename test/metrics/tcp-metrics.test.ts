import { expect, test } from "bun:test";
import { Exposition } from "../../src/metrics/exposition.ts";
import { TcpMetrics } from "../../src/metrics/tcp-metrics.ts";
import type { Connection, Direction } from "../../src/proxy/handler.ts";
import { connInfo } from "../mesh/conversation.ts";

type Open = { -readonly [K in keyof Connection]: Connection[K] };

function connection(direction: Direction, isFollowed: boolean): Open {
  return {
    info: connInfo(direction),
    isFollowed,
    openedAtMs: 0,
    state: "open",
    clientBytes: 0,
    upstreamBytes: 0,
  };
}

function scrape(metrics: TcpMetrics, live: readonly Connection[]): string {
  const out = new Exposition("prometheus");
  metrics.write(out, live);
  return Buffer.from(out.end()).toString();
}

const INBOUND_TCP = '{direction="inbound",protocol="tcp"}';
const OUTBOUND_HTTP = '{direction="outbound",protocol="http"}';

test("connections are told apart by direction and by how they were treated from the beginning", () => {
  const metrics = new TcpMetrics();
  const live = [connection("inbound", false), connection("inbound", false), connection("outbound", true)];
  for (const each of live) metrics.opened(each);
  metrics.closed(live.pop()!, "ended");
  const text = scrape(metrics, live);
  expect(text).toContain(`netramesh_tcp_connections_opened_total${INBOUND_TCP} 2\n`);
  expect(text).toContain(`netramesh_tcp_open_connections${INBOUND_TCP} 2\n`);
  expect(text).toContain(`netramesh_tcp_connections_opened_total${OUTBOUND_HTTP} 1\n`);
  expect(text).toContain(`netramesh_tcp_open_connections${OUTBOUND_HTTP} 0\n`);
  expect([metrics.opaque(0), metrics.opaque(1)]).toEqual([2, 0]);
});

test("every reason to close has a counter from the beginning", () => {
  const metrics = new TcpMetrics();
  metrics.opened(connection("inbound", false));
  metrics.closed(connection("inbound", false), "connect-failed");
  const closed = [
    ...scrape(metrics, []).matchAll(/^netramesh_tcp_connections_closed_total\{.*"inbound".*"tcp".*/gm),
  ];
  expect(closed.map(([line]) => line.replace(/.*reason=/, ""))).toEqual([
    '"ended"} 0',
    '"client-reset"} 0',
    '"upstream-reset"} 0',
    '"connect-failed"} 1',
    '"aborted"} 0',
  ]);
});

test("bytes count while a connection is open, and go on counting once it is closed", () => {
  const metrics = new TcpMetrics();
  const [first, second] = [connection("inbound", false), connection("inbound", false)];
  metrics.opened(first);
  metrics.opened(second);
  first.clientBytes = 10;
  first.upstreamBytes = 200;
  second.clientBytes = 1;
  const before = scrape(metrics, [first, second]);
  expect(before).toContain(`netramesh_tcp_received_bytes_total${INBOUND_TCP} 11\n`);
  expect(before).toContain(`netramesh_tcp_sent_bytes_total${INBOUND_TCP} 200\n`);
  first.clientBytes = 15;
  metrics.closed(first, "ended");
  expect(scrape(metrics, [second])).toContain(`netramesh_tcp_received_bytes_total${INBOUND_TCP} 16\n`);
});

test("dials are counted with their duration", () => {
  const metrics = new TcpMetrics();
  metrics.connected(connection("outbound", true), 12.5);
  const text = scrape(metrics, []);
  expect(text).toContain('netramesh_upstream_connect_duration_seconds_sum{direction="outbound"} 0.0125\n');
  expect(text).toContain('netramesh_upstream_connect_duration_seconds_count{direction="inbound"} 0\n');
});
