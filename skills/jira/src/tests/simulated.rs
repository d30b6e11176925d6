//! The tools and a Jira that remembers: the simulator in `tests/support`. `tests/jira/check` (in the root of the
//! repository) runs these with `SIMULATE=program`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use skillhost_sdk::http::{Request, Response, testing};
use skillhost_sdk::{ToolError, run};

use super::create::small;
use crate::Jira;
use crate::exports::skillhost::jira::issues::{Field, Found, Guest, NewIssue};

const CREDENTIAL: &str = "Basic cm9ib3RAYWNtZS5leGFtcGxlOnNpbXVsYXRlZC1hcGktdG9rZW4=";
const MIA: &str = "5b10a2844c20165700ede21g";

/// A simulator of its own for each test.
struct Simulator {
    process: Child,
    admin: String,
}

impl Simulator {
    /// Starts one, and lets it answer the skill; the credential is added as a host does it.
    #[expect(clippy::disallowed_methods, reason = "a test has no flags of its own")]
    fn start(credential: &'static str) -> Self {
        let program = std::env::var_os("SIMULATE").expect("SIMULATE=program");
        let mut process = Command::new(program)
            .arg("jira")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let address = |name: &str| ready[name].as_str().unwrap().to_owned();
        let (service, admin) = (address("address"), address("admin"));
        testing::answer(move |request| send(&service, credential, &request));
        Self { process, admin }
    }

    fn order(&self, path: &str, body: &Value) {
        let request = Request::post(path).header("content-type", "application/json");
        let request = request.body(body.to_string().into_bytes()).unwrap();
        assert!(send(&self.admin, "", &request).unwrap().status().is_success());
    }

    fn told(&self, path: &str) -> Vec<Value> {
        let response = send(&self.admin, "", &Request::get(path).body(Vec::new()).unwrap()).unwrap();
        serde_json::from_slice(response.body()).unwrap()
    }

    fn issues(&self) -> Vec<Value> {
        self.told("/issues")
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// One request over a connection of its own. Where no answer comes, the host says what it says then.
fn send(address: &str, credential: &str, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ToolError> {
    let mut stream = TcpStream::connect(address).unwrap();
    let mut head = format!(
        "{} {} HTTP/1.1\r\n",
        request.method(),
        request.uri().path_and_query().unwrap()
    );
    for (name, value) in request.headers() {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    let length = request.body().len();
    head.push_str(&format!(
        "host: x\r\nauthorization: {credential}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    ));
    stream.write_all(&[head.as_bytes(), request.body()].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    parse(&answer).ok_or_else(|| ToolError::upstream("The service broke off."))
}

fn parse(answer: &[u8]) -> Option<Response<Vec<u8>>> {
    let end = answer.windows(4).position(|part| part == b"\r\n\r\n")?;
    let head = str::from_utf8(&answer[..end]).unwrap();
    let mut lines = head.lines();
    let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut response = Response::builder().status(status);
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        response = response.header(name, value);
    }
    response.body(answer[end + 4..].to_vec()).ok()
}

fn find(jql: &str, limit: u32) -> Found {
    Jira::search(jql.to_owned(), Some(limit), None, None).unwrap()
}

#[test]
#[ignore = "needs the simulator: tests/jira/check"]
fn an_issue_lives_from_its_creation_to_its_end() {
    let simulator = Simulator::start(CREDENTIAL);
    let description =
        "# Steps\n\n1. Pay\n2. See [@Mia Krystof](accountid:5b10a2844c20165700ede21g)\n\n```sh\nexit 1\n```";
    let issue = NewIssue {
        description: Some(description.to_owned()),
        priority: Some("High".to_owned()),
        labels: Some(vec!["shop".to_owned()]),
        assignee: Some(MIA.to_owned()),
        fields: Some(vec![Field {
            id: "environment".to_owned(),
            value: json!({"markdown": "**Linux**"}).to_string(),
        }]),
        ..small()
    };
    let key = Jira::create(issue).unwrap().key;
    let said = Jira::comment(key.clone(), "It is *urgent*.".to_owned()).unwrap();
    let error = Jira::transition(key.clone(), "Done".to_owned(), None).unwrap_err();
    assert!(
        error.message.contains("`Start work` (11) leads to `In Progress`"),
        "{error}"
    );
    Jira::transition(key.clone(), "in progress".to_owned(), None).unwrap();
    let error = Jira::transition(key.clone(), "Done".to_owned(), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid-argument: `resolution`: Resolution is required."
    );
    let resolution = Field {
        id: "resolution".to_owned(),
        value: "{\"name\": \"Done\"}".to_owned(),
    };
    Jira::transition(key.clone(), "Done".to_owned(), Some(vec![resolution])).unwrap();

    let read = Jira::get(key.clone(), None, Some(5)).unwrap();
    assert_eq!(read.issue.description.as_deref(), Some(description));
    assert_eq!(
        (read.issue.status.as_deref(), read.issue.run),
        (Some("Done"), Some(run::id()))
    );
    assert_eq!(read.issue.assignee.unwrap().name, "Mia Krystof");
    assert_eq!(
        (&read.comments[0].id, read.comments[0].body.as_str()),
        (&said.id, "It is _urgent_.")
    );
    assert_eq!(read.comments[0].run, Some(run::id()));
    let environment = Jira::get(key, Some(vec!["environment".to_owned()]), None)
        .unwrap()
        .issue
        .fields;
    assert_eq!(environment[0].value, "**Linux**");
    let kept = &simulator.issues()[0];
    assert_eq!(kept["properties"]["skillhost.run"]["run"], run::id());
    assert_eq!(kept["properties"]["skillhost.transition"]["run"], run::id());
    assert_eq!(kept["history"][1]["historyMetadata"]["extraData"]["run"], run::id());
}

#[test]
#[ignore = "needs the simulator: tests/jira/check"]
fn every_issue_is_found_once_over_pages() {
    let simulator = Simulator::start(CREDENTIAL);
    for number in 0..230 {
        let summary = format!("Issue {number}");
        Jira::create(NewIssue { summary, ..small() }).unwrap();
    }
    let jql = "project = ED ORDER BY created ASC";
    let all = find(jql, 500);
    let summaries: Vec<_> = all.issues.iter().map(|issue| issue.summary.clone().unwrap()).collect();
    assert_eq!(
        summaries,
        (0..230).map(|number| format!("Issue {number}")).collect::<Vec<_>>()
    );
    assert_eq!(all.next_page_token, None);
    let first = find(jql, 120);
    let rest = Jira::search(jql.to_owned(), Some(500), None, first.next_page_token).unwrap();
    let parts: Vec<_> = first
        .issues
        .iter()
        .chain(&rest.issues)
        .map(|issue| &issue.key)
        .collect();
    assert_eq!(parts, all.issues.iter().map(|issue| &issue.key).collect::<Vec<_>>());
    let asked = simulator.told("/__seen");
    assert_eq!(
        asked
            .iter()
            .filter(|seen| seen["path"] == "/rest/api/3/search/jql")
            .count(),
        3 + 2 + 2
    );
}

#[test]
#[ignore = "needs the simulator: tests/jira/check"]
fn a_write_whose_answer_was_lost_is_found_by_the_run() {
    let simulator = Simulator::start(CREDENTIAL);
    for (fault, done) in [("lose-reply", 1), ("close", 1), ("garbage", 1), ("unavailable", 1)] {
        simulator.order("/__faults", &json!({"fault": fault, "times": 1}));
        let error = Jira::create(small()).unwrap_err();
        assert_eq!(error.code, "upstream", "{fault}");
        assert!(error.details.contains(&("run".to_owned(), run::id())), "{fault}");
        let found = find("project = ED AND created >= -1h", 10);
        let mine = found.issues.iter().filter(|issue| issue.run == Some(run::id()));
        assert_eq!((mine.count(), simulator.issues().len()), (done, done), "{fault}");
    }
}

#[test]
#[ignore = "needs the simulator: tests/jira/check"]
fn limits_and_refusals_reach_the_agent_as_what_they_are() {
    let simulator = Simulator::start(CREDENTIAL);
    let cases = [
        (json!({"too-many": 30}), "rate-limited", Some(30_000)),
        (json!({"too-many-until": 90}), "rate-limited", Some(90_000)),
        (json!("too-many-silent"), "rate-limited", None),
        (json!("captcha"), "unauthorized", None),
        (json!("forbidden"), "denied", None),
        (json!("conflict"), "invalid-argument", None),
        (json!("broken"), "upstream", None),
    ];
    for (trouble, code, retry_after_ms) in cases {
        simulator.order("/troubles", &json!({"trouble": trouble, "times": 1}));
        let error = Jira::create(small()).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.retry_after_ms),
            (code, retry_after_ms),
            "{trouble}"
        );
    }
    assert_eq!(simulator.issues(), Vec::<Value>::new());
    let unknown = Jira::get("ED-1".to_owned(), None, None).unwrap_err();
    assert_eq!(unknown.code, "not-found");
    let unbounded = Jira::search("ORDER BY created".to_owned(), None, None, None).unwrap_err();
    assert!(unbounded.message.starts_with("Unbounded JQL"), "{unbounded}");
    let several = NewIssue {
        project: "NO".to_owned(),
        priority: Some("ASAP".to_owned()),
        ..small()
    };
    let error = Jira::create(several).unwrap_err();
    let fields: Vec<_> = error.details.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(fields, ["status", "field.priority", "field.project"]);
}

#[test]
#[ignore = "needs the simulator: tests/jira/check"]
fn a_wrong_credential_is_told_from_a_missing_right() {
    let _simulator = Simulator::start("Basic d3Jvbmc6d3Jvbmc=");
    let error = Jira::search("project = ED".to_owned(), None, None, None).unwrap_err();
    assert_eq!(error.code, "unauthorized");
}
