import { expect, test } from "bun:test";
import { readStanzas } from "../../scripts/image/debian-index.ts";

const AMD64 = `Package: libc6
Architecture: amd64
Version: 2.36-9+deb12u14
Depends: libgcc-s1, libcrypt1 (>= 1:4.4.10-10~)
Description-en: GNU C Library
 Contains the standard libraries:
 Version: is no field here
Filename: pool/main/g/glibc/libc6_2.36-9+deb12u14_amd64.deb
MD5sum: 00
SHA256: aa`;

test("stanzas give where a package is and its hash", () => {
  const arm64 = AMD64.replaceAll("amd64", "arm64").replace("aa", "bb");
  const file = "pool/main/g/glibc/libc6_2.36-9+deb12u14";
  expect(readStanzas(`${AMD64}\n\n${arm64}\n\n`)).toEqual([
    { architecture: "amd64", version: "2.36-9+deb12u14", path: `${file}_amd64.deb`, sha256: "aa" },
    { architecture: "arm64", version: "2.36-9+deb12u14", path: `${file}_arm64.deb`, sha256: "bb" },
  ]);
});

test("a stanza without a hash pins nothing", () => {
  expect(() => readStanzas(AMD64.replace("SHA256: aa", ""))).toThrow("no field SHA256");
});
