/** The programs of iptables: which of them are there and work. */
import { Failure } from "./backend.ts";
import type { IpVersion } from "./iptables-rules.ts";
import { SavedTables } from "./iptables-saved.ts";
import type { System } from "./system.ts";

/** What the machine calls iptables comes first, then the kind that needs no nf_tables. */
const VARIANTS = ["", "-legacy"] as const;
type Variant = (typeof VARIANTS)[number];
const VERSIONS: readonly IpVersion[] = [4, 6];

/** The programs of one variant for one version of IP, and what they find of ours. */
export interface Tool {
  readonly version: IpVersion;
  readonly restore: string;
  readonly saved: SavedTables;
  /** The file behind the programs: two names may stand for one. */
  readonly file: string;
}

/**
 * The first variant that works, for both versions of IP; where IPv6 cannot be redirected and there is no global
 * IPv6 address, for IPv4 alone. The failure names what is missing.
 */
export function findTools(system: System): readonly Tool[] | Failure {
  const missing: string[] = [];
  for (const variant of VARIANTS) {
    const [ip4, ip6] = [usableTool(system, variant, 4), usableTool(system, variant, 6)];
    if (typeof ip4 !== "string" && typeof ip6 !== "string") return [ip4, ip6];
    if (typeof ip4 !== "string" && !hasGlobalIp6(system)) return [ip4];
    missing.push(typeof ip4 === "string" ? ip4 : `${ip6}`);
  }
  return new Failure(missing.filter(Boolean), true);
}

/** All that have rules of ours, of every variant. A failure if there is nobody to ask. */
export function toolsInUse(system: System): Tool[] | Failure {
  const found = VARIANTS.flatMap((variant) => VERSIONS.map((version) => findTool(system, variant, version)));
  const tools = found.filter((tool) => typeof tool !== "string");
  if (tools.length === 0) return new Failure((found as string[]).filter(Boolean), true);
  const byFile = new Map(tools.map((tool) => [`${tool.version} ${tool.file}`, tool]));
  return [...byFile.values()].filter(({ saved }) => !saved.isEmpty);
}

/** /proc/net/if_inet6: address, interface index, prefix length, scope (00 is global), flags, name. */
export function hasGlobalIp6(system: System): boolean {
  return /^\w+ \w+ \w+ 00 /m.test(system.readProc("/proc/thread-self/net/if_inet6"));
}

/** What is missing, if it cannot redirect. */
function usableTool(system: System, variant: Variant, version: IpVersion): Tool | string {
  const tool = findTool(system, variant, version);
  if (typeof tool === "string") return tool;
  const { code, err } = system.run([tool.restore, "--noflush", "--test"], "*nat\nCOMMIT\n");
  return code === 0 ? tool : `${tool.restore} cannot change the nat table: ${err || `exit code ${code}`}`;
}

/** What is missing, if it cannot be asked; that there is no second variant is not worth a word. */
function findTool(system: System, variant: Variant, version: IpVersion): Tool | string {
  const name = `${version === 4 ? "iptables" : "ip6tables"}${variant}`;
  const [save, restore] = [system.which(`${name}-save`), system.which(`${name}-restore`)];
  if (save === null || restore === null) {
    return variant === "" ? `${name}-save and ${name}-restore are not both on PATH` : "";
  }
  const { code, out, err } = system.run([save, "-c"], "");
  if (code !== 0) return `${save} failed: ${err || `exit code ${code}`}`;
  return { version, restore, saved: new SavedTables(out), file: system.realPath(restore) };
}
