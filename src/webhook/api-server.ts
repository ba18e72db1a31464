/** The cluster's API server, as far as the injector needs it: with the pod's own token, and the cluster's authority. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../env.ts";

/** Where Kubernetes mounts what a pod needs to speak to it. */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const TIMEOUT_MS = 10_000;

export interface ApiServer {
  /** `https://HOST:PORT`. */
  readonly url: string;
  /** Folder with `token` and `ca.crt`, both read again for every request: tokens are short-lived. */
  readonly credentials: string;
}

/** An answer that is no success. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The API server that the kubelet names in every pod's environment; null outside of a cluster. */
export function apiServerOf(environment: Environment): ApiServer | null {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = environment;
  if (!host) return null;
  const bracketed = host.includes(":") ? `[${host}]` : host;
  return { url: `https://${bracketed}:${port}`, credentials: SERVICE_ACCOUNT };
}

/** The namespace that the credentials are of. */
export function ownNamespace({ credentials }: ApiServer): string {
  return readFileSync(join(credentials, "namespace"), "utf8").trim();
}

export interface ApiRequest {
  readonly method: "GET" | "PATCH";
  readonly path: string;
  readonly body?: object;
}

/** Sends a request. Rejects with ApiError if the answer is no success, with another error if there is none. */
export async function ask<T>(server: ApiServer, { method, path, body }: ApiRequest): Promise<T> {
  const { url, credentials } = server;
  const read = (file: string) => readFileSync(join(credentials, file), "utf8");
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization: `Bearer ${read("token").trim()}`,
      accept: "application/json",
      "content-type": "application/strategic-merge-patch+json",
    },
    ...(body && { body: JSON.stringify(body) }),
    tls: { ca: read("ca.crt") },
    redirect: "error",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.ok) return (await response.json()) as T;
  await response.body?.cancel();
  throw new ApiError(response.status, `${method} ${path} was answered with ${response.status}`);
}
