/**
 * Options of JavaScriptCore that the sidecar begins with (`BUN_JSC_dumpOptions=3 bun` lists all). It reads them when it
 * starts, and from the environment alone.
 *
 * heapGrowthMaxIncrease: by how much the heap may grow before all of it is collected, as a share of what was alive. On a
 * machine of 16 GiB and more it is 2, but the memory belongs to others: 4000 busy connections hold 48 MB, 53 with 0.7.
 * With 0.5 every collection is one of all that lives, and costs 3 us a request; collecting also shows if JavaScriptCore is
 * told of a machine of 64 MiB (forceRAMSize). heapGrowthFunctionThresholdInMB: on smaller machines too.
 * warmUpMarkedBlockCount: no thread that keeps a megabyte of memory ready. maxNumberOfWorklistThreads: one that compiles,
 * because each keeps memory of its own.
 */
export const RUNTIME_OPTIONS: Readonly<Record<string, string>> = {
  BUN_JSC_heapGrowthMaxIncrease: "0.6",
  BUN_JSC_heapGrowthFunctionThresholdInMB: "0",
  BUN_JSC_warmUpMarkedBlockCount: "0",
  BUN_JSC_maxNumberOfWorklistThreads: "1",
};
