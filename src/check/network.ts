/** Are connections redirected here, and those of the sidecar not? */
import { explainRemembered, secondsRemembered } from "../../init/resets.ts";
import type { Exemption } from "../proxy/exemption.ts";
import { error, type Finding, ok, warning } from "./finding.ts";
import type { Fate } from "./own-connection.ts";
import type { RunningSidecar } from "./running.ts";

/** Who runs the check. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What became of a connection of ours, and who listens where it would be redirected to: null if that is not known. */
export interface Trial {
  readonly fate: Fate;
  readonly listenerUid: number | null;
}

const RUN_INIT = "run netramesh init in this network namespace first, as root with NET_ADMIN";
const FORGET =
  "run netramesh init again; on a host, or where that says that it cannot, set the sysctl " +
  "net.netfilter.nf_conntrack_tcp_timeout_close to 0";
const RUN_AS_EXEMPT =
  "run the sidecar as the user or group that init exempts (NETRA_SIDECAR_USER_ID, NETRA_SIDECAR_GROUP_ID, 1337 by default)";

/** With a sidecar: it is asked. */
export function checkWithSidecar(sidecar: RunningSidecar, trial: Trial, owner: Owner): Finding[] {
  const redirected = sidecar.seesNat === false ? [] : [redirection(trial, owner)];
  return [state(sidecar), nat(sidecar.seesNat), ...loops(sidecar), ...redirected];
}

/** Without one: what it would find. `hasNat` is null where that could not be tested. */
export function checkWithoutSidecar(hasNat: boolean | null, exemption: Exemption, owner: Owner): Finding[] {
  const tested = ok("sidecar", "no sidecar runs here: what one would find was tested in its stead");
  return [tested, nat(hasNat), ...exempt(exemption, hasNat, owner)];
}

/** Where somebody else has the sidecar's port. */
export function checkNothing(): Finding[] {
  const hint = "free NETRA_PORT first: see the ports below";
  return [warning("nat", "whether connections are redirected here could not be tested", hint)];
}

/** Nothing where the kernel does not tell; `readText` gives the text of a file, or null. */
export function checkResets(readText: (path: string) => string | null): Finding[] {
  const seconds = secondsRemembered(readText);
  if (seconds === null) return [];
  if (seconds === 0) return [ok("resets", "the kernel forgets connections at once that were reset")];
  return [warning("resets", explainRemembered(seconds), FORGET)];
}

function state({ isDraining }: RunningSidecar): Finding {
  if (isDraining === null) {
    const hint = "its metrics port is not its own: see the ports below";
    return warning("sidecar", "a sidecar runs here, but does not say whether it is ready", hint);
  }
  if (!isDraining) return ok("sidecar", "a sidecar runs here and is ready");
  return warning("sidecar", "a sidecar runs here and drains", "start it anew if the pod is to go on");
}

/** An unprivileged process cannot see whose rule it is; for a privileged one the rules themselves are compared. */
function nat(isActive: boolean | null): Finding {
  if (isActive === true) return ok("nat", "a NAT rule is in force in this network namespace");
  if (isActive === false) return error("nat", "no NAT rule is in force in this network namespace", RUN_INIT);
  const hint =
    "it takes an address that is not loopback or link-local, and of a sidecar that runs its metrics port";
  return warning("nat", "whether a NAT rule is in force here could not be tested", hint);
}

function loops({ loops: count }: RunningSidecar): Finding[] {
  if (count === null) return [];
  if (count === 0) return [ok("exemption", "no connection of the sidecar has come back to it")];
  const message = `${count} connections of the sidecar came back to it: the rules do not exempt its user`;
  return [error("exemption", message, RUN_AS_EXEMPT)];
}

/** Only the rules know who is to be redirected; the sidecar's own user never is. */
function redirection({ fate, listenerUid }: Trial, owner: Owner): Finding {
  const isSame = owner.uid === listenerUid;
  const who = `${describe(owner)}${isSame ? ", the sidecar's own user," : ""}`;
  if (fate === "unknown" || (fate === "reset" && !isSame)) {
    const hint = "the sidecar's profiling port has to answer, and list fewer than 1000 connections";
    return warning("redirection", `whether connections of ${who} are redirected could not be seen`, hint);
  }
  const isRedirected = fate !== "direct";
  const message = `connections of ${who} are ${isRedirected ? "" : "not "}redirected to the sidecar`;
  if (isRedirected !== isSame) return ok("redirection", message);
  if (isRedirected) return error("redirection", message, RUN_AS_EXEMPT);
  const hint =
    "right for a user whom init exempts, and where it redirects nothing outbound; else run it again";
  return warning("redirection", message, hint);
}

function exempt(exemption: Exemption, hasNat: boolean | null, owner: Owner): Finding[] {
  const who = describe(owner);
  if (exemption === "proved") return [ok("exemption", `the rules exempt ${who}`)];
  if (exemption === "intercepted") {
    const message = `the rules do not exempt ${who}: a sidecar that runs as this user would call itself`;
    return [error("exemption", message, RUN_AS_EXEMPT)];
  }
  if (hasNat !== true) return [];
  const hint = "something drops connections of the pod to itself, or the machine is very busy: try again";
  return [warning("exemption", `whether the rules exempt ${who} could not be seen`, hint)];
}

function describe({ uid, gid }: Owner): string {
  return `uid ${uid} gid ${gid}`;
}
