/**
 * A proxy that the user brings: `--peer NAME=COMMAND`. Words in braces tell it its place in the pod:
 *
 *     {listen} {listen_port}        a port of its own, all addresses; clients connect there
 *     {intercept} {intercept_port}  the same, but connections to nginx are redirected there by netramesh's rules
 *     {upstream} {upstream_port}    nginx, 127.0.0.1:8080
 *     {agent} {agent_port}          a Jaeger agent (UDP) in another pod
 *     {directory}                   a directory of its own
 *     {file:PATH}                   a copy of the file PATH, with the same words replaced
 */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { AGENT_PORT, SIDECAR } from "./netramesh.ts";
import { NGINX_PORT, PATH } from "./nginx.ts";
import type { TargetPlan } from "./target.ts";

export interface Peer {
  readonly name: string;
  readonly kind: "tcp" | "http";
  /** A shell command with words in braces. */
  readonly command: string;
  /** Whether it is reached by redirection instead of by a port of its own. */
  readonly intercepts: boolean;
}

export const PEER_PORT = 8083;
const FILE = /\{file:([^}]+)\}/g;
const WORD = /\{([a-z_]+)\}/g;

/**
 * Reads `NAME=COMMAND`; a name that ends in "tcp" stands beside the proxies that do not read HTTP. Throws with a
 * message for the user, also for a file that cannot be read.
 */
export function parsePeer(text: string): Peer {
  const at = text.indexOf("=");
  if (at < 1) throw new Error(`--peer ${text}: expected NAME=COMMAND`);
  const name = text.slice(0, at).trim();
  const command = text.slice(at + 1).trim();
  const words = wordsOf(`${command} ${filesOf(command).map(readConfig).join(" ")}`);
  const intercepts = mentions(words, "intercept");
  if (mentions(words, "listen") === intercepts) {
    throw new Error(`--peer ${name}: mention either {listen} or {intercept}, so that it knows its port`);
  }
  return { name, kind: name.endsWith("tcp") ? "tcp" : "http", command, intercepts };
}

/** Its place in the tables, compared with `reference`. If it intercepts, then by the rules that `binary` makes. */
export function peerPlan(peer: Peer, reference: string, binary: string, agentIp: string): TargetPlan {
  const { name, kind, intercepts } = peer;
  return {
    name,
    kind,
    reference,
    port: intercepts ? NGINX_PORT : PEER_PORT,
    redirect: intercepts ? { binary, port: PEER_PORT } : null,
    launch: (directory) => ({
      command: ["/bin/sh", "-c", `exec ${commandLine(peer, directory, agentIp)}`],
      // The rules let this user's own connections pass.
      options: { ...(intercepts ? SIDECAR : {}), env: PATH },
      port: PEER_PORT,
    }),
  };
}

/** The command with every word replaced; writes the copies of files into `directory`. */
export function commandLine({ command }: Peer, directory: string, agentIp: string): string {
  const values = valuesOf(directory, agentIp);
  const withFiles = command.replaceAll(FILE, (_, path: string) => {
    const copy = join(directory, `peer-${basename(path)}`);
    writeFileSync(copy, fill(readConfig(path), values));
    return copy;
  });
  return fill(withFiles, values);
}

function valuesOf(directory: string, agentIp: string): Record<string, string> {
  return {
    listen: `0.0.0.0:${PEER_PORT}`,
    listen_port: `${PEER_PORT}`,
    intercept: `0.0.0.0:${PEER_PORT}`,
    intercept_port: `${PEER_PORT}`,
    upstream: `127.0.0.1:${NGINX_PORT}`,
    upstream_port: `${NGINX_PORT}`,
    agent: `${agentIp}:${AGENT_PORT}`,
    agent_port: `${AGENT_PORT}`,
    directory,
  };
}

/** Words that are not ours stay: many configuration files have braces of their own. */
function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(WORD, (whole, word: string) => values[word] ?? whole);
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(WORD)].map(([, word]) => word!);
}

function filesOf(command: string): string[] {
  return [...command.matchAll(FILE)].map(([, path]) => path!);
}

function mentions(words: readonly string[], word: string): boolean {
  return words.includes(word) || words.includes(`${word}_port`);
}

function readConfig(path: string): string {
  return readFileSync(path, "utf8");
}
