import { describe, expect, test } from "bun:test";
import { readRoutingValue } from "../../../src/mesh/policy/routing-value.ts";

/** Where a request for `cart` goes, as text. */
function routed(value: string, host = "cart"): string {
  const result = readRoutingValue(value, host);
  return typeof result === "string" ? result : `${result.isIp ? "address" : "name"} ${result.text}`;
}

describe("a routing value", () => {
  // biome-ignore format: one row a line
  const rows: [label: string, value: string, expected: string][] = [
    ["names a host and, without a port, port 80", "cart=cart-v2", "name cart-v2:80"],
    ["names a host and a port", "cart=cart-v2.shop:8080", "name cart-v2.shop:8080"],
    ["has several pairs, of which the one for the host counts", "a=b,cart=c:1,d=e", "name c:1"],
    ["counts from the left", "cart=one,cart=two", "name one:80"],
    ["may have spaces around its parts", " a = b , cart =  c:1 ", "name c:1"],
    ["may name an IPv4 address", "cart=10.0.0.7:81", "address 10.0.0.7:81"],
    ["may name an IPv6 address in brackets", "cart=[FD00:0::7]", "address [fd00::7]:80"],
    ["may name an IPv6 address and a port", "cart=[fd00::7]:81", "address [fd00::7]:81"],
    ["may map an IPv4 address into IPv6", "cart=[::ffff:10.0.0.7]", "address 10.0.0.7:80"],
    ["may map it in hexadecimal", "cart=[::ffff:7f00:1]", "address 127.0.0.1:80"],
    ["may write names in any case", "CART=Cart-V2", "name cart-v2:80"],
    ["leaves a request for another host alone", "other=cart-v2", "unchanged"],
    ["leaves a request alone that it sends where it goes", "cart=cart", "loop"],
    ["knows that from the port too", "cart=CART:80", "loop"],
    ["may send it to another port of the same host", "cart=cart:81", "name cart:81"],
    ["is read up to the pair for the host, as in 0.10", "cart=c,nonsense", "name c:80"],
    ["without an equals sign is malformed", "cart", "malformed"],
    ["with a pair without one before the host's is malformed", "nonsense,cart=c", "malformed"],
    ["with a comma at its end is malformed for other hosts, as in 0.10", "a=b,", "malformed"],
    ["without a destination is malformed", "cart=", "malformed"],
    ["with two equals signs in a pair is malformed", "cart=a=b", "malformed"],
    ["with port 0 is malformed", "cart=c:0", "malformed"],
    ["with a port above 65535 is malformed", "cart=c:65536", "malformed"],
    ["with an empty port is malformed", "cart=c:", "malformed"],
    ["with an IPv6 address without brackets is malformed", "cart=fd00::7", "malformed"],
    ["with brackets around anything else is malformed", "cart=[1:2:3]", "malformed"],
    ["with an address that is none is malformed", "cart=10.0.0.256", "malformed"],
    ["with an address that some would read as octal is malformed", "cart=012.0.0.7", "malformed"],
    ["with a URL is malformed", "cart=http://c/", "malformed"],
    ["with a destination longer than a name is malformed", `cart=${"c".repeat(254)}`, "malformed"],
  ];
  test.each(rows)("%s: %s", (_, value, expected) => {
    expect(routed(value)).toBe(expected);
  });

  test("names the port if the request's Host names it", () => {
    expect([routed("cart=c", "cart:8080"), routed("cart:8080=c", "cart:8080")]).toEqual([
      "unchanged",
      "name c:80",
    ]);
  });

  test("may name an IPv6 host as it stands in the request", () => {
    expect(routed("[fd00::1]:81=c", "[fd00::1]:81")).toBe("name c:80");
  });

  test("never fits a request without a host", () => {
    expect(routed("=c", "")).toBe("unchanged");
  });
});
