/** Characters of the random parts of Kubernetes names (apimachinery util/rand: no vowels, no 0, 1, 3). */
const RANDOM = "[bcdfghjklmnpqrstvwxz2456789]";
const SUFFIXES = [
  new RegExp(`-${RANDOM}{6,10}-${RANDOM}{5}$`),
  new RegExp(`-\\d{8,10}-${RANDOM}{5}$`),
  /-\d+$/,
  new RegExp(`-${RANDOM}{5}$`),
];

/**
 * `namespace.owner` of a pod: its name without what a Deployment (`-<hash>-<5>`), a CronJob (`-<minutes>-<5>`), a
 * StatefulSet (`-<ordinal>`) or a DaemonSet or Job (`-<5>`) appended. Undefined without a pod name.
 */
export function serviceNameOfPod(
  namespace: string | undefined,
  podName: string | undefined,
): string | undefined {
  if (!podName) return undefined;
  const suffix = SUFFIXES.find((pattern) => pattern.test(podName));
  const owner = suffix ? podName.replace(suffix, "") : podName;
  return namespace ? `${namespace}.${owner}` : owner;
}
