/** The bill of materials of one architecture's image: CycloneDX 1.6 as JSON, https://cyclonedx.org/docs/1.6/json/. */
import { join } from "node:path";
import lock from "../../bun.lock";
import manifest from "../../package.json" with { type: "json" };
import type { Architecture } from "./architectures.ts";
import glibc from "./glibc.json" with { type: "json" };
import { lockedPackage, type NpmPackage, productionPackages } from "./lockfile.ts";

const MODULES = join(import.meta.dir, "..", "..", "node_modules");

/**
 * What bun.lock and glibc.json pin: Bun, the packages the product depends on (more than the bundler keeps of them),
 * glibc. Licences are those that the installed packages declare. `epoch`: seconds since 1970.
 */
export async function billOfMaterials(architecture: Architecture, epoch: number): Promise<string> {
  const packages = [...productionPackages(lock), lockedPackage(lock, architecture.runtime)];
  const components = [...(await Promise.all(packages.map(npmComponent))), glibcComponent(architecture)];
  const { name, version, license } = manifest;
  const purl = `pkg:generic/${name}@${version}`;
  const bom = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: new Date(epoch * 1000).toISOString(),
      component: { "bom-ref": purl, type: "application", name, version, licenses: licences(license), purl },
    },
    components,
    dependencies: [{ ref: purl, dependsOn: components.map((component) => component.purl) }],
  };
  return `${JSON.stringify(bom, null, 1)}\n`;
}

async function npmComponent({ name, version, integrity, path }: NpmPackage) {
  const file = Bun.file(join(MODULES, path, "package.json"));
  const { license } = (await file.exists()) ? await file.json() : { license: undefined };
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const content = Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex");
  const hashes = [{ alg: "SHA-512", content }];
  return { "bom-ref": purl, type: "library", name, version, hashes, licenses: licences(license), purl };
}

function glibcComponent({ name: architecture }: Architecture) {
  const { package: name, version, distribution, files } = glibc;
  const qualifiers = `arch=${architecture}&distro=${distribution}`;
  const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?${qualifiers}`;
  const hashes = [{ alg: "SHA-256", content: files[architecture].sha256 }];
  const licenses = licences("LGPL-2.1-or-later");
  return { "bom-ref": purl, type: "library", name, version, hashes, licenses, purl };
}

/** By name, because what packages declare is not always an SPDX expression. */
function licences(declared: unknown) {
  return typeof declared === "string" ? [{ license: { name: declared } }] : [];
}
