// Sends every request that the skill's tests keep to Prism, which knows Atlassian's description, and then each of them
// with one thing wrong. usage: replay.mjs PRISM-URL REQUESTS-FOLDER
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const [, , prism, folder] = process.argv;

// What the description says a success is.
const success = {
    search: 200,
    "search-page": 200,
    get: 200,
    "get-comments": 200,
    transitions: 200,
    create: 201,
    "create-small": 201,
    comment: 201,
    transition: 204,
};

// One thing wrong with a request, so that the check can fail.
const wrong = {
    search: ({ body }) => (body.maxResults = "50"),
    "search-page": ({ body }) => (body.nextPage = body.nextPageToken),
    get: (request) => (request.url += "&failFast=perhaps"),
    "get-comments": (request) => (request.url = request.url.replace("-created", "-updated")),
    transitions: (request) => (request.authorization = "Basic nobody"),
    create: ({ body }) => (body.properties[0].name = "mark"),
    "create-small": ({ body }) => (body.fields = [body.fields]),
    comment: ({ body }) => (body.properties = { "skillhost.run": "mark" }),
    transition: ({ body }) => (body.transition.id = Number(body.transition.id)),
};

function read(name) {
    // A snapshot is a head between two lines of dashes, and the value.
    const text = readFileSync(join(folder, `${name}.snap`), "utf8");
    const request = JSON.parse(text.split("\n---\n").slice(1).join("\n---\n"));
    request.authorization = `Basic ${btoa("robot@example.com:token")}`;
    return request;
}

async function send(request) {
    const url = new URL(request.url);
    const reply = await fetch(`${prism}${url.pathname}${url.search}`, {
        method: request.method,
        headers: { ...request.headers, authorization: request.authorization },
        body: request.body === null ? undefined : JSON.stringify(request.body),
    });
    return { status: reply.status, violations: reply.headers.get("sl-violations") };
}

let faults = 0;
function expect(what, isRight, reply) {
    if (isRight) return;
    faults += 1;
    console.error(`${what}: ${reply.status} ${reply.violations ?? ""}`);
}

const kept = readdirSync(folder).filter((file) => file.endsWith(".snap")).map((file) => file.slice(0, -".snap".length)).sort();
const known = Object.keys(success).sort();
if (JSON.stringify(kept) !== JSON.stringify(known)) {
    console.error(`kept are ${kept}, known are ${known}: say above what Jira answers to the others`);
    process.exit(1);
}
for (const name of known) {
    const reply = await send(read(name));
    expect(name, reply.status === success[name] && reply.violations === null, reply);
    const request = read(name);
    wrong[name](request);
    const refusal = await send(request);
    expect(`${name}, with one thing wrong`, refusal.status >= 400 && refusal.status < 500, refusal);
}
if (faults > 0) process.exit(1);
console.log(`jira: ${known.length} requests are as Atlassian describes them, and ${known.length} with one thing wrong are not`);
