/** Any manifest, however it is written: there and back again without a byte lost. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { stringify } from "yaml";
import { inject, objectsOf, uninject } from "./support/rewritten.ts";

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
const text = fc.oneof(
  name,
  fc.constantFrom("yes", "080", "1.5", "", "a: b", "# no comment", "two\nlines\n", "ü"),
);
const port = fc.integer({ min: 1, max: 65_535 });

const probe = fc.record(
  {
    tcpSocket: fc.record({ port, host: fc.constant("127.0.0.1") }, { requiredKeys: ["port"] }),
    periodSeconds: port,
    timeoutSeconds: fc.integer({ min: 1, max: 60 }),
  },
  { requiredKeys: ["tcpSocket"] },
);
const container = fc.record(
  {
    name,
    image: text,
    args: fc.array(text, { minLength: 1, maxLength: 3 }),
    livenessProbe: probe,
    readinessProbe: probe,
    env: fc.array(fc.record({ name: text, value: text }), { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ["name", "image"] },
);
const containers = fc.uniqueArray(container, { minLength: 1, maxLength: 3, selector: (each) => each.name });
/** Names are unique in a pod. */
const initContainers = containers.map((all) => all.map((each) => ({ ...each, name: `init-${each.name}` })));
const map = fc.dictionary(fc.oneof(name, fc.constant("a.b/c")), text, { minKeys: 1, maxKeys: 3 });
const pod = fc
  .record(
    {
      metadata: fc.record({ labels: map, annotations: map }, { requiredKeys: ["labels"] }),
      spec: fc.record({ initContainers, containers, nodeSelector: map }, { requiredKeys: ["containers"] }),
    },
    { requiredKeys: ["spec"] },
  )
  .filter(
    ({ spec }) =>
      ![...(spec.initContainers ?? []), ...spec.containers].some((each) => each.name.startsWith("netramesh")),
  );
const deployment = pod.map((template) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "any" },
  spec: { template, replicas: 1 },
}));

/** Ways to write an object down. */
const style = fc.oneof(
  fc
    .record({ indent: fc.integer({ min: 2, max: 5 }), indentSeq: fc.boolean() })
    .map(
      (options) => (object: object) =>
        stringify(object, { ...options, version: "1.1", aliasDuplicateObjects: false }),
    ),
  fc.boolean().map(
    (flowCollectionPadding) => (object: object) =>
      stringify(object, {
        lineWidth: 0,
        collectionStyle: "flow",
        flowCollectionPadding,
        version: "1.1",
        aliasDuplicateObjects: false,
      }),
  ),
  fc.constantFrom(0, 2, 4, "\t").map((indent) => (object: object) => JSON.stringify(object, null, indent)),
);
const lines = fc.record({ crlf: fc.boolean(), isOpen: fc.boolean(), comments: fc.boolean() });

/** Hundreds of manifests, on a machine that may be busy. */
const PATIENCE_MS = 60_000;

test(
  "injected and uninjected, it is byte for byte what it was",
  () => {
    const written = fc.tuple(deployment, style, lines).map(([object, write, { crlf, isOpen, comments }]) => {
      const plain = write(object).trimEnd() + (isOpen ? "" : "\n");
      const commented =
        comments && !plain.startsWith("{")
          ? plain.replace(/^( *)(name|image|spec):/gm, "$1# on $2\n$&")
          : plain;
      return crlf ? commented.replaceAll("\n", "\r\n") : commented;
    });
    fc.assert(
      fc.property(written, fc.boolean(), (original, classic) => {
        const { text: injected, report } = inject(original, ...(classic ? ["--classic"] : []));
        expect(report.problems).toEqual([]);
        expect(objectsOf(injected)[0].spec.template.metadata.annotations["netramesh.io/status"]).toBe(
          "injected",
        );
        expect(inject(injected!).text).toBe(injected);
        expect(uninject(injected!).text).toBe(original);
      }),
      { numRuns: 60 },
    );
  },
  PATIENCE_MS,
);
