/** The bill of materials, by the schema that CycloneDX publishes. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv";
import manifest from "../../package.json" with { type: "json" };
import { ARCHITECTURES } from "../../scripts/image/architectures.ts";
import glibc from "../../scripts/image/glibc.json" with { type: "json" };
import { billOfMaterials } from "../../scripts/image/sbom.ts";

const SCHEMAS = join(import.meta.dir, "../../node_modules/@cyclonedx/cyclonedx-library/res/schema");

function schema(name: string): object {
  return JSON.parse(readFileSync(join(SCHEMAS, `${name}.SNAPSHOT.schema.json`), "utf8"));
}

function validator() {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  for (const name of ["spdx", "jsf-0.82", "cryptography-defs"]) {
    ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  }
  return ajv.compile(schema("bom-1.6"));
}

const AT = 1_750_000_000;

test.each([...ARCHITECTURES])("that of $name is valid", async (architecture) => {
  const validate = validator();
  validate(JSON.parse(await billOfMaterials(architecture, AT)));
  expect(validate.errors ?? []).toEqual([]);
});

test("an invalid one would be found", async () => {
  const validate = validator();
  const bom = JSON.parse(await billOfMaterials(ARCHITECTURES[0]!, AT));
  expect(validate({ ...bom, components: [{ ...bom.components[0], type: "thing" }] })).toBe(false);
});

test("it names everything by its package URL, and its time is the sources' time", async () => {
  const bom = JSON.parse(await billOfMaterials(ARCHITECTURES[1]!, AT));
  const purls = bom.components.map(({ purl }: { purl: string }) => purl);
  const version = encodeURIComponent(glibc.version);
  expect(purls).toContain(`pkg:deb/debian/libc6@${version}?arch=arm64&distro=${glibc.distribution}`);
  expect(purls).toContain(`pkg:npm/%40oven/bun-linux-aarch64@${manifest.devDependencies.bun}`);
  expect(purls).toContain(`pkg:npm/citty@${manifest.dependencies.citty}`);
  expect(bom.metadata.timestamp).toBe("2025-06-15T15:06:40.000Z");
  expect(bom.dependencies[0].dependsOn).toEqual(purls);
});
