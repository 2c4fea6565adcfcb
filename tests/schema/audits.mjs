// Runs the audits of the graphql-http package against a URL and prints them as JSON.
import { createRequire } from "node:module";
import { join } from "node:path";

const [installed, url] = process.argv.slice(2);
const { serverAudits } = createRequire(join(installed, "index.js"))("graphql-http");

const results = [];
for (const audit of serverAudits({ url, fetchFn: fetch })) {
  const { status, reason } = await audit.fn();
  results.push({ id: audit.id, name: audit.name, status, reason });
}
console.log(JSON.stringify(results));
