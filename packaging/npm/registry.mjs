// An npm registry for trying packages before they are published: `node registry.mjs FOLDER` serves the *.npm.tgz of a
// folder on the loopback interface and prints its address.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { basename, join } from "node:path";

const folder = process.argv[2];
const tarballs = new Map();
const manifests = new Map();
for (const file of readdirSync(folder).filter((name) => name.endsWith(".npm.tgz"))) {
  const data = readFileSync(join(folder, file));
  const text = execFileSync("tar", ["-xOzf", join(folder, file), "package/package.json"], { encoding: "utf8" });
  const manifest = JSON.parse(text);
  tarballs.set(file, data);
  manifests.set(manifest.name, { manifest, file, integrity: `sha512-${createHash("sha512").update(data).digest("base64")}` });
}

const server = createServer((request, response) => {
  const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname).slice(1);
  const tarball = tarballs.get(basename(path));
  const entry = manifests.get(path);
  if (tarball !== undefined) {
    response.end(tarball);
  } else if (entry !== undefined) {
    const { manifest, file, integrity } = entry;
    const dist = { tarball: `http://${request.headers.host}/${file}`, integrity };
    const versions = { [manifest.version]: { ...manifest, dist } };
    response.end(JSON.stringify({ name: path, "dist-tags": { latest: manifest.version }, versions }));
  } else {
    response.writeHead(404).end("{}");
  }
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
