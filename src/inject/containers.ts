/** The two containers that injection adds, as Kubernetes objects. */
import { initEnv, sidecarEnv } from "./environment.ts";
import { INIT, SIDECAR, SIDECAR_UID } from "./names.ts";
import type { AppProbe } from "./probes.ts";
import { toResources } from "./resources.ts";
import type { Settings } from "./settings.ts";

/** What every container of ours may not do. */
const CONFINED = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  seccompProfile: { type: "RuntimeDefault" },
};

/** Programs the rules and ends. Root, but with one capability only: a rule set needs NET_ADMIN. */
export function initContainer({ image, env, uid, resources }: Settings): object {
  const exempt =
    uid === SIDECAR_UID ? {} : { NETRA_SIDECAR_USER_ID: `${uid}`, NETRA_SIDECAR_GROUP_ID: `${uid}` };
  const variables = Object.entries({ ...exempt, ...initEnv(env) });
  return {
    name: INIT,
    image,
    args: ["init"],
    ...(variables.length > 0 && { env: variables.map(toEnvVar) }),
    resources: toResources(resources),
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      runAsNonRoot: false,
      privileged: false,
      capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] },
      ...CONFINED,
    },
    terminationMessagePolicy: "FallbackToLogsOnError",
  };
}

/** Where the sidecar listens, and where it answers the kubelet and Prometheus. */
export interface Ports {
  readonly proxy: number;
  readonly admin: number;
}

export function portsOf({ env }: Settings): Ports {
  return { proxy: Number(env.NETRA_PORT || 14956), admin: Number(env.NETRA_PROMETHEUS_PORT || 14958) };
}

/** The sidecar, without any privilege. `native`: it starts before the application and ends after it. */
export function sidecarContainer(
  settings: Settings,
  serviceName: string,
  appProbes: Readonly<Record<string, AppProbe>>,
): object {
  const { image, native, awaited, uid, resources } = settings;
  const ports = portsOf(settings);
  return {
    name: SIDECAR,
    image,
    ...(native && { restartPolicy: "Always" }),
    env: environment(settings, serviceName, appProbes),
    ports: [
      { name: "netra-proxy", containerPort: ports.proxy },
      { name: "netra-admin", containerPort: ports.admin },
    ],
    ...(native &&
      awaited && { startupProbe: { ...get("/ready", ports), periodSeconds: 1, failureThreshold: 120 } }),
    readinessProbe: { ...get("/ready", ports), initialDelaySeconds: 2 },
    livenessProbe: { ...get("/live", ports), initialDelaySeconds: 10 },
    ...(!native && awaited && { lifecycle: { postStart: { exec: { command: ["netramesh", "wait"] } } } }),
    resources: toResources(resources),
    securityContext: {
      runAsUser: uid,
      runAsGroup: uid,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
      ...CONFINED,
    },
    terminationMessagePolicy: "FallbackToLogsOnError",
  };
}

function get(path: string, { admin }: Ports): object {
  return { httpGet: { path, port: admin } };
}

/** Fields of the pod that are known only where it runs. A variable may refer only to those before it. */
const FROM_THE_POD = {
  POD_NAME: "metadata.name",
  POD_NAMESPACE: "metadata.namespace",
  POD_IP: "status.podIP",
  HOST_IP: "status.hostIP",
  NODE_NAME: "spec.nodeName",
};
const RESOURCE_ATTRIBUTES = [
  "service.namespace=$(POD_NAMESPACE)",
  "service.instance.id=$(POD_NAMESPACE).$(POD_NAME)",
  "k8s.namespace.name=$(POD_NAMESPACE)",
  "k8s.pod.name=$(POD_NAME)",
  "k8s.node.name=$(NODE_NAME)",
].join();

function environment(
  { env }: Settings,
  serviceName: string,
  appProbes: Readonly<Record<string, AppProbe>>,
): object[] {
  const isProbed = Object.keys(appProbes).length > 0;
  const values = {
    OTEL_SERVICE_NAME: serviceName,
    OTEL_RESOURCE_ATTRIBUTES: RESOURCE_ATTRIBUTES,
    ...sidecarEnv(env),
    ...(isProbed && { NETRA_APP_PROBES: JSON.stringify(appProbes) }),
  };
  const fields = Object.entries(FROM_THE_POD)
    .filter(([name]) => !(name in values))
    .map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { fieldPath } } }));
  return [...fields, ...Object.entries(values).map(toEnvVar)];
}

function toEnvVar([name, value]: [string, string]): object {
  return { name, value };
}
