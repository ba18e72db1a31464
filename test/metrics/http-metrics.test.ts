import { describe, expect, test } from "bun:test";
import { request, response, TRACE_ID, Traffic } from "./traffic.ts";

const SERVER = "http_server_request_duration_seconds";
const CLIENT = "http_client_request_duration_seconds";
const OK = 'http_response_status_code="200"';

describe("requests to the application", () => {
  test("are told apart by method, route, status and error", () => {
    const traffic = new Traffic()
      .exchange("/cart/17")
      .exchange("/cart/18")
      .exchange("/cart/17", { method: "DELETE", status: 204 })
      .exchange("/cart/17", { status: 404 })
      .exchange("/cart/17", { status: 503 });
    expect(traffic.series(SERVER)).toEqual([
      `http_request_method="GET",http_route="/cart/{id}",${OK} 2`,
      'http_request_method="DELETE",http_route="/cart/{id}",http_response_status_code="204" 1',
      'http_request_method="GET",http_route="/cart/{id}",http_response_status_code="404" 1',
      'http_request_method="GET",http_route="/cart/{id}",http_response_status_code="503",error_type="503" 1',
    ]);
    expect(traffic.series(CLIENT)).toEqual([]);
  });

  test("take as long as from their head to the end of the response", () => {
    const text = new Traffic().exchange("/", { ms: 3 }).exchange("/", { ms: 2500 }).scrape();
    const labels = `http_request_method="GET",http_route="/",url_scheme="http",network_protocol_version="1.1",${OK}`;
    expect(text).toContain(
      `${SERVER}_bucket{${labels},le="0.0025"} 0\n${SERVER}_bucket{${labels},le="0.005"} 1\n`,
    );
    expect(text).toContain(
      `${SERVER}_bucket{${labels},le="1.0"} 1\n${SERVER}_bucket{${labels},le="2.5"} 2\n`,
    );
    expect(text).toContain(`${SERVER}_sum{${labels}} 2.503\n`);
  });

  test("have the version of HTTP that the client speaks", () => {
    const text = new Traffic().exchange("/", { version: "1.0" }).scrape();
    expect(text).toContain('network_protocol_version="1.0"');
  });

  test("of an unknown method count as _OTHER", () => {
    const traffic = new Traffic().exchange("/", { method: "BREW" }).exchange("/", { method: "GETS" });
    expect(traffic.series(SERVER)).toEqual([`http_request_method="_OTHER",http_route="/",${OK} 2`]);
  });

  test("that nobody answered count with what went wrong", () => {
    const traffic = new Traffic()
      .exchange("/a")
      .broken("/a", "upstream-reset")
      .broken("/a", "client-reset")
      .broken("/a", "connect-failed");
    expect(traffic.series(SERVER)).toEqual([
      `http_request_method="GET",http_route="/a",${OK} 1`,
      'http_request_method="GET",http_route="/a",error_type="aborted" 2',
      'http_request_method="GET",http_route="/a",error_type="client-left" 1',
    ]);
  });

  test("whose response breaks off keep their status", () => {
    const traffic = new Traffic().exchange("/a");
    const connection = traffic.open();
    connection.clientData(request("/a"));
    connection.upstreamData(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"));
    connection.closed("upstream-reset");
    expect(traffic.series(SERVER)[1]).toBe(
      `http_request_method="GET",http_route="/a",${OK},error_type="aborted" 1`,
    );
  });

  test("do not mind the query", () => {
    const traffic = new Traffic().exchange("/a?b=c").exchange("/a?b=d").exchange("/a");
    expect(traffic.series(SERVER)).toEqual([`http_request_method="GET",http_route="/a",${OK} 3`]);
  });

  test("that are not over are active, by method", () => {
    const traffic = new Traffic();
    const [first, second] = [traffic.open(), traffic.open()];
    first.clientData(request("/a"));
    first.clientData(request("/b"));
    second.clientData(request("/c", { method: "POST" }));
    const active = (method: string) =>
      new RegExp(
        `^http_server_active_requests\\{http_request_method="${method}",url_scheme="http"\\} (\\d)$`,
        "m",
      ).exec(traffic.scrape())?.[1];
    expect([active("GET"), active("POST")]).toEqual(["2", "1"]);
    first.upstreamData(response(200));
    second.closed("client-reset");
    expect([active("GET"), active("POST")]).toEqual(["1", "0"]);
  });
});

describe("a path becomes a route", () => {
  test("not by an answer that may mean it does not exist, nor by none", () => {
    const traffic = new Traffic()
      .exchange("/wp-login.php", { status: 404 })
      .exchange("/admin", { status: 403 })
      .broken("/never", "client-reset");
    expect(traffic.series(SERVER)).toEqual([
      'http_request_method="GET",http_response_status_code="404" 1',
      'http_request_method="GET",http_response_status_code="403" 1',
      'http_request_method="GET",error_type="client-left" 1',
    ]);
  });

  test("by any other, an error of the server too", () => {
    const traffic = new Traffic().exchange("/pay", { status: 500 }).exchange("/pay", { status: 402 });
    expect(traffic.series(SERVER)).toEqual([
      'http_request_method="GET",http_route="/pay",http_response_status_code="500",error_type="500" 1',
      'http_request_method="GET",http_route="/pay",http_response_status_code="402" 1',
    ]);
  });

  test("by the first such answer after a scrape, if the server said before that it does not know it", () => {
    const traffic = new Traffic().exchange("/login", { status: 401 }).exchange("/login");
    const unknown = 'http_request_method="GET",http_response_status_code';
    expect(traffic.series(SERVER)).toEqual([`${unknown}="401" 1`, `${unknown}="200" 1`]);
    expect(traffic.exchange("/login").series(SERVER)[2]).toBe(
      `http_request_method="GET",http_route="/login",${OK} 1`,
    );
  });

  test("never where that is not wanted", () => {
    const traffic = new Traffic({ withRoutes: false }).exchange("/a").exchange("/b");
    expect(traffic.series(SERVER)).toEqual([`http_request_method="GET",${OK} 2`]);
  });

  test("while requests for it are still on their way", () => {
    const traffic = new Traffic();
    const connections = [traffic.open(), traffic.open()];
    for (const connection of connections) connection.clientData(request("/slow/1"));
    for (const connection of connections) connection.upstreamData(response(200));
    expect(traffic.series(SERVER)).toEqual([`http_request_method="GET",http_route="/slow/{id}",${OK} 2`]);
  });
});

describe("requests of the application", () => {
  const outbound = "outbound" as const;

  test("are told apart by server, an error of the client is one too", () => {
    const traffic = new Traffic()
      .exchange("/a", { direction: outbound, host: "Cart.shop:81" })
      .exchange("/a", { direction: outbound, host: "cart.shop:81", status: 404 })
      .exchange("/a", { direction: outbound, host: "stock" })
      .exchange("/a", { direction: outbound, host: "[2001:db8::1]:9" });
    const asked = (server: string, port: number) =>
      `http_request_method="GET",http_route="/a",server_address="${server}",server_port="${port}"`;
    expect(traffic.series(CLIENT)).toEqual([
      `${asked("cart.shop", 81)},${OK} 1`,
      `${asked("cart.shop", 81)},http_response_status_code="404",error_type="404" 1`,
      `${asked("stock", 8080)},${OK} 1`,
      `${asked("[2001:db8::1]", 9)},${OK} 1`,
    ]);
    expect(traffic.series(SERVER)).toEqual([]);
  });

  test("to a server without a name are told by its address", () => {
    const traffic = new Traffic().exchange("/a", { direction: outbound, host: "" });
    expect(traffic.series(CLIENT)[0]).toContain('server_address="198.18.0.1",server_port="8080"');
  });

  test("to a server whose name cannot be one count as _other", () => {
    const traffic = new Traffic().exchange("/a", { direction: outbound, host: 'a"b' });
    expect(traffic.series(CLIENT)[0]).toContain('server_address="_other",server_port="_other"');
  });

  test("have routes of their own for each server", () => {
    const traffic = new Traffic();
    for (const host of ["a", "b"]) {
      for (const name of "abcdefghij") traffic.exchange(`/${name}`, { direction: outbound, host });
    }
    expect(traffic.series(CLIENT).filter((labels) => labels.includes("*"))).toEqual([]);
  });

  test.each([true, false])("to a hundred servers are told apart, routes or not (%p)", (withRoutes) => {
    const traffic = new Traffic({ withRoutes });
    for (let i = 0; i < 150; i++) traffic.exchange("/", { direction: outbound, host: `tenant${i}` });
    const series = traffic.series(CLIENT);
    expect(series.length).toBe(101);
    expect(series.at(-1)).toContain('server_address="_other",server_port="_other"');
    expect(series.at(-1)).toEndWith(" 50");
  });
});

describe("with more series than there may be", () => {
  /** Room for three, and six statuses. */
  function full(): Traffic {
    const traffic = new Traffic({ maxSeries: 3 });
    for (const status of [200, 201, 202, 203, 204, 500]) traffic.exchange("/a", { status });
    return traffic;
  }

  test("what comes later counts as _other, failed or not", () => {
    const other = 'http_request_method="_OTHER",http_route="_other",';
    expect(full().scrape()).toContain('network_protocol_version="_other"');
    expect(full().series(SERVER).slice(3)).toEqual([
      `${other}network_protocol_version="_other",http_response_status_code="_other" 2`,
      `${other}network_protocol_version="_other",http_response_status_code="_other",error_type="_other" 1`,
    ]);
  });

  test("the requests are counted that could not be told apart", () => {
    expect(full().metrics.bounded.map(({ dropped }) => dropped)).toEqual([3, 0]);
  });

  test("those that are known go on", () => {
    expect(full().exchange("/a", { status: 201 }).series(SERVER)[1]).toEndWith('"201" 2');
  });

  test("what was not used for a while makes room", () => {
    const traffic = full();
    traffic.nowUs += 601_000_000;
    traffic.exchange("/a", { status: 201 });
    expect(traffic.series(SERVER)).toEqual([
      'http_request_method="GET",http_route="/a",http_response_status_code="201" 2',
    ]);
    traffic.exchange("/b").exchange("/b", { status: 204 });
    expect(traffic.series(SERVER).slice(1)).toEqual([
      `http_request_method="GET",http_route="/b",${OK} 1`,
      'http_request_method="GET",http_route="/b",http_response_status_code="204" 1',
    ]);
  });

  test("requests for random names take no more than there may be", () => {
    const traffic = new Traffic({ maxSeries: 50 });
    for (let i = 0; i < 5000; i++) {
      const [a, b, c] = [i, i * 7, i * 13].map((n) =>
        n.toString(26).replace(/\d/g, (d) => "qrstuvwxyz"[Number(d)]!),
      );
      traffic.exchange(`/${a}/${b}/${c}`, { method: i % 2 ? "GET" : "PUT" });
    }
    const [server] = traffic.metrics.bounded;
    expect(server!.size).toBeLessThanOrEqual(52);
    expect([...server!.kinds.all].length).toBeLessThanOrEqual(51);
    const counted = traffic.series(SERVER).reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    expect(counted).toBe(5000);
  });
});

test("a request that is on its way while its series expires is counted as what it is", () => {
  const traffic = new Traffic().exchange("/slow");
  const connection = traffic.open();
  connection.clientData(request("/slow"));
  traffic.nowUs += 700_000_000;
  expect(traffic.series(SERVER)).toEqual([]);
  traffic.exchange("/other");
  connection.upstreamData(response(200));
  expect(traffic.series(SERVER)).toEqual([
    `http_request_method="GET",http_route="/other",${OK} 1`,
    `http_request_method="GET",http_route="/slow",${OK} 1`,
  ]);
});

test("a route that nobody asks for any more is forgotten", () => {
  const traffic = new Traffic();
  for (const name of "abcdefghijk") traffic.exchange(`/${name}`);
  expect(traffic.series(SERVER).at(-1)).toContain('http_route="/*"');
  traffic.nowUs += 601_000_000;
  traffic.scrape();
  expect(traffic.exchange("/new").series(SERVER)).toEqual([
    `http_request_method="GET",http_route="/new",${OK} 1`,
  ]);
});

test("sampled requests leave their trace where OpenMetrics shows it, others do not", () => {
  const sampled = new Traffic({}, true).exchange("/a", { ms: 30 });
  const exemplar = ` # {trace_id="${TRACE_ID}"} 0.03 1700000000.030\n`;
  expect(sampled.scrape("openmetrics")).toContain(`,le="0.05"} 1${exemplar}`);
  expect(sampled.scrape("openmetrics").split("# {").length).toBe(2);
  expect(sampled.scrape()).not.toContain("trace_id");
  expect(new Traffic().exchange("/a").scrape("openmetrics")).not.toContain("trace_id");
});

test("exemplars go with their series", () => {
  const traffic = new Traffic({}, true).exchange("/a");
  traffic.nowUs += 601_000_000;
  traffic.scrape();
  const connection = traffic.open();
  connection.clientData(request("/b"));
  traffic.nowUs += 80_000;
  connection.upstreamData(response(200));
  expect(traffic.scrape("openmetrics").match(/trace_id/g)).toHaveLength(1);
});

test("the first byte counts in each direction", () => {
  const traffic = new Traffic();
  const connection = traffic.open("outbound");
  connection.clientData(request("/"));
  traffic.nowUs += 20_000;
  connection.upstreamData(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n"));
  traffic.nowUs += 20_000;
  connection.upstreamData(Buffer.from("x"));
  const text = traffic.scrape();
  expect(text).toContain('netramesh_http_time_to_first_byte_seconds_sum{direction="outbound"} 0.02\n');
  expect(text).toContain('netramesh_http_time_to_first_byte_seconds_count{direction="inbound"} 0\n');
});

test("of one request in eight it is known how long the proxy took", () => {
  const traffic = new Traffic();
  for (let i = 0; i < 17; i++) traffic.exchange("/");
  expect(traffic.scrape()).toContain('netramesh_proxy_overhead_seconds_count{direction="inbound"} 3\n');
});

test("what observers take when a request has left does not count as the proxy's time", () => {
  const traffic = new Traffic();
  traffic.observers.unshift({
    requested: () => {
      traffic.nowUs += 1000;
    },
    ended: () => {},
  });
  traffic.exchange("/");
  expect(traffic.scrape()).toContain('netramesh_proxy_overhead_seconds_sum{direction="inbound"} 0\n');
});

test("a connection counts as HTTP once, by its first request", () => {
  const traffic = new Traffic();
  const connection = traffic.open();
  for (let i = 0; i < 3; i++) {
    connection.clientData(request("/"));
    connection.upstreamData(response(200));
  }
  traffic.open("outbound");
  expect([traffic.metrics.detected(0), traffic.metrics.detected(1)]).toEqual([1, 0]);
});

test("nothing of all this fails", () => {
  const traffic = new Traffic();
  traffic
    .exchange("*", { method: "OPTIONS" })
    .exchange("http://a/b")
    .exchange(`/${"x".repeat(5000)}`);
  traffic.exchange("shop:443", { method: "CONNECT", direction: "outbound", status: 502 });
  expect(traffic.bugs).toEqual([]);
  expect(traffic.series(SERVER)).toEqual([
    `http_request_method="OPTIONS",${OK} 1`,
    `http_request_method="GET",http_route="/b",${OK} 1`,
    `http_request_method="GET",http_route="/{id}",${OK} 1`,
  ]);
  expect(traffic.series(CLIENT)).toEqual([
    'http_request_method="CONNECT",server_address="shop",server_port="443",http_response_status_code="502",error_type="502" 1',
  ]);
});
