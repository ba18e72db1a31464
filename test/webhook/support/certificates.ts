import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What openssl makes of a certificate: its verdict, and on request a description. */
export function openssl(files: Readonly<Record<string, string>>, ...args: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "netramesh-openssl-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { stdout, stderr } = Bun.spawnSync(["openssl", ...args], { cwd: folder });
    return stdout.toString() + stderr.toString();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whether openssl, at its strictest, takes `certificate` for a server named `dnsName`. */
export function isTrusted(certificate: string, authorities: string, dnsName: string, at: Date): boolean {
  const time = String(Math.floor(at.getTime() / 1000));
  const options = ["-x509_strict", "-purpose", "sslserver", "-verify_hostname", dnsName, "-attime", time];
  const verdict = openssl(
    { "ca.pem": authorities, "server.pem": certificate },
    "verify",
    ...options,
    "-CAfile",
    "ca.pem",
    "server.pem",
  );
  return verdict === "server.pem: OK\n";
}
