import { afterAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { whyNoCpuLimit, withCpuLimit } from "../../bench/stage/cpu-limit.ts";

const child = Bun.spawn(["sleep", "60"]);
afterAll(() => child.kill("SIGKILL"));

function groups(): string {
  return readFileSync(`/proc/${child.pid}/cgroup`, "utf8");
}

const obstacle = whyNoCpuLimit();
if (obstacle === null) {
  test("a process is in a group of its own while it is limited, and back home afterwards", async () => {
    const home = groups();
    const limited = await withCpuLimit(child.pid, 0.5, async () => groups());
    expect(limited).toContain(`/nmbench-${process.pid}`);
    expect(groups()).toBe(home);
  });

  test("work that fails leaves no limit behind", async () => {
    const home = groups();
    const work = withCpuLimit(child.pid, 0.5, () => Promise.reject(new Error("no luck")));
    await expect(work).rejects.toThrow("no luck");
    expect(groups()).toBe(home);
    expect(whyNoCpuLimit()).toBeNull();
  });
} else {
  test("without control groups no work is done unlimited", async () => {
    expect(obstacle).toContain("control group");
    await expect(withCpuLimit(child.pid, 0.5, () => Promise.resolve())).rejects.toThrow();
  });
}
