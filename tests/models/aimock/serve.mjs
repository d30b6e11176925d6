// Serves the fixtures with aimock, and prints the address. usage: node serve.mjs FIXTURES PORT
import { LLMock } from "@copilotkit/aimock";

const [fixtures, port] = process.argv.slice(2);
const mock = new LLMock({ port: Number(port), strict: true, logLevel: "silent" });
mock.loadFixtureFile(fixtures);
const url = new URL(await mock.start());
console.log(`listening on ${url.host}`);
