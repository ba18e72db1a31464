import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FakeApiServer } from "./api-server.ts";
import { NAME, NAMESPACE } from "./api-server.ts";

export const HOST = `${NAME}.${NAMESPACE}.svc`;

export interface CallResult {
  /** curl's: 0 if there was an answer, 60 if the certificate is not trusted. */
  readonly exitCode: number;
  readonly status: number;
  readonly body: string;
}

/**
 * Calls the injector as the API server does: by the name of its Service, trusting only the caBundle of the
 * configuration. curl checks the certificate; it is no part of what is tested.
 */
export async function call(
  api: FakeApiServer,
  port: number,
  path: string,
  body?: string,
): Promise<CallResult> {
  const folder = mkdtempSync(join(tmpdir(), "netramesh-caller-"));
  const bundle = join(folder, "ca.pem");
  writeFileSync(bundle, Buffer.from(api.webhooks[0]!.clientConfig.caBundle ?? "", "base64"));
  const trust = ["--cacert", bundle, "--resolve", `${HOST}:${port}:127.0.0.1`];
  const post = body === undefined ? [] : ["--data-binary", "@-"];
  const options = ["-sS", "--max-time", "20", "--noproxy", "*", "-w", "\n%{http_code}"];
  const child = Bun.spawn(["curl", ...options, ...trust, ...post, `https://${HOST}:${port}${path}`], {
    stdio: [new Response(body ?? ""), "pipe", "ignore"],
  });
  const [text, exitCode] = await Promise.all([child.stdout.text(), child.exited]);
  rmSync(folder, { recursive: true });
  const [, answer = "", status = "0"] = /^(.*)\n(\d+)$/s.exec(text) ?? [];
  return { exitCode, status: Number(status), body: answer };
}

/** The certificate that a listener presents, PEM. */
export async function presented(port: number): Promise<string> {
  const client = `openssl s_client -connect 127.0.0.1:${port} </dev/null 2>/dev/null | openssl x509`;
  return Bun.spawn(["sh", "-c", client], { stdout: "pipe" }).stdout.text();
}
