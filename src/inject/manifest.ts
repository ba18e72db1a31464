/** As much of Kubernetes' objects as injection reads (the API reference's names). Whatever is there may be missing. */

export interface Metadata {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly ownerReferences?: readonly OwnerReference[] | null;
}

export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly controller?: boolean;
}

/** A pod, or the template that a workload makes pods of. */
export interface PodTemplate {
  readonly metadata?: Metadata | null;
  readonly spec: PodSpec;
}

export interface PodSpec {
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[] | null;
  readonly hostNetwork?: boolean;
  readonly securityContext?: SecurityContext | null;
  readonly os?: { readonly name?: string } | null;
  readonly nodeSelector?: Readonly<Record<string, string>> | null;
  readonly terminationGracePeriodSeconds?: number;
}

export interface SecurityContext {
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
}

export interface Container {
  readonly name: string;
  readonly ports?: readonly ContainerPort[] | null;
  readonly env?: readonly { readonly name: string; readonly value?: string }[] | null;
  readonly securityContext?: SecurityContext | null;
  readonly restartPolicy?: string;
  readonly livenessProbe?: Probe | null;
  readonly readinessProbe?: Probe | null;
  readonly startupProbe?: Probe | null;
}

export interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
}

export interface Probe {
  readonly tcpSocket?: TcpSocket | null;
  readonly httpGet?: { readonly path?: string } | null;
  readonly timeoutSeconds?: number;
}

export interface TcpSocket {
  readonly port: number | string;
  readonly host?: string;
}

/** An object that has or is a pod template. */
export interface Workload {
  readonly kind: string;
  readonly metadata: Metadata;
  /** Where the template lies in the document. */
  readonly path: readonly (string | number)[];
  readonly template: PodTemplate;
}
