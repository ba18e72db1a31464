/**
 * What replicas share in a Secret: an authority with its key, and a certificate for the server. Both are renewed at two
 * thirds of their life. A renewed server certificate is trusted by all who trust the authority; a renewed authority is
 * trusted beside the old one until that expires. So at no moment is a certificate served that nobody trusts.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createAuthority, issueCertificate, type Validity } from "./certificate.ts";

export interface Material {
  /** PEM of the authorities to trust, the one that signs first. */
  readonly authorities: string;
  readonly authorityKey: string;
  /** PEM of the server's certificate and key. */
  readonly certificate: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;
const AUTHORITY_LIFE_MS = 3650 * DAY_MS;
const CERTIFICATE_LIFE_MS = 90 * DAY_MS;
/** Clocks differ between machines. */
const BACKDATED_MS = 3_600_000;
const AUTHORITY_NAME = "netramesh injector";

/** What to use at `now`: `current` as long as all of it holds for long enough, else with what is renewed. */
export function renew(current: Material | null, dnsName: string, now: Date): Material {
  const kept = current !== null && isSound(current, dnsName) ? current : null;
  const authority = kept !== null && isYoung(firstOf(kept.authorities), now) ? kept : newAuthority(kept, now);
  if (authority === kept && isYoung(new X509Certificate(kept.certificate), now)) return kept;
  const validity = validityFrom(now, CERTIFICATE_LIFE_MS);
  const signer = createPrivateKey(authority.authorityKey);
  return {
    ...authority,
    ...issueCertificate(dnsName, validity, signer, commonNameOf(authority.authorities)),
  };
}

/** A new authority before those that still hold. */
function newAuthority(kept: Material | null, now: Date): Pick<Material, "authorities" | "authorityKey"> {
  const validity = validityFrom(now, AUTHORITY_LIFE_MS);
  // A name of its own for each, or else clients may check with the wrong key.
  const { certificate, key } = createAuthority(
    `${AUTHORITY_NAME} ${now.toISOString().slice(0, 19)}Z`,
    validity,
  );
  const older = splitPem(kept?.authorities ?? "").filter((pem) => new X509Certificate(pem).validToDate > now);
  return { authorities: [certificate, ...older].join(""), authorityKey: key };
}

function validityFrom(now: Date, lifeMs: number): Validity {
  return { from: new Date(now.getTime() - BACKDATED_MS), to: new Date(now.getTime() + lifeMs) };
}

/** Less than two thirds of its life have passed, and it has begun. */
function isYoung({ validFromDate, validToDate }: X509Certificate, now: Date): boolean {
  const [from, to] = [validFromDate.getTime(), validToDate.getTime()];
  return from <= now.getTime() && now.getTime() < from + ((to - from) * 2) / 3;
}

/** Whether the parts belong together and to `dnsName`; a person may have edited the Secret. */
function isSound({ authorities, authorityKey, certificate, key }: Material, dnsName: string): boolean {
  try {
    const [authority, server] = [firstOf(authorities), new X509Certificate(certificate)];
    return (
      authority.checkPrivateKey(createPrivateKey(authorityKey)) &&
      server.checkPrivateKey(createPrivateKey(key)) &&
      server.verify(authority.publicKey) &&
      server.checkHost(dnsName) === dnsName
    );
  } catch {
    return false;
  }
}

function firstOf(pems: string): X509Certificate {
  return new X509Certificate(splitPem(pems)[0]!);
}

function commonNameOf(pems: string): string {
  return /^CN=(.*)$/m.exec(firstOf(pems).subject)![1]!;
}

function splitPem(pems: string): string[] {
  return pems.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n/g) ?? [];
}
