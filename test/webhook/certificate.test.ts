/** Certificates as others read them. */
import { expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { type Certified, createAuthority, issueCertificate } from "../../src/webhook/certificate.ts";
import { isTrusted, openssl } from "./support/certificates.ts";

const NAME = "injector.mesh.svc";
const VALIDITY = { from: new Date("2026-01-01T00:00:00Z"), to: new Date("2026-04-01T00:00:00Z") };
const authority = createAuthority("authority", VALIDITY);
const server = issueFor(NAME, authority);

function issueFor(name: string, { key }: Certified): Certified {
  return issueCertificate(name, VALIDITY, createPrivateKey(key), "authority");
}

test("openssl at its strictest trusts the certificate by its authority, for its name, as long as it is valid", () => {
  const within = new Date("2026-02-01T00:00:00Z");
  expect(isTrusted(server.certificate, authority.certificate, NAME, within)).toBeTrue();
  expect(isTrusted(server.certificate, authority.certificate, "other.mesh.svc", within)).toBeFalse();
  expect(isTrusted(server.certificate, authority.certificate, NAME, new Date("2026-05-01"))).toBeFalse();
  expect(isTrusted(server.certificate, authority.certificate, NAME, new Date("2025-12-01"))).toBeFalse();
});

test("openssl does not trust it by another authority of the same name", () => {
  const other = createAuthority("authority", VALIDITY);
  expect(isTrusted(server.certificate, other.certificate, NAME, VALIDITY.from)).toBeFalse();
});

test("openssl reads every field", () => {
  const show = ["x509", "-in", "file.pem", "-noout", "-subject", "-issuer", "-dates", "-ext"];
  const extensions = "basicConstraints,keyUsage,extendedKeyUsage,subjectAltName";
  expect(openssl({ "file.pem": server.certificate }, ...show, extensions)).toBe(
    `subject=CN = injector.mesh.svc
issuer=CN = authority
notBefore=Jan  1 00:00:00 2026 GMT
notAfter=Apr  1 00:00:00 2026 GMT
X509v3 Basic Constraints: critical
    CA:FALSE
X509v3 Key Usage: critical
    Digital Signature
X509v3 Extended Key Usage: 
    TLS Web Server Authentication
X509v3 Subject Alternative Name: 
    DNS:injector.mesh.svc
`,
  );
  expect(openssl({ "file.pem": authority.certificate }, ...show, "basicConstraints,keyUsage")).toContain(
    "CA:TRUE, pathlen:0\nX509v3 Key Usage: critical\n    Certificate Sign, CRL Sign\n",
  );
});

test.each(["a", "a".repeat(63), `${"a".repeat(63)}.${"b".repeat(63)}.svc`, `${"a.".repeat(100)}svc`])(
  "a name of any length is written: %s",
  (name) => {
    const { subjectAltName } = new X509Certificate(issueFor(name, authority).certificate);
    expect(subjectAltName).toBe(`DNS:${name}`);
  },
);

test("years from 2050 on are written with four digits", () => {
  const validity = { from: new Date("2049-12-31T23:59:59Z"), to: new Date("2050-01-01T00:00:00Z") };
  const { validFromDate, validToDate } = new X509Certificate(createAuthority("a", validity).certificate);
  expect([validFromDate, validToDate]).toEqual([validity.from, validity.to]);
});

test("every key and every serial number is another", () => {
  const serials = Array.from(
    { length: 20 },
    () => new X509Certificate(createAuthority("a", VALIDITY).certificate),
  );
  expect(new Set(serials.map(({ serialNumber }) => serialNumber)).size).toBe(20);
  expect(new Set(serials.map(({ fingerprint256 }) => fingerprint256)).size).toBe(20);
});
