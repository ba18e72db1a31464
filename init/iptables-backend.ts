/** Rules by iptables-restore, where nf_tables is missing: each table whole or not at all. */
import { type Backend, Failure, type Status } from "./backend.ts";
import { applyText, confirmText, removeText } from "./iptables-text.ts";
import { findTools, hasGlobalIp6, type Tool, toolsInUse } from "./iptables-tools.ts";
import { hasIptablesTraces } from "./iptables-traces.ts";
import type { Plan } from "./plan.ts";
import type { System } from "./system.ts";

/** Ten at once come through. */
const ATTEMPTS = 8;
const PAUSE_MS = 50;

export class IptablesBackend implements Backend {
  readonly name = "iptables";
  readonly #system: System;

  constructor(system: System) {
    this.#system = system;
  }

  /**
   * Another init may be at it at the same time, and iptables knows no transaction that begins with reading: whoever
   * finds something else than its own rules looks again and puts that right.
   */
  apply(plan: Plan, mark: string | null): Failure | null {
    const tools = findTools(this.#system);
    if (tools instanceof Failure) return tools;
    const refused = this.#restoreAll(tools, textOf(plan, mark), ["--test"]);
    if (refused) return refused;
    let failed = this.#put(tools, plan, mark);
    for (let attempt = 1; failed !== null && attempt < ATTEMPTS; attempt++) {
      this.#system.pause(attempt * PAUSE_MS * (0.5 + Math.random()));
      const again = findTools(this.#system);
      failed = again instanceof Failure ? again : this.#put(again, plan, mark);
    }
    if (failed === null) return null;
    this.remove();
    return new Failure([...failed.lines, "the rules were removed again: nothing is redirected"]);
  }

  remove(): Failure | null {
    return this.#eachInUse(({ saved }) => removeText(saved));
  }

  revert(mark: string): Failure | null {
    return this.#eachInUse(({ saved }) => (saved.mark === mark ? removeText(saved, mark) : null));
  }

  confirm(mark: string): Failure | null {
    return this.#eachInUse(({ saved }) => (saved.mark === mark ? confirmText(mark) : null));
  }

  difference(plan: Plan): string | null | Failure {
    const tools = toolsInUse(this.#system);
    if (tools instanceof Failure) return tools;
    if (tools.length === 0) return "no rules are in place";
    const expected = hasGlobalIp6(this.#system) ? 2 : 1;
    if (tools.length < expected) return "rules are in place for one version of IP only";
    const found = tools.map(({ version, saved }) => saved.difference(plan, version));
    return found.find((each) => each !== null) ?? null;
  }

  hasTraces(): boolean {
    return hasIptablesTraces(this.#system);
  }

  status(): Status | null | Failure {
    const tools = toolsInUse(this.#system);
    if (tools instanceof Failure) return tools;
    const [first] = tools;
    if (first === undefined) return null;
    const backend = `iptables (${tools.map(({ restore }) => restore).join(", ")})`;
    const rules = tools.flatMap(({ saved }) => saved.counted);
    return { backend, label: null, mark: first.saved.mark, rules };
  }

  #put(tools: readonly Tool[], plan: Plan, mark: string | null): Failure | null {
    return this.#restoreAll(tools, textOf(plan, mark)) ?? this.#removeOthers(tools) ?? this.#verify(plan);
  }

  #verify(plan: Plan): Failure | null {
    const found = this.difference(plan);
    if (found === null || found instanceof Failure) return found;
    return new Failure([`the rules read back are not those that were sent: ${found}`]);
  }

  /** What another variant of iptables had put in place. */
  #removeOthers(used: readonly Tool[]): Failure | null {
    const files = used.map(({ file }) => file);
    return this.#eachInUse(({ saved, file }) => (files.includes(file) ? null : removeText(saved)));
  }

  /** Gives every tool that has rules of ours the text made for it, if any. */
  #eachInUse(text: (tool: Tool) => string | null): Failure | null {
    const tools = toolsInUse(this.#system);
    return tools instanceof Failure ? tools : this.#restoreAll(tools, text);
  }

  #restoreAll(
    tools: readonly Tool[],
    text: (tool: Tool) => string | null,
    options: readonly string[] = [],
  ): Failure | null {
    for (const tool of tools) {
      const input = text(tool);
      if (input === null) continue;
      const { code, err } = this.#system.run([tool.restore, "--noflush", "--wait", ...options], input);
      if (code !== 0) return new Failure([`${tool.restore} failed: ${err || `exit code ${code}`}`]);
    }
    return null;
  }
}

/** What a tool is told; a tool knows what it found. */
function textOf(plan: Plan, mark: string | null): (tool: Tool) => string {
  return ({ version, saved }) => applyText(plan, version, saved, mark);
}
