/** What injection writes into a pod, by the names under which uninject finds it again. */

export const SIDECAR = "netramesh";
export const INIT = "netramesh-init";

/** Annotations of the pod template. */
export const STATUS = "netramesh.io/status";
export const VERSION = "netramesh.io/version";
/** What uninject cannot see: JSON, see restore.ts. */
export const RESTORE = "netramesh.io/restore";
export const INJECT = "netramesh.io/inject";

export const DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";
export const PROMETHEUS = "prometheus.io/";

/** The uid and gid whose traffic the rules exempt, unless told otherwise. */
export const SIDECAR_UID = 1337;
