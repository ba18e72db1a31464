/** A self-signed certificate for the servers of one world, made by openssl. */
import { chownSync } from "node:fs";
import { join } from "node:path";
import { SOFTWARE } from "./software.ts";
import type { World } from "./worlds.ts";

/** The host name it is for. */
export const HOST = "site";

/** Where the certificate is, and its key. */
export function certificate({ dir }: World): { cert: string; key: string } {
  return { cert: join(dir, "cert.pem"), key: join(dir, "key.pem") };
}

/** Makes both files. Throws if openssl cannot. */
export async function makeCertificate(world: World): Promise<void> {
  const { cert, key } = certificate(world);
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", `/CN=${HOST}`];
  const names = ["-addext", `subjectAltName=DNS:${HOST}`];
  const command = ["openssl", "req", "-x509", ...kind, ...names, "-keyout", key, "-out", cert];
  const openssl = Bun.spawn(command, { stderr: "ignore" });
  if ((await openssl.exited) !== 0) throw new Error("openssl made no certificate");
  for (const file of [cert, key]) chownSync(file, SOFTWARE.uid, SOFTWARE.gid);
}
