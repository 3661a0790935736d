// Prints the versions that may explain a difference between two reports, as a JSON object.
"use strict";

const { createHash } = require("node:crypto");
const { readFileSync, readdirSync } = require("node:fs");
const { join } = require("node:path");

const [prepared] = process.argv.slice(2);

function packageVersion(name) {
  const file = join(prepared, "node_modules", name, "package.json");
  return JSON.parse(readFileSync(file, "utf8")).version;
}

/** The application has no releases, so its content names it. */
function appVersion() {
  const digest = createHash("sha256");
  for (const file of readdirSync("app").sort()) digest.update(readFileSync(join("app", file)));
  return digest.digest("hex").slice(0, 12);
}

console.log(
  JSON.stringify({
    node: process.versions.node,
    app: appVersion(),
    express: packageVersion("express"),
    pg: packageVersion("pg"),
    pg_pool: packageVersion("pg-pool"),
  }),
);
