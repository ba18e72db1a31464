/**
 * The two certificates (RFC 5280) that a webhook needs: an authority of its own, and one for its server signed by that.
 * Written here because node:crypto only reads them and the libraries that write them are larger than the rest of the
 * webhook; keys and signatures (ECDSA with P-256 and SHA-256, RFC 5758) are node:crypto's.
 */
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { bits, explicit, implicit, integer, octets, oid, sequence, set, TRUE, time, utf8 } from "./der.ts";

/** A certificate with its key, both PEM. */
export interface Certified {
  readonly certificate: string;
  readonly key: string;
}

export interface Validity {
  readonly from: Date;
  readonly to: Date;
}

const ECDSA_WITH_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));
const COMMON_NAME = oid("2.5.4.3");

/** An authority that signs itself. */
export function createAuthority(name: string, validity: Validity): Certified {
  const { publicKey, privateKey } = newKeys();
  const extensions = [
    extension("2.5.29.19", sequence(TRUE, integer(Uint8Array.of(0))), "critical"),
    // keyCertSign and cRLSign.
    extension("2.5.29.15", bits(Uint8Array.of(0b0000_0110), 1), "critical"),
    extension("2.5.29.14", octets(keyId(publicKey))),
  ];
  return certify({ subject: name, issuer: name, publicKey, validity, extensions }, privateKey, privateKey);
}

/** A server's certificate, for one DNS name, signed by `authority`, whose name is `issuer`. */
export function issueCertificate(
  dnsName: string,
  validity: Validity,
  authority: KeyObject,
  issuer: string,
): Certified {
  const { publicKey, privateKey } = newKeys();
  const extensions = [
    extension("2.5.29.19", sequence(), "critical"),
    // digitalSignature.
    extension("2.5.29.15", bits(Uint8Array.of(0b1000_0000), 7), "critical"),
    extension("2.5.29.37", sequence(oid("1.3.6.1.5.5.7.3.1"))),
    extension("2.5.29.17", sequence(implicit(2, Buffer.from(dnsName)))),
    extension("2.5.29.14", octets(keyId(publicKey))),
    extension("2.5.29.35", sequence(implicit(0, keyId(createPublicKey(authority))))),
  ];
  // A common name has at most 64 characters (RFC 5280 appendix A.1); clients look at the extension.
  const subject = dnsName.slice(0, 64);
  return certify({ subject, issuer, publicKey, validity, extensions }, privateKey, authority);
}

function newKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "prime256v1" });
}

/** What tells keys apart (RFC 5280 section 4.2.1.2, method of RFC 7093). */
function keyId(publicKey: KeyObject): Uint8Array {
  return createHash("sha256").update(toSpki(publicKey)).digest().subarray(0, 20);
}

function toSpki(publicKey: KeyObject): Uint8Array {
  return publicKey.export({ type: "spki", format: "der" });
}

interface Content {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly validity: Validity;
  readonly extensions: readonly Uint8Array[];
}

function certify(content: Content, key: KeyObject, signer: KeyObject): Certified {
  const signed = toBeSigned(content);
  const signature = sign("sha256", signed, signer);
  return {
    certificate: toPem("CERTIFICATE", sequence(signed, ECDSA_WITH_SHA256, bits(signature))),
    key: key.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** TBSCertificate, RFC 5280 section 4.1.2. */
function toBeSigned({ subject, issuer, publicKey, validity, extensions }: Content): Uint8Array {
  const version3 = explicit(0, integer(Uint8Array.of(2)));
  return sequence(
    version3,
    integer(serialNumber()),
    ECDSA_WITH_SHA256,
    nameOf(issuer),
    sequence(time(validity.from), time(validity.to)),
    nameOf(subject),
    toSpki(publicKey),
    explicit(3, sequence(...extensions)),
  );
}

/** Random, never zero, and no more than twenty bytes (RFC 5280 section 4.1.2.2). */
function serialNumber(): Uint8Array {
  const bytes = randomBytes(16);
  bytes[0] = 0x40 | (bytes[0]! & 0x3f);
  return bytes;
}

function nameOf(commonName: string): Uint8Array {
  return sequence(set(sequence(COMMON_NAME, utf8(commonName))));
}

function extension(id: string, value: Uint8Array, critical?: "critical"): Uint8Array {
  return sequence(oid(id), ...(critical ? [TRUE] : []), octets(value));
}

function toPem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString("base64")
    .match(/.{1,64}/g)!;
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
