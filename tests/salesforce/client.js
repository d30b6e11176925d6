// jsforce against the simulator: every kind of request that a skill makes, and every kind of refusal.

import assert from "node:assert/strict";
import { createSign } from "node:crypto";
import { readFileSync } from "node:fs";
import jsforce from "jsforce";

const VERSION = "66.0";
const CLIENT = { clientId: "3MVG9simulated.client", clientSecret: "simulated-client-secret" };
const [USER, PASSWORD] = ["agent@acme.example", "simulated-password"];
const url = `https://${process.env.SIMULATOR}`;

const admin = async (method, path, body) => {
    const headers = { "content-type": "application/json" };
    const sent = { method, headers, body: body && JSON.stringify(body) };
    const answer = await fetch(`http://${process.env.SIMULATOR_ADMIN}${path}`, sent);
    assert(answer.ok, `${path}: ${answer.status}`);
    return answer.status === 204 ? null : answer.json();
};
const refused = (code, promise) => assert.rejects(promise, (error) => {
    assert.equal(error.errorCode ?? error.name, code, error.message);
    return true;
});
const assertion = (claims = {}) => {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const exp = Math.floor(Date.now() / 1000) + 180;
    const all = { iss: CLIENT.clientId, sub: USER, aud: "https://login.salesforce.com", exp, ...claims };
    const text = `${part({ alg: "RS256" })}.${part(all)}`;
    const signature = createSign("RSA-SHA256").update(text).sign(readFileSync(process.env.CLIENT_KEY), "base64url");
    return { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: `${text}.${signature}` };
};
const connect = (more = {}) => new jsforce.Connection({ loginUrl: url, version: VERSION, ...more });

// Tokens, in each way that this client knows.
const conn = connect({ oauth2: { loginUrl: url, ...CLIENT } });
const who = await conn.authorize(assertion());
assert.match(who.organizationId, /^00D/);
assert.equal(conn.instanceUrl, url);
await connect({ oauth2: { loginUrl: url, ...CLIENT } }).authorize({ grant_type: "client_credentials" });
await refused("invalid_grant", connect().authorize(assertion({ aud: "https://example.com" })));
await refused("invalid_grant", connect().authorize(assertion({ exp: 1 })));
await conn.login(USER, PASSWORD);

// Describe.
const global = await conn.describeGlobal();
assert(global.sobjects.some((one) => one.name === "Invoice__c" && one.custom));
const described = await conn.sobject("Opportunity").describe();
const stage = described.fields.find((field) => field.name === "StageName");
assert(stage.restrictedPicklist && stage.picklistValues.some((one) => one.value === "Closed Won"));
await refused("NOT_FOUND", conn.sobject("Nothing").describe());

// One record: created, read, changed, upserted, deleted.
const account = conn.sobject("Account");
const made = await account.create({ Name: "Acme", External_Id__c: "a-1", Industry: "Energy", AnnualRevenue: 10 });
assert(made.success && made.id.startsWith("001"));
assert.equal((await account.retrieve(made.id)).Name, "Acme");
assert.deepEqual(await account.update({ Id: made.id, Vip__c: true }), { id: made.id, success: true, errors: [] });
const again = await account.upsert({ External_Id__c: "a-1", Name: "Acme 2" }, "External_Id__c");
assert.deepEqual([again.id, again.created], [made.id, false]);
assert.equal((await account.upsert({ External_Id__c: "a-2", Name: "Other" }, "External_Id__c")).created, true);
await account.create([1, 2].map(() => ({ Name: "Twice", Legacy_Code__c: "same" })));
await refused("MULTIPLE_CHOICES", account.upsert({ Legacy_Code__c: "same", Name: "Which?" }, "Legacy_Code__c"));

// Several at once: 200 with a result for each.
const many = await account.create([{ Name: "One" }, { Foo: 1 }, { Name: "Three" }]);
assert.deepEqual(many.map((one) => one.success), [true, false, true]);
assert.equal(many[1].errors[0].statusCode, "INVALID_FIELD");
const none = await account.create([{ Name: "One" }, { Foo: 1 }], { allOrNone: true });
assert.deepEqual(none.map((one) => one.errors[0].statusCode), ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_FIELD"]);
const changed = await account.update([{ Id: many[0].id, Name: "Uno" }, { Id: many[2].id, Name: "Tre" }]);
assert(changed.every((one) => one.success));
const upserted = await account.upsert([{ External_Id__c: "a-1", Name: "A" }, { External_Id__c: "a-3", Name: "B" }],
    "External_Id__c");
assert.deepEqual(upserted.map((one) => one.created), [false, true]);
const read = await account.retrieve([many[0].id, "001Sim0000000zz"], { fields: ["Name"] });
assert.deepEqual(read.map((one) => one?.Name), ["Uno", undefined]);
const gone = await account.destroy([many[0].id, many[2].id]);
assert(gone.every((one) => one.success));
await refused("ENTITY_IS_DELETED", account.retrieve(many[0].id));
assert.deepEqual(await account.destroy(made.id), { id: made.id, success: true, errors: [] });
await refused("NOT_FOUND", account.retrieve("001Sim0000000zz"));

// Queries as this client builds them, with children, groups and batches.
const oneil = { Name: "O'Neil", Industry: "Banking", AnnualRevenue: 5, Renewal_Date__c: "2026-05-01" };
const parent = (await account.create(oneil)).id;
for (let start = 0; start < 450; start += 150) {
    const row = (_, at) => ({ LastName: String(start + at).padStart(4, "0"), AccountId: parent });
    const rows = Array.from({ length: 150 }, row);
    assert((await conn.sobject("Contact").create(rows)).every((one) => one.success));
}
const condition = {
    $or: [{ Name: "O'Neil" }, { Name: { $like: "X%" } }],
    AnnualRevenue: { $gte: 5 },
    Industry: ["Banking", "Retail"],
    Renewal_Date__c: jsforce.SfDate.toDateLiteral("2026-05-01"),
};
const built = await account
    .find(condition, "Id, Name, Owner.Name")
    .include("Contacts", null, "LastName", { limit: 2, sort: "-LastName" }).end().sort("Name").limit(5);
assert.deepEqual(built.map((one) => [one.Name, one.Owner.Name, one.Contacts.records.map((row) => row.LastName)]),
    [["O'Neil", "Ada Agent", ["0449", "0448"]]]);
const small = { headers: { "Sforce-Query-Options": "batchSize=200" } };
const first = await conn.query("SELECT LastName FROM Contact ORDER BY LastName", small);
assert.deepEqual([first.totalSize, first.done, first.records.length], [450, false, 200]);
const second = await conn.queryMore(first.nextRecordsUrl, small);
assert.equal(second.records[0].LastName, "0200");
const whole = { ...small, autoFetch: true, maxFetch: 1000 };
const all = await conn.query("SELECT LastName FROM Contact ORDER BY LastName", whole);
assert.deepEqual(all.records.map((one) => Number(one.LastName)), Array.from({ length: 450 }, (_, at) => at));
assert.equal(await account.count({ Industry: "Banking" }), 1);
const groups = await conn.query("SELECT Industry, COUNT(Id) n FROM Account WHERE Industry != null GROUP BY Industry");
assert.deepEqual(groups.records.map((one) => [one.Industry, one.n]), [["Banking", 1]]);
await refused("MALFORMED_QUERY", conn.query("SELECT Id FORM Account"));
await refused("INVALID_FIELD", conn.query("SELECT Id FROM Account WHERE AnnualRevenue = '5'"));

// Searches.
const found = await conn.search("FIND {neil} IN NAME FIELDS RETURNING Account(Id, Name), Contact");
assert.deepEqual(found.searchRecords.map((one) => [one.attributes.type, one.Name]), [["Account", "O'Neil"]]);
await refused("INVALID_SEARCH", conn.search("FIND {x}"));

// A composite answers 200 whatever became of its parts.
const part = (method, path, referenceId, body) =>
    ({ method, url: `/services/data/v${VERSION}${path}`, referenceId, body });
const composite = (allOrNone, compositeRequest) => conn.requestPost("/composite", { allOrNone, compositeRequest });
const halves = [part("POST", "/sobjects/Account", "a", { Name: "Half" }), part("POST", "/sobjects/Account", "b", {})];
const codes = ({ compositeResponse }) => compositeResponse.map((one) => [one.httpStatusCode, one.body[0]?.errorCode]);
assert.deepEqual(codes(await composite(true, halves)), [[400, "PROCESSING_HALTED"], [400, "REQUIRED_FIELD_MISSING"]]);
assert.equal(await account.count({ Name: "Half" }), 0);
assert.deepEqual(codes(await composite(false, halves)), [[201, undefined], [400, "REQUIRED_FIELD_MISSING"]]);
assert.equal(await account.count({ Name: "Half" }), 1);

// Sessions end: the client logs in again by itself; limits are refused with 403, and headers count the way there.
const token = conn.accessToken;
await admin("DELETE", "/sessions");
assert.equal((await conn.limits()).DailyApiRequests.Max, 15000);
assert.notEqual(conn.accessToken, token);
await refused("INVALID_SESSION_ID", connect({ instanceUrl: url, accessToken: token }).limits());
assert.equal(conn.limitInfo.apiUsage.limit, 15000);
await admin("PUT", "/usage", { used: 7, max: 7 });
await refused("REQUEST_LIMIT_EXCEEDED", conn.query("SELECT Id FROM Account"));
await admin("PUT", "/usage", { used: 0, max: 15000 });

// This client repeats a read that met a fault, and not a write.
await admin("DELETE", "/__seen");
await admin("POST", "/__faults", { fault: "unavailable", times: 1 });
assert.equal((await conn.limits()).DailyApiRequests.Max, 15000);
await admin("POST", "/__faults", { fault: "lose-reply", times: 1 });
await assert.rejects(account.create({ Name: "Lost" }));
assert.equal(await account.count({ Name: "Lost" }), 1);
const seen = await admin("GET", "/__seen");
assert.deepEqual(seen.map((one) => [one.method, one.fault]),
    [["GET", "unavailable"], ["GET", null], ["POST", "lose-reply"], ["GET", null]]);
await conn.logout();
console.log("jsforce: satisfied");
