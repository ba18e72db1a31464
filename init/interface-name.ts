import { Bad, type Parser } from "../src/env.ts";

/** A network interface, or all whose name starts so. */
export interface InterfaceName {
  readonly text: string;
  readonly isPrefix: boolean;
}

/**
 * `eth1`, or `cni*` for every name with that beginning. At most 15 characters (IFNAMSIZ), and only those that no
 * backend gives a meaning of its own: iptables takes `+` for what `*` is here.
 */
export const interfaceName: Parser<InterfaceName> = (text) => {
  const [, name, star] = /^([\w.:@-]{1,15})(\*?)$/.exec(text) ?? [];
  if (name === undefined) return new Bad("the name of a network interface (eth1) or its beginning (cni*)");
  return { text: name, isPrefix: star === "*" };
};

/** As it was given. */
export function formatInterface({ text, isPrefix }: InterfaceName): string {
  return isPrefix ? `${text}*` : text;
}

/** Whether an interface is meant. */
export function isNamed({ text, isPrefix }: InterfaceName, name: string): boolean {
  return isPrefix ? name.startsWith(text) : name === text;
}
