import { expect, test } from "bun:test";
import { countLoops, possibleLoops } from "../../src/workers/count.ts";

const V2 = "/sys/fs/cgroup";
const V1 = "/sys/fs/cgroup/cpu";

const rows: [string, number, Record<string, string>, number][] = [
  ["no limit is known", 4, {}, 4],
  ["there is no limit, version 2", 4, { [`${V2}/cpu.max`]: "max 100000\n" }, 4],
  [
    "there is no limit, version 1",
    4,
    { [`${V1}/cpu.cfs_quota_us`]: "-1\n", [`${V1}/cpu.cfs_period_us`]: "100000\n" },
    4,
  ],
  ["two cores, version 2", 8, { [`${V2}/cpu.max`]: "200000 100000\n" }, 2],
  [
    "two cores, version 1",
    8,
    { [`${V1}/cpu.cfs_quota_us`]: "200000\n", [`${V1}/cpu.cfs_period_us`]: "100000\n" },
    2,
  ],
  ["two and a half", 8, { [`${V2}/cpu.max`]: "250000 100000\n" }, 2],
  ["half a core", 8, { [`${V2}/cpu.max`]: "50000 100000\n" }, 1],
  ["more than the machine has", 2, { [`${V2}/cpu.max`]: "400000 100000\n" }, 2],
  [
    "of its own group",
    8,
    { "/proc/self/cgroup": "0::/pod/a\n", [`${V2}/pod/a/cpu.max`]: "300000 100000\n" },
    3,
  ],
  [
    "of its own group, version 1",
    8,
    {
      "/proc/self/cgroup": "2:cpu,cpuacct:/pod\n0::/\n",
      [`${V1}/pod/cpu.cfs_quota_us`]: "300000",
      [`${V1}/pod/cpu.cfs_period_us`]: "100000",
    },
    3,
  ],
  [
    "of a group that its container does not see",
    8,
    { "/proc/self/cgroup": "0::/kubepods/pod1\n", [`${V2}/cpu.max`]: "200000 100000\n" },
    2,
  ],
  ["more cores than workers can be", 100, {}, 64],
];

test.each(rows)("auto: %s", (_, cores, files, loops) => {
  expect(countLoops("auto", { cores, readText: (path) => files[path] ?? null })).toBe(loops);
});

test("a number is taken at its word", () => {
  expect(countLoops(3, { cores: 1, readText: () => null })).toBe(3);
});

test.each([
  [0, 1],
  [63, 1],
  [200, 6],
  [1024, 32],
  [1_048_576, 32_768],
])("with %i files there can be %i", (files, loops) => {
  expect(possibleLoops(files)).toBe(loops);
});
