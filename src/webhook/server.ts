/** HTTPS for the API server, and for the kubelet's probes. */
import type { Log } from "../log.ts";
import { type AdmissionPolicy, decide } from "./admission.ts";
import type { Material } from "./material.ts";

/** More than the API server takes for an object itself (3 MiB). */
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_PENDING = 128;
/** As long as the API server waits at most (timeoutSeconds): who sends for longer is somebody else. */
const BODY_TIMEOUT_MS = 5000;
const IDLE_TIMEOUT_S = 30;

export interface WebhookServer {
  readonly port: number;
  /** Serves new connections with another certificate; what is under way goes on. */
  renew(material: Material): void;
  /** Ends when what is under way has. */
  stop(): Promise<void>;
}

export interface Behaviour {
  readonly policy: AdmissionPolicy;
  readonly isReady: () => boolean;
  readonly log: Log;
}

/**
 * Listens on `port` (0: any that is free), all addresses. Bun cannot change the certificate of a listener, so another
 * one takes over its port.
 */
export function serve(port: number, material: Material, behaviour: Behaviour): WebhookServer {
  const listen = (at: number, { certificate, key }: Material) =>
    Bun.serve({
      port: at,
      hostname: "::",
      reusePort: true,
      tls: { cert: certificate, key },
      maxRequestBodySize: MAX_BODY_BYTES,
      idleTimeout: IDLE_TIMEOUT_S,
      fetch: (request, { pendingRequests }) => answer(request, pendingRequests > MAX_PENDING, behaviour),
      error: (error) => {
        behaviour.log.error(`internal error, going on: ${error.stack}`);
        return text(500, "internal error");
      },
    });
  let current = listen(port, material);
  return {
    port: current.port!,
    renew(next) {
      const previous = current;
      current = listen(previous.port!, next);
      void previous.stop();
    },
    stop: () => current.stop(),
  };
}

/** The kubelet is answered however many others ask: or else who floods the injector has it restarted. */
async function answer(
  request: Request,
  isFlooded: boolean,
  { policy, isReady, log }: Behaviour,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/live") return text(200, "live");
  if (pathname === "/ready") return isReady() ? text(200, "ready") : text(503, "not ready");
  if (pathname !== "/inject") return text(404, "there are /inject, /live and /ready");
  if (request.method !== "POST") return text(405, "POST an AdmissionReview");
  if (isFlooded) return text(503, "too many requests");
  const verdict = decide(await readJson(request), policy);
  if (verdict === null) return text(400, "this is no AdmissionReview of admission.k8s.io/v1");
  if (verdict.isProblem) log.warn(verdict.line);
  else log.info(verdict.line);
  return Response.json(verdict.review);
}

/** Undefined if it is no JSON, ends early, or takes too long. */
async function readJson(request: Request): Promise<unknown> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, BODY_TIMEOUT_MS);
  try {
    return await Promise.race([request.json(), late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function text(status: number, body: string): Response {
  return new Response(`${body}\n`, { status });
}
