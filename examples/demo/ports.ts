/** The services' port that the rules redirect and the sidecars understand as HTTP. */
export const MESH_PORT = 8080;
/** The same services on a port the rules leave alone: what a request costs without the mesh. */
export const DIRECT_PORT = 8081;
/** Where a sidecar listens unless told otherwise. */
export const SIDECAR_PORT = 14956;
/** Where a Jaeger agent takes compact Thrift over UDP. */
export const AGENT_PORT = 6831;
