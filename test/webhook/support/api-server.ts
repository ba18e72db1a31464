/**
 * As much of an API server as the injector talks to, over TLS: one Secret and one MutatingWebhookConfiguration with
 * versions, strategic merge patches, tokens, RBAC of the manifests.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CERTIFICATE, PRIVATE_KEY } from "../../trace/support/certificate.ts";

interface WebhookEntry {
  readonly name: string;
  readonly clientConfig: { caBundle?: string };
}

interface SecretPatch {
  readonly metadata: { readonly resourceVersion: string };
  readonly data: Readonly<Record<string, string>>;
}

interface ConfigurationPatch {
  readonly webhooks: readonly WebhookEntry[];
}

export interface FakeApiServer {
  readonly port: number;
  /** Data of the Secret. */
  data: Record<string, string>;
  readonly webhooks: WebhookEntry[];
  /** `METHOD path` of every request that was let in. */
  readonly requests: string[];
  token: string;
  minor: string;
  stop(): Promise<void>;
}

export const NAMESPACE = "netramesh";
export const NAME = "netramesh-injector";
const SECRET = `/api/v1/namespaces/${NAMESPACE}/secrets/${NAME}`;
const CONFIGURATION = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${NAME}`;

/** Listens on a free port of the loopback. */
export function startApiServer(): FakeApiServer {
  let version = 1;
  const webhooks = ["namespace", "pod"].map((name) => ({ name: `${name}.netramesh.io`, clientConfig: {} }));
  const fake = { data: {}, webhooks, requests: [] as string[], token: "secret-token", minor: "33" };
  const state: Omit<FakeApiServer, "port" | "stop"> = fake;

  function patchSecret({ metadata, data }: SecretPatch) {
    if (metadata.resourceVersion !== `${version}`) return status(409);
    Object.assign(state.data, data);
    version++;
    return Response.json({});
  }

  function patchConfiguration(patch: ConfigurationPatch) {
    for (const { name, clientConfig } of patch.webhooks) {
      Object.assign(webhooks.find((webhook) => webhook.name === name)!.clientConfig, clientConfig);
    }
    return Response.json({});
  }

  const server = Bun.serve({
    port: 0,
    hostname: "localhost",
    tls: { key: PRIVATE_KEY, cert: CERTIFICATE },
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (request.headers.get("authorization") !== `Bearer ${state.token}`) return status(401);
      state.requests.push(`${request.method} ${pathname}`);
      if (request.method === "GET") {
        if (pathname === "/version") return Response.json({ major: "1", minor: state.minor });
        if (pathname === SECRET)
          return Response.json({ metadata: { resourceVersion: `${version}` }, data: state.data });
        if (pathname === CONFIGURATION) return Response.json({ webhooks });
      }
      const type = request.headers.get("content-type");
      if (request.method === "PATCH" && type === "application/strategic-merge-patch+json") {
        if (pathname === SECRET) return patchSecret((await request.json()) as SecretPatch);
        if (pathname === CONFIGURATION)
          return patchConfiguration((await request.json()) as ConfigurationPatch);
      }
      return status(403);
    },
  });
  return Object.assign(state, { port: server.port!, stop: () => server.stop(true) });
}

function status(code: number): Response {
  return Response.json({ kind: "Status", code }, { status: code });
}

/** What Kubernetes mounts into the injector's pod, in `folder`. */
export function writeCredentials(folder: string, { token }: { token: string }): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "token"), token);
  writeFileSync(join(folder, "namespace"), NAMESPACE);
  writeFileSync(join(folder, "ca.crt"), CERTIFICATE);
}
