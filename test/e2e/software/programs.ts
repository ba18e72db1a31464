/** The programs that these tests run through the mesh, each with the Debian package it comes from. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  nginx: "nginx",
  curl: "curl",
  openssl: "openssl",
  "redis-server": "redis-server",
  "redis-cli": "redis-tools",
  "redis-benchmark": "redis-tools",
  pg_ctlcluster: "postgresql",
};
