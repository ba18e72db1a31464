/**
 * Where the binary begins. A sidecar whose environment lacks the runtime's options begins once more with them, which
 * takes 13 ms. Where that is forbidden it goes on as it is.
 */
import { RUNTIME_OPTIONS } from "./runtime-options.ts";

// A first word that is no flag names another command.
const isSidecar = (process.argv[2] ?? "-").startsWith("-");
const missing = Object.entries(RUNTIME_OPTIONS).filter(([name]) => process.env[name] === undefined);

if (isSidecar && missing.length > 0) {
  const { beginAgainWith } = await import("../ffi/exec.ts");
  beginAgainWith(missing.map(([name, value]) => `${name}=${value}`));
}
await import("./main.ts");
