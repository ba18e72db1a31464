import { expect, test } from "bun:test";
import { shownEndpoint, strategyUrl } from "../../../src/trace/sampler/endpoint.ts";

test.each([
  ["a plain endpoint", "http://a:5778/sampling", "svc", "http://a:5778/sampling?service=svc"],
  ["a host alone", "http://a", "svc", "http://a/?service=svc"],
  ["an endpoint with a query", "https://a/s?token=1", "svc", "https://a/s?token=1&service=svc"],
  ["an endpoint with user and password", "http://u:p@a/s", "svc", "http://u:p@a/s?service=svc"],
  [
    "a service with signs that mean something",
    "http://a/s",
    "a&b=c d/ä",
    "http://a/s?service=a%26b%3Dc%20d%2F%C3%A4",
  ],
])("%s is asked for the service's strategy", (_label, endpoint, service, url) => {
  expect(strategyUrl(endpoint, service)).toBe(url);
});

test("user, password and query do not get into the log", () => {
  expect(shownEndpoint("https://user:secret@a:1/s?token=secret")).toBe("https://a:1/s");
});
