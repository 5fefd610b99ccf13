// The npm packages: `node make.mjs VERSION OUT TARGET=BINARY...` packs a launcher, and one package for each binary.
// The launcher depends on the packages of all platforms.

import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const [version, out, ...binaries] = process.argv.slice(2);
const platforms = JSON.parse(readFileSync(join(here, "platforms.json"), "utf8"));
const packageOf = ({ os, cpu }) => `@bucketlint/${os}-${cpu}`;

const LICENCES = ["LICENSE-MIT", "LICENSE-APACHE"];

const [, repository] = /^repository = "(.*)"$/m.exec(readFileSync(join(root, "Cargo.toml"), "utf8"));
const common = {
  version,
  license: "MIT OR Apache-2.0",
  repository: { type: "git", url: `git+${repository}.git` },
  homepage: repository,
};

function pack(manifest, fill) {
  const folder = join(out, "npm", manifest.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "bin"), { recursive: true });
  fill(folder);
  for (const licence of LICENCES) cpSync(join(root, licence), join(folder, licence));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const options = { cwd: folder, encoding: "utf8", shell: process.platform === "win32" };
  const [{ filename, size }] = JSON.parse(execFileSync("npm", ["pack", "--json", "--pack-destination", out], options));
  const file = join(out, filename.replace(/\.tgz$/, ".npm.tgz"));
  renameSync(join(out, filename), file);
  console.log(`${size} ${file}`);
}

for (const each of binaries) {
  const [target, binary] = each.split("=");
  const platform = platforms[target];
  if (platform === undefined) throw new Error(`${target} does not stand in platforms.json`);
  const name = platform.os === "win32" ? "bucketlint.exe" : "bucketlint";
  const manifest = {
    name: packageOf(platform),
    description: `The bucketlint program for ${platform.os} ${platform.cpu}; install bucketlint instead`,
    ...common,
    os: [platform.os],
    cpu: [platform.cpu],
    preferUnplugged: true,
    files: ["bin", ...LICENCES],
  };
  pack(manifest, (folder) => {
    cpSync(binary, join(folder, "bin", name));
    // npm keeps the mode, and does not set it at installing what no `bin` names.
    chmodSync(join(folder, "bin", name), 0o755);
    writeFileSync(join(folder, "README.md"), `The program for ${platform.os} ${platform.cpu}: see [bucketlint](${repository}).\n`);
  });
}

const launcher = {
  name: "bucketlint",
  description: "Proves whether an S3 bucket can be reached without TLS, from CloudFormation, SAM and Terraform plan files",
  keywords: ["s3", "cloudformation", "terraform", "linter", "security"],
  ...common,
  bin: { bucketlint: "bin/bucketlint.js" },
  files: ["bin", ...LICENCES],
  engines: { node: ">=16.9" },
  optionalDependencies: Object.fromEntries(Object.values(platforms).map((platform) => [packageOf(platform), version])),
};
pack(launcher, (folder) => {
  cpSync(join(here, "launcher"), folder, { recursive: true });
  cpSync(join(root, "README.md"), join(folder, "README.md"));
});
