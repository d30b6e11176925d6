//! Conversations with a site, each kept whole: what was asked, what was answered.

use std::fmt::Write as _;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::service::{Shared, admin, router};
use super::{MIA, Simulator, Site, TOKEN, Trouble};
use crate::traffic::{Fault, Traffic};

const BASIC: &str = "Basic cm9ib3RAYWNtZS5leGFtcGxlOnNpbXVsYXRlZC1hcGktdG9rZW4=";

/// A site and all that was said to it.
struct Talk {
    router: Router,
    simulator: Simulator,
    said: String,
}

impl Talk {
    fn begin() -> Self {
        let shared = Shared::new(Site::new());
        Self {
            router: router(shared.clone()),
            simulator: Simulator {
                shared,
                traffic: Traffic::default(),
            },
            said: String::new(),
        }
    }

    /// Asks `METHOD /path below the API`, keeps what was said, and answers the body.
    async fn ask(&mut self, line: &str, body: Value) -> Value {
        let (method, path) = line.split_once(' ').unwrap();
        let request = Request::builder().method(method).uri(format!("/rest/api/3{path}"));
        let request = request
            .header("authorization", BASIC)
            .header("content-type", "application/json");
        let sent = if body.is_null() {
            String::new()
        } else {
            format!(" {body}")
        };
        let (status, headers, answer) = self
            .send(request.body(Body::from(sent.trim().to_owned())).unwrap())
            .await;
        writeln!(self.said, "> {line}{sent}\n{status}{headers} {answer}\n").unwrap();
        serde_json::from_str(&answer).unwrap_or_default()
    }

    /// The status, the headers that tell something, and the body.
    async fn send(&mut self, request: Request<Body>) -> (u16, String, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let telling = [
            "date",
            "retry-after",
            "ratelimit-reason",
            "x-seraph-loginreason",
            "www-authenticate",
        ];
        let told = telling
            .iter()
            .filter_map(|name| Some(format!(" {name}: {}", response.headers().get(*name)?.to_str().ok()?)));
        let (status, headers) = (response.status().as_u16(), told.collect::<String>());
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, headers, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn get(&mut self, path: &str) -> Value {
        self.ask(&format!("GET {path}"), Value::Null).await
    }

    /// The keys that a search finds, or why it is refused.
    async fn find(&mut self, jql: &str) {
        let found = self
            .ask("POST /search/jql", json!({"jql": jql, "fields": ["summary"]}))
            .await;
        let keys = found["issues"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|issue| issue["key"].as_str().unwrap());
        let told = found
            .get("errorMessages")
            .map_or_else(|| keys.collect::<Vec<_>>().join(" "), ToString::to_string);
        writeln!(self.said, "{jql}\n    {told}").unwrap();
    }
}

fn text(text: &str) -> Value {
    json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]})
}

fn issue(project: &str, kind: &str, summary: &str, more: &Value) -> Value {
    let mut fields = json!({"project": {"key": project}, "issuetype": {"name": kind}, "summary": summary});
    fields
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({"fields": fields, "properties": [{"key": "skillhost.run", "value": {"run": summary}}]})
}

/// Some issues to look for.
fn stocked() -> Talk {
    let talk = Talk::begin();
    let rows = [
        issue(
            "ED",
            "Bug",
            "Checkout fails",
            &json!({
                "priority": {"name": "High"}, "labels": ["shop", "urgent"], "assignee": {"id": MIA},
                "description": text("The basket is lost."), "duedate": "2026-01-20",
            }),
        ),
        issue("ED", "Epic", "Sell more", &json!({"priority": {"id": "5"}})),
        issue(
            "ED",
            "Task",
            "Paint the shop",
            &json!({"parent": {"key": "ED-2"}, "labels": ["shop"]}),
        ),
        issue("OPS", "Task", "Rotate keys", &json!({"customfield_10016": 3})),
    ];
    for row in rows {
        talk.simulator.load(&row).unwrap();
    }
    talk
}

#[tokio::test]
async fn an_issue_from_beginning_to_end() {
    let mut talk = Talk::begin();
    let body = issue(
        "ED",
        "Task",
        "Sell more",
        &json!({"description": text("Now."), "labels": ["shop"]}),
    );
    talk.ask("POST /issue", body).await;
    talk.get("/issue/ed-1?fields=summary,status,description,resolution&properties=skillhost.run,other")
        .await;
    talk.get("/issue/20000?fields=-description&fields=*all").await;
    talk.get("/issue/ED-1/properties/skillhost.run").await;
    talk.get("/issue/ED-1/transitions").await;
    talk.ask("POST /issue/ED-1/transitions", json!({"transition": {"id": "11"}}))
        .await;
    let history = json!({"type": "skillhost:run"});
    let close = json!({
        "transition": {"id": "31"}, "fields": {"resolution": {"name": "Done"}}, "historyMetadata": history,
        "properties": [{"key": "skillhost.transition", "value": 1}],
    });
    talk.ask("POST /issue/ED-1/transitions", close).await;
    for words in ["First.", "Second.", "Third."] {
        let body = json!({"body": text(words), "properties": [{"key": "skillhost.run", "value": words}]});
        talk.ask("POST /issue/ED-1/comment", body).await;
    }
    talk.get("/issue/ED-1/comment?orderBy=-created&maxResults=2&expand=properties")
        .await;
    talk.get("/issue/ED-1/comment?startAt=2").await;
    talk.get("/myself").await;
    let issues = talk.simulator.issues();
    insta::assert_snapshot!(talk.said);
    insta::assert_json_snapshot!("an_issue_as_a_test_reads_it", issues);
}

#[tokio::test]
async fn searches() {
    let mut talk = stocked();
    talk.ask("POST /issue/ED-3/transitions", json!({"transition": {"id": "11"}}))
        .await;
    talk.said.clear();
    let found = include_str!("tests/searches.jql")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut told = String::new();
    for jql in found {
        talk.find(jql).await;
        told.push_str(talk.said.rsplit("\n\n").next().unwrap());
    }
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn a_search_is_answered_in_pages() {
    let mut talk = stocked();
    talk.ask("POST /search/jql", json!({"jql": "project = ED"})).await;
    let query = json!({"jql": "project in (ED, OPS) ORDER BY key", "maxResults": 3, "fields": ["summary"], "properties": ["skillhost.run"]});
    let first = talk.ask("POST /search/jql", query.clone()).await;
    let next = |jql: &str| json!({"jql": jql, "maxResults": 3, "fields": ["summary"], "nextPageToken": first["nextPageToken"]});
    talk.ask("POST /search/jql", next("project in (ED, OPS) ORDER BY key"))
        .await;
    talk.ask("POST /search/jql", next("project = ED")).await;
    talk.simulator.release_pages();
    talk.ask("POST /search/jql", next("project in (ED, OPS) ORDER BY key"))
        .await;
    talk.get("/search/jql?jql=project%3DOPS&fields=key,summary&maxResults=1")
        .await;
    talk.get("/search?jql=project%3DOPS").await;
    talk.ask("POST /search/approximate-count", json!({"jql": "project = ED"}))
        .await;
    talk.get("/serverInfo").await;
    talk.get("/field").await;
    insta::assert_snapshot!(talk.said);
}

#[tokio::test]
async fn a_new_issue_is_missing_until_it_is_indexed_or_asked_for() {
    let mut talk = stocked();
    talk.simulator.lag(2);
    let made = talk.ask("POST /issue", issue("OPS", "Task", "New", &json!({}))).await;
    let id: u64 = made["id"].as_str().unwrap().parse().unwrap();
    talk.said.clear();
    let query = json!({"jql": "project = OPS"});
    for _ in 0..3 {
        talk.ask("POST /search/jql", query.clone()).await;
    }
    talk.ask("POST /issue", issue("OPS", "Task", "Newer", &json!({}))).await;
    talk.ask(
        "POST /search/jql",
        json!({"jql": "project = OPS", "reconcileIssues": [id + 1]}),
    )
    .await;
    insta::assert_snapshot!(talk.said);
}

#[tokio::test]
async fn what_is_refused() {
    let mut talk = stocked();
    let wrong = json!({
        "summary": "a\nb", "issuetype": {"name": "Wish"}, "project": {"key": "NO"}, "priority": {"name": "ASAP"},
        "labels": ["two words"], "assignee": {"id": "nobody"}, "description": "plain", "parent": {"key": "ED-9"},
        "duedate": "soon", "customfield_10016": "3", "customfield_99999": 1,
    });
    let paragraph = json!({"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": ""}]}]});
    for (line, body) in [
        ("POST /issue", json!({"fields": wrong})),
        ("POST /issue", json!({"fields": {}})),
        ("POST /issue", json!({})),
        (
            "POST /issue",
            issue("ED", "Bug", "x", &json!({"description": paragraph})),
        ),
        (
            "POST /issue",
            json!({"fields": {"project": {"key": "ED"}}, "properties": {"skillhost.run": 1}}),
        ),
        ("GET /issue/ED-9", Value::Null),
        ("GET /issue/ED-1/properties/none", Value::Null),
        ("POST /issue/ED-1/comment", json!({"body": "plain"})),
        ("POST /issue/ED-1/comment", json!({})),
        ("POST /issue/ED-1/comment", Value::Null),
        ("GET /issue/ED-1/comment?orderBy=-updated", Value::Null),
        ("POST /issue/ED-1/transitions", json!({"transition": {"id": true}})),
        ("POST /issue/ED-1/transitions", json!({"transition": {"id": "31"}})),
        (
            "POST /issue/ED-1/transitions",
            json!({"transition": {"id": "11"}, "fields": {"resolution": {"name": "Done"}}}),
        ),
        (
            "POST /issue/ED-1/transitions",
            json!({"transition": {"id": "11"}, "fields": {"summary": "x"}}),
        ),
        ("POST /search/jql", json!({"jql": "project = ED", "maxResults": "50"})),
        ("POST /search/jql", json!({"jql": "project = ED", "maxResults": 0})),
        ("DELETE /issue/ED-1", json!({})),
        ("GET /elsewhere", Value::Null),
    ] {
        talk.ask(line, body).await;
    }
    assert_eq!(talk.simulator.issues().len(), 4);
    insta::assert_snapshot!(talk.said);
}

#[tokio::test]
async fn troubles_are_met_in_their_order_and_nothing_happens() {
    let mut talk = stocked();
    let troubles = [
        Trouble::TooMany(30),
        Trouble::TooManyUntil(90),
        Trouble::TooManySilent,
        Trouble::Captcha,
        Trouble::Forbidden,
        Trouble::Conflict,
        Trouble::Broken,
    ];
    for trouble in troubles {
        talk.simulator.trouble(trouble, 1);
    }
    for _ in troubles {
        talk.ask("POST /issue", issue("ED", "Bug", "Again", &json!({}))).await;
    }
    assert_eq!(talk.simulator.issues().len(), 4);
    talk.ask("POST /issue", issue("ED", "Bug", "Again", &json!({}))).await;
    insta::assert_snapshot!(talk.said);
}

#[tokio::test]
async fn another_process_steers_a_site_through_its_admin() {
    let mut talk = stocked();
    let admin = admin(talk.simulator.shared.clone());
    let order = async |line: &str, body: Value| {
        let (method, path) = line.split_once(' ').unwrap();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json");
        let response = admin
            .clone()
            .oneshot(request.body(Body::from(body.to_string())).unwrap())
            .await
            .unwrap();
        let status = response.status().as_u16();
        (status, to_bytes(response.into_body(), usize::MAX).await.unwrap())
    };
    assert_eq!(
        order("POST /troubles", json!({"trouble": {"too-many": 5}, "times": 2}))
            .await
            .0,
        204
    );
    assert_eq!(order("PUT /lag", json!(3)).await.0, 204);
    assert_eq!(order("DELETE /pages", Value::Null).await.0, 204);
    for _ in 0..2 {
        talk.get("/myself").await;
    }
    talk.ask("POST /issue", issue("ED", "Task", "Late", &json!({}))).await;
    let (_, issues) = order("GET /issues", Value::Null).await;
    let issues: Vec<Value> = serde_json::from_slice(&issues).unwrap();
    assert_eq!((issues.len(), issues[4]["found"].clone()), (5, json!(false)));
    insta::assert_snapshot!(talk.said);
}

#[tokio::test]
async fn only_the_account_is_let_in() {
    let mut talk = stocked();
    let bearer = "Bearer simulated-access-token";
    let wrong = format!("Basic {TOKEN}");
    let mut told = String::new();
    for credential in [None, Some(BASIC), Some(bearer), Some(wrong.as_str()), Some("Bearer x")] {
        for path in ["/rest/api/3/myself", "/ex/jira/1a2b/rest/api/3/myself"] {
            let mut request = Request::builder().uri(path);
            if let Some(credential) = credential {
                request = request.header("authorization", credential);
            }
            let (status, headers, _) = talk.send(request.body(Body::empty()).unwrap()).await;
            writeln!(told, "{credential:?} {status}{headers}").unwrap();
        }
    }
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn a_lost_reply_is_counted_and_done_and_a_closed_door_is_not() {
    let (address, simulator) = Simulator::start().await.unwrap();
    let body = issue("ED", "Bug", "Once", &json!({})).to_string();
    let request = format!(
        "POST /rest/api/3/issue HTTP/1.1\r\nhost: {address}\r\nauthorization: {BASIC}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    for (fault, made) in [
        (Fault::LoseReply, 1),
        (Fault::Close, 1),
        (Fault::Garbage, 1),
        (Fault::Slow(1), 2),
    ] {
        simulator.traffic().order(fault, 1);
        let answer = exchange(address, &request).await;
        assert_eq!(
            answer.is_empty(),
            matches!(fault, Fault::LoseReply | Fault::Close),
            "{fault:?}"
        );
        assert_eq!(simulator.issues().len(), made, "{fault:?}");
    }
    assert_eq!(simulator.traffic().count("POST", "/issue"), 4);
}

/// Says something, and reads until the other side has no more to say for now.
async fn exchange(address: std::net::SocketAddr, request: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4_096];
    let read = stream.read(&mut answer).await.unwrap_or_default();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}
