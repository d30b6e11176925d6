"""The client `jira` for Python against the simulator: what the skill does, done by somebody else."""

import json
import os
import urllib.request

from jira import JIRA, JIRAError

CREDENTIAL = ("robot@acme.example", "simulated-api-token")
OPTIONS = {"rest_api_version": "3"}


def admin(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://{os.environ['SIMULATOR_ADMIN']}{path}", data, method=method)
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request) as answer:
        content = answer.read()
        return json.loads(content) if content else None


def connect(**credential):
    return JIRA(f"http://{os.environ['SIMULATOR']}", options=OPTIONS, max_retries=0, **credential)


def refused(status, text, action):
    """An action that must be refused so."""
    try:
        result = action()
    except JIRAError as error:
        assert (error.status_code, text in error.text) == (status, True), f"{error.status_code} {error.text}"
        return error.response
    raise AssertionError(f"{status} was expected, and this came: {result}")


def document(text):
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]}


def issue(project, summary, **more):
    return {"project": {"key": project}, "issuetype": {"name": "Task"}, "summary": summary, **more}


client = connect(basic_auth=CREDENTIAL)
assert client.myself()["displayName"] == "Robot"
assert connect(token_auth="simulated-access-token").myself()["displayName"] == "Robot"
refused(401, "authenticated", lambda: connect(basic_auth=("robot@acme.example", "wrong")).myself())

made = client.create_issue(fields=issue("ED", "Sell more", description=document("Now."), labels=["shop"]))
assert (made.key, made.fields.status.name, made.fields.labels) == ("ED-1", "To Do", ["shop"])
refused(400, "Specify a valid issue type", lambda: client.create_issue({**issue("ED", "x"), "issuetype": {"name": "Wish"}}))
refused(400, "Atlassian Document", lambda: client.create_issue(issue("ED", "x", description="plain")))
refused(404, "Issue does not exist", lambda: client.issue("ED-99"))

for number in range(250):
    client.create_issue(issue("OPS", f"Issue {number}"), prefetch=False)
found = client.enhanced_search_issues("project = OPS ORDER BY created ASC", maxResults=0, fields=["summary"])
assert [each.fields.summary for each in found] == [f"Issue {number}" for number in range(250)]
first = client.enhanced_search_issues("project = OPS ORDER BY key", maxResults=7, fields="key")
second = client.enhanced_search_issues(
    "project = OPS ORDER BY key", maxResults=7, fields="key", nextPageToken=first.nextPageToken
)
assert [each.key for each in first + second] == [f"OPS-{number}" for number in range(1, 15)]
assert client.approximate_issue_count("project = OPS") == 250
refused(400, "Unbounded JQL", lambda: client.enhanced_search_issues("ORDER BY created"))

for text in ["First.", "Second."]:
    client.add_comment(made.key, document(text))
assert [each.raw["body"] for each in client.comments(made.key)] == [document("First."), document("Second.")]

assert [(step["id"], step["name"]) for step in client.transitions(made)] == [("11", "Start work")]
client.transition_issue(made, "Start work")
refused(400, "Resolution is required", lambda: client.transition_issue(made, "Close issue"))
client.transition_issue(made, "31", resolution={"name": "Done"})
done = client.issue(made.key)
assert (done.fields.status.name, done.fields.resolution.name) == ("Done", "Done")

admin("POST", "/troubles", {"trouble": {"too-many": 7}, "times": 1})
response = refused(429, "Rate limit exceeded", lambda: client.issue(made.key))
assert response.headers["retry-after"] == "7"

seen = admin("GET", "/__seen")
print(f"jira for Python: {len(seen)} requests, all answered as this client expects it of Jira Cloud")
