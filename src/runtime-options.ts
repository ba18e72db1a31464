/**
 * Options of JavaScriptCore that the sidecar begins with (`BUN_JSC_dumpOptions=3 bun` lists all). It reads them when it
 * starts, and from the environment alone.
 *
 * forceRAMSize: heaps grow more reluctantly the nearer they are to the memory of the machine, which here belongs to
 * others. 64 MiB: 4000 busy connections hold 56 MB instead of 102, at no more CPU per request.
 * warmUpMarkedBlockCount: no thread that keeps a megabyte of memory ready.
 */
export const RUNTIME_OPTIONS: Readonly<Record<string, string>> = {
  BUN_JSC_forceRAMSize: `${64 * 1024 * 1024}`,
  BUN_JSC_warmUpMarkedBlockCount: "0",
};
