"""simple-salesforce against the simulator: every kind of request that a skill makes, and every kind of refusal."""

import json
import os
import socket
import urllib.request
import warnings

from simple_salesforce import Salesforce, SFType, format_soql
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

VERSION = "66.0"
CLIENT, SECRET = "3MVG9simulated.client", "simulated-client-secret"
USER, PASSWORD = "agent@acme.example", "simulated-password"
HOST, PORT = os.environ["SIMULATOR"].split(":")

# The client makes its own addresses; this is the name server that leads them to the simulator.
resolve = socket.getaddrinfo


def lead(host, port, *more, **named):
    if host.endswith(".salesforce.com"):
        host, port = HOST, int(PORT)
    return resolve(host, port, *more, **named)


socket.getaddrinfo = lead
warnings.filterwarnings("ignore", category=UserWarning, module="simple_salesforce")


def admin(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://{os.environ['SIMULATOR_ADMIN']}{path}", data, method=method)
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request) as answer:
        content = answer.read()
        return json.loads(content) if content else None


def refused(kind, code, action):
    """The errors of an action that must be refused so."""
    try:
        result = action()
    except kind as error:
        found = error.content[0]["errorCode"]
        assert found == code, f"{found} and not {code}"
        return error.content
    raise AssertionError(f"{code} was expected, and this came: {result}")


# Tokens, in each way that this client knows.
jwt = dict(username=USER, consumer_key=CLIENT, privatekey_file=os.environ["CLIENT_KEY"])
sf = Salesforce(**jwt, version=VERSION)
assert sf.sf_instance == "acme.my.salesforce.com", sf.sf_instance
Salesforce(**jwt, domain="test", version=VERSION).limits()
Salesforce(consumer_key=CLIENT, consumer_secret=SECRET, domain="acme.my", version=VERSION).limits()
Salesforce(username=USER, password=PASSWORD, consumer_key=CLIENT, consumer_secret=SECRET, version=VERSION).limits()
for wrong in [
    dict(jwt, username="somebody@acme.example"),
    dict(jwt, consumer_key="somebody"),
    dict(username=USER, password="guess", consumer_key=CLIENT, consumer_secret=SECRET),
    dict(consumer_key=CLIENT, consumer_secret="guess", domain="acme.my"),
]:
    try:
        Salesforce(**wrong, version=VERSION)
        raise AssertionError(f"{wrong} got a token")
    except SalesforceAuthenticationFailed as error:
        assert error.code in ("invalid_grant", "invalid_client", "invalid_client_id"), error.code

# Describe.
assert "Account" in [one["name"] for one in sf.describe()["sobjects"]]
fields = {field["name"]: field for field in sf.Account.describe()["fields"]}
assert fields["External_Id__c"]["externalId"] and fields["Name"]["nillable"] is False
assert sf.Account.metadata()["objectDescribe"]["keyPrefix"] == "001"
assert sf.is_sandbox() is True
refused(SalesforceResourceNotFound, "NOT_FOUND", lambda: sf.Nothing.describe())

# One record: created, read, changed, read by its external id, upserted, deleted.
name = "O'Neil \\ Söhne \"100%\" _\n\U0001f600"
made = sf.Account.create({"Name": name, "AnnualRevenue": 1.5e6, "External_Id__c": "a b/ü"})
assert made["success"] and len(made["id"]) == 18
assert sf.Account.get(made["id"])["Name"] == name
assert sf.Account.update(made["id"], {"Vip__c": True}) == 204
assert sf.Account.upsert("External_Id__c/a%20b%2F%C3%BC", {"Name": "Renamed"}) == 200
assert sf.Account.upsert("External_Id__c/new", {"Name": "New"}) == 201
answer = sf.Account.upsert("External_Id__c/new", {"Name": "Newer"}, raw_response=True)
assert answer.json()["created"] is False, answer.text
old = Salesforce(**jwt, version="45.0")
assert old.Account.upsert("External_Id__c/new", {"Name": "Newest"}) == 204
assert sf.Account.get_by_custom_id("External_Id__c", "new")["Name"] == "Newest"
assert sf.Account.delete(made["id"]) == 204
refused(SalesforceResourceNotFound, "ENTITY_IS_DELETED", lambda: sf.Account.get(made["id"]))
for _ in range(2):
    sf.Account.create({"Name": "Twice", "Legacy_Code__c": "same"})
try:
    sf.Account.upsert("Legacy_Code__c/same", {"Name": "Which?"})
    raise AssertionError("two records hold the value")
except SalesforceMoreThanOneRecord as error:
    assert len(error.content) == 2 and all("/sobjects/Account/001" in url for url in error.content)

# Queries: the client's own way of binding values, and batches.
sf.Account.create({"Name": name})
for value in [name, "x' OR Name != '", "%", "\\"]:
    found = sf.query(format_soql("SELECT Name FROM Account WHERE Name = {}", value))
    assert [record["Name"] for record in found["records"]] == ([name] if value == name else []), found
found = sf.query(format_soql("SELECT Id FROM Account WHERE Name LIKE '%{:like}%'", "100%"))
assert found["totalSize"] == 1
rows = [{"attributes": {"type": "Contact"}, "LastName": f"{number:04}"} for number in range(450)]
for start in range(0, 450, 200):
    results = sf.restful("composite/sobjects", method="POST", json={"records": rows[start : start + 200]})
    assert all(result["success"] for result in results)
small = {"Sforce-Query-Options": "batchSize=200"}
first = sf.query("SELECT LastName FROM Contact ORDER BY LastName", headers=small)
assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200)
found = sf.query_all("SELECT LastName FROM Contact ORDER BY LastName", headers=small)
assert [record["LastName"] for record in found["records"]] == [f"{number:04}" for number in range(450)]
assert sf.query("SELECT COUNT() FROM Contact")["totalSize"] == 450
assert sf.query("SELECT Id FROM Account", include_deleted=True)["totalSize"] == 5
refused(SalesforceMalformedRequest, "MALFORMED_QUERY", lambda: sf.query("SELECT Id FORM Account"))
refused(SalesforceMalformedRequest, "MALFORMED_QUERY", lambda: sf.query("SELECT Id FROM Account WHERE Name = :name"))
refused(SalesforceMalformedRequest, "INVALID_FIELD", lambda: sf.query("SELECT Foo FROM Account"))
admin("DELETE", "/cursors")
more = lambda: sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
refused(SalesforceMalformedRequest, "INVALID_QUERY_LOCATOR", more)

# Searches.
assert len(sf.quick_search("Twice")["searchRecords"]) == 2
found = sf.search("FIND {newest} IN NAME FIELDS RETURNING Account(Name)")
assert [record["Name"] for record in found["searchRecords"]] == ["Newest"]
found = sf.restful("parameterizedSearch", {"q": "newest", "sobject": "Account", "Account.fields": "Name"})
assert [record["Name"] for record in found["searchRecords"]] == ["Newest"]
refused(SalesforceMalformedRequest, "INVALID_SEARCH", lambda: sf.quick_search("a"))

# A composite answers 200 whatever became of its parts.
parts = [
    dict(method="POST", url=f"/services/data/v{VERSION}/sobjects/Account", referenceId="a", body={"Name": "A"}),
    dict(
        method="POST",
        url=f"/services/data/v{VERSION}/sobjects/Contact",
        referenceId="c",
        body={"LastName": "C", "AccountId": "@{a.id}", "Email": "wrong"},
    ),
]
composite = lambda whole: sf.restful("composite", method="POST", json={"allOrNone": whole, "compositeRequest": parts})
count = lambda: sf.query("SELECT COUNT() FROM Account WHERE Name = 'A'")["totalSize"]
wrong, halted, done = "INVALID_EMAIL_ADDRESS", "PROCESSING_HALTED", None
for whole, codes, left in [(True, [halted, wrong], 0), (False, [done, wrong], 1)]:
    bodies = [answer["body"] for answer in composite(whole)["compositeResponse"]]
    assert [body[0]["errorCode"] if isinstance(body, list) else None for body in bodies] == codes, bodies
    assert count() == left
both = {"allOrNone": True, "records": [rows[0], {"attributes": {"type": "Contact"}}]}
results = sf.restful("composite/sobjects", method="POST", json=both)
codes = [result["errors"][0]["statusCode"] for result in results]
assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"], codes

# Refusals of writes.
refused(SalesforceMalformedRequest, "REQUIRED_FIELD_MISSING", lambda: sf.Account.create({}))
errors = refused(SalesforceMalformedRequest, "STRING_TOO_LONG", lambda: sf.Account.create({"Name": "x" * 256}))
assert errors[0]["fields"] == ["Name"]
admin("POST", "/troubles", {"trouble": "locked", "times": 1})
refused(SalesforceMalformedRequest, "UNABLE_TO_LOCK_ROW", lambda: sf.Account.create({"Name": "Locked"}))
admin("POST", "/troubles", {"trouble": "no-access", "times": 1})
refused(SalesforceRefusedRequest, "INSUFFICIENT_ACCESS_OR_READONLY", lambda: sf.Account.create({"Name": "No"}))

# Sessions end: the client logs in again by itself where it can.
token = sf.session_id
admin("DELETE", "/sessions")
assert sf.limits()["DailyApiRequests"]["Max"] == 15000 and sf.session_id != token
assert sf.Account.create({"Name": "After"})["success"]
bare = Salesforce(session_id=token, instance_url="https://acme.my.salesforce.com", version=VERSION)
refused(SalesforceExpiredSession, "INVALID_SESSION_ID", lambda: bare.limits())

# Limits are refused with 403, and headers count the way there.
used, total = sf.api_usage["api-usage"]
assert 0 < used < total == 15000, sf.api_usage
admin("PUT", "/usage", {"used": 15000, "max": 15000})
refused(SalesforceRefusedRequest, "REQUEST_LIMIT_EXCEEDED", lambda: sf.query("SELECT Id FROM Account"))
admin("PUT", "/usage", {"used": 0, "max": 15000})
gone = Salesforce(**jwt, version="20.0")
refused(SalesforceGeneralError, "UNSUPPORTED_API_VERSION", lambda: gone.describe())

# A fault that was ordered, and the count of what arrived.
admin("DELETE", "/__seen")
admin("POST", "/__faults", {"fault": "unavailable", "times": 1})
try:
    sf.Account.create({"Name": "Down"})
    raise AssertionError("503 was expected")
except SalesforceGeneralError as error:
    assert error.status == 503
seen = admin("GET", "/__seen")
assert [(one["method"], one["path"], one["fault"]) for one in seen] == [
    ("POST", f"/services/data/v{VERSION}/sobjects/Account/", "unavailable")
], seen
assert json.loads(seen[0]["body"]) == {"Name": "Down"}
print("simple-salesforce: satisfied")
