// Takes addresses out of package-lock.json: packages come from whatever registry npm is told,
// and who funds them has no say in what is installed.
const fs = require("node:fs");

const path = `${__dirname}/package-lock.json`;
const lock = JSON.parse(fs.readFileSync(path, "utf8"));
for (const each of Object.values(lock.packages)) {
  delete each.resolved;
  delete each.funding;
}
fs.writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
