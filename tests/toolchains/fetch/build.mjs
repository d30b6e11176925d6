// Componentizes with StarlingMonkey, as `jco componentize` does by default. usage: node build.mjs TOOLS OUT
import { createRequire } from "node:module";
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const [tools, out] = process.argv.slice(2);
const module = `${tools}/node_modules/@bytecodealliance/componentize-js/src/componentize.js`;
const { componentize } = await import(pathToFileURL(createRequire(import.meta.url).resolve(module)));
const { component } = await componentize(await readFile("app.js", "utf8"), {
  sourceName: "app.js",
  witPath: "wit",
  worldName: "skill",
});
await writeFile(out, component);
