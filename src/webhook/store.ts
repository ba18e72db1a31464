/** The objects of the cluster that the injector keeps: the Secret with its certificates, and who may call it. */
import { type ApiServer, ask } from "./api-server.ts";
import type { Material } from "./material.ts";

/** A Secret as read; to write it, what was read must still be there. */
export interface Stored {
  readonly material: Material | null;
  readonly version: string;
}

/** Where certificates are kept. Every method rejects if the API server does not do it. */
export interface Store {
  read(): Promise<Stored>;
  /** Rejects with ApiError 409 if another replica wrote since `version` was read. */
  write(material: Material, version: string): Promise<void>;
  /** Makes the API server trust `authorities` when it calls the webhook. */
  trust(authorities: string): Promise<void>;
}

interface Secret {
  readonly metadata: { readonly resourceVersion: string };
  readonly data?: Readonly<Record<string, string>>;
}

interface Configuration {
  readonly webhooks?: readonly {
    readonly name: string;
    readonly clientConfig: { readonly caBundle?: string };
  }[];
}

/** Key of the Secret → part of the material. */
const KEYS = {
  "ca.crt": "authorities",
  "ca.key": "authorityKey",
  "tls.crt": "certificate",
  "tls.key": "key",
} as const satisfies Record<string, keyof Material>;

/** `name` is that of the Secret and of the MutatingWebhookConfiguration. Both exist: the manifests bring them. */
export function createStore(server: ApiServer, namespace: string, name: string): Store {
  const secret = `/api/v1/namespaces/${namespace}/secrets/${name}`;
  const configuration = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${name}`;
  return {
    async read() {
      const { data = {}, metadata } = await ask<Secret>(server, { method: "GET", path: secret });
      return { material: decode(data), version: metadata.resourceVersion };
    },
    async write(material, version) {
      // In a patch the version is a condition.
      const body = { metadata: { resourceVersion: version }, data: encode(material) };
      await ask(server, { method: "PATCH", path: secret, body });
    },
    async trust(authorities) {
      const caBundle = toBase64(authorities);
      const { webhooks = [] } = await ask<Configuration>(server, { method: "GET", path: configuration });
      const changed = webhooks.filter(({ clientConfig }) => clientConfig.caBundle !== caBundle);
      if (changed.length === 0) return;
      const body = {
        webhooks: changed.map((webhook) => ({ name: webhook.name, clientConfig: { caBundle } })),
      };
      await ask(server, { method: "PATCH", path: configuration, body });
    },
  };
}

function encode(material: Material): Record<string, string> {
  return Object.fromEntries(Object.entries(KEYS).map(([key, part]) => [key, toBase64(material[part])]));
}

/** Null until somebody has written all of it. */
function decode(data: Readonly<Record<string, string>>): Material | null {
  const parts = Object.entries(KEYS).map(([key, part]) => [part, fromBase64(data[key] ?? "")]);
  return parts.every(([, text]) => text) ? Object.fromEntries(parts) : null;
}

function toBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString();
}
