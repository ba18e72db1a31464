/** What is renewed when, and that nobody is ever served a certificate that he does not trust. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { type Material, renew } from "../../src/webhook/material.ts";
import { isTrusted } from "./support/certificates.ts";

/** Keys are made by the hundred, on a machine that may be busy. */
setDefaultTimeout(60_000);

const NAME = "injector.mesh.svc";
const START = new Date("2026-01-01T00:00:00Z");
const daysLater = (days: number) => new Date(START.getTime() + days * 86_400_000);
const authoritiesIn = ({ authorities }: Material) => authorities.match(/BEGIN CERTIFICATE/g)!.length;

const first = renew(null, NAME, START);

test("at first everything is new, and trusted", () => {
  expect(isTrusted(first.certificate, first.authorities, NAME, START)).toBeTrue();
});

test("what holds for long enough stays", () => {
  expect(renew(first, NAME, daysLater(59))).toBe(first);
});

test("a certificate is renewed at two thirds of its life, by the same authority, so that all trust it", () => {
  const second = renew(first, NAME, daysLater(61));
  expect(second.certificate).not.toBe(first.certificate);
  expect([second.authorities, second.authorityKey]).toEqual([first.authorities, first.authorityKey]);
  expect(isTrusted(second.certificate, first.authorities, NAME, daysLater(61))).toBeTrue();
  expect(isTrusted(first.certificate, first.authorities, NAME, daysLater(61))).toBeTrue();
});

test("an authority is renewed at two thirds of its life; the old one is trusted until it expires", () => {
  const before = renew(first, NAME, daysLater(2400));
  const after = renew(before, NAME, daysLater(2440));
  expect([before, after].map(authoritiesIn)).toEqual([1, 2]);
  expect(isTrusted(before.certificate, after.authorities, NAME, daysLater(2440))).toBeTrue();
  expect(isTrusted(after.certificate, after.authorities, NAME, daysLater(2440))).toBeTrue();
  expect(isTrusted(after.certificate, before.authorities, NAME, daysLater(2440))).toBeFalse();
});

test("over thirty years of looks every day, each certificate is trusted by what was trusted the day before", () => {
  let [material, renewals] = [first, 0];
  for (let day = 1; day < 365 * 30; day++) {
    const next = renew(material, NAME, daysLater(day));
    if (next === material) continue;
    renewals++;
    const { validFromDate, validToDate } = new X509Certificate(next.certificate);
    expect(validFromDate < daysLater(day) && daysLater(day) < validToDate).toBeTrue();
    const issuers = next.authorities
      .split(/(?<=END CERTIFICATE-----)\n/)
      .filter(Boolean)
      .map((pem) => new X509Certificate(pem));
    expect(new X509Certificate(next.certificate).verify(issuers[0]!.publicKey)).toBeTrue();
    expect(
      issuers.some(({ publicKey }) => new X509Certificate(material.certificate).verify(publicKey)),
    ).toBeTrue();
    expect(issuers.length).toBeLessThanOrEqual(2);
    material = next;
  }
  expect(renewals).toBeGreaterThan(180);
});

describe("what cannot be used is replaced:", () => {
  const other = renew(null, NAME, START);
  test.each<[string, Material]>([
    ["texts that are no certificates", { authorities: "a", authorityKey: "b", certificate: "c", key: "d" }],
    ["a key of another certificate", { ...first, key: other.key }],
    ["an authority's key of another", { ...first, authorityKey: other.authorityKey }],
    ["a certificate of another authority", { ...first, certificate: other.certificate, key: other.key }],
    ["a certificate for another name", renew(null, "other.mesh.svc", START)],
    ["a certificate from the future", renew(null, NAME, daysLater(100))],
  ])("%s", (_, broken) => {
    const mended = renew(broken, NAME, START);
    expect(mended.certificate).not.toBe(broken.certificate);
    expect(isTrusted(mended.certificate, mended.authorities, NAME, START)).toBeTrue();
  });
});
