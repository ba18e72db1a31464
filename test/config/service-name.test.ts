import { expect, test } from "bun:test";
import { serviceNameOfPod } from "../../src/config/service-name.ts";

test.each([
  ["a Deployment's pod", "prod", "cart-7d4b9c6f5d-x2x7k", "prod.cart"],
  ["a Deployment's pod with a short hash", "prod", "cart-bc2456-x2x7k", "prod.cart"],
  ["a Deployment with dashes", "prod", "cart-api-v2-7d4b9c6f5d-x2x7k", "prod.cart-api-v2"],
  ["a StatefulSet's pod", "prod", "db-0", "prod.db"],
  ["a StatefulSet's pod past nine", "prod", "db-12", "prod.db"],
  ["a DaemonSet's pod", "prod", "agent-x2x7k", "prod.agent"],
  ["a Job's pod", "prod", "migrate-users-bq9zl", "prod.migrate-users"],
  ["a CronJob's pod", "prod", "backup-29183040-q7w2z", "prod.backup"],
  ["a CronJob's pod of an old cluster", "prod", "backup-1751040000-q7w2z", "prod.backup"],
  ["a bare pod", "prod", "shell", "prod.shell"],
  ["a bare pod with a dash", "prod", "my-shell", "prod.my-shell"],
  ["a pod whose end has vowels is bare", "prod", "cart-audio", "prod.cart-audio"],
  ["no namespace", undefined, "db-0", "db"],
  ["an empty namespace", "", "db-0", "db"],
  ["no pod name", "prod", undefined, undefined],
  ["an empty pod name", "prod", "", undefined],
])("%s", (_, namespace, pod, expected) => {
  expect(serviceNameOfPod(namespace, pod)).toBe(expected);
});
