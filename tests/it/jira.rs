//! The Jira skill on a whole host, and a Jira that remembers behind its binding.

use serde_json::{Value, json};
use support::jira::{EMAIL, Simulator, TOKEN, Trouble};
use support::traffic::Fault;

use crate::program::{Program, text};

/// A host whose binding `jira` reaches a simulator, and the skill approved to use it.
async fn host() -> (Program, Simulator) {
    let (address, simulator) = Simulator::start().await.unwrap();
    let mut program = Program::start();
    std::fs::write(program.folder().join("secret"), TOKEN).unwrap();
    program.configure(&format!(
        "[tenants.default.http.jira]\nurl = \"http://{address}\"\nplain-http = true\n\
         private-networks = [\"127.0.0.0/8\"]\nread = [\"POST /rest/api/3/search/jql\"]\n\
         credential = {{ basic = {{ user = \"{EMAIL}\", password = {{ file = \"secret\" }} }} }}\n"
    ));
    program.approved_with("jira", &["--grant", "http:jira"]);
    (program, simulator)
}

fn invoke(program: &Program, tool: &str, input: &Value) -> Value {
    let input = input.to_string();
    let out = program.run(&["invoke", "skillhost/jira", tool, "--input", &input, "--json"]);
    let talk = String::from_utf8_lossy(&out.stderr);
    serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{tool}: {talk}"))
}

fn value(program: &Program, tool: &str, input: &Value) -> Value {
    let answer = invoke(program, tool, input);
    assert_eq!(answer["ok"], true, "{tool}: {answer}");
    answer
}

/// A small issue, as the skill takes it.
fn small(summary: &str) -> Value {
    json!({"issue": {"project": "ED", "issue_type": "Task", "summary": summary}})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_lives_from_its_creation_to_its_next_step() {
    let (program, simulator) = host().await;
    let mut issue = small("Checkout hangs");
    issue["issue"]["description"] = json!("# Steps\n\n1. Pay");
    let created = value(&program, "create", &issue);
    let key = text(&created["value"], "key");
    let said = value(&program, "comment", &json!({"key": key, "body": "It is *urgent*."}));
    let moved = value(&program, "transition", &json!({"key": key, "to": "In Progress"}));
    assert_eq!(
        moved["value"],
        json!({"transition": "Start work", "status": "In Progress"})
    );

    let read = &value(&program, "get", &json!({"key": key, "comments": 5}))["value"];
    assert_eq!(
        (
            &read["issue"]["description"],
            &read["issue"]["status"],
            &read["issue"]["run"]
        ),
        (&json!("# Steps\n\n1. Pay"), &json!("In Progress"), &created["run"])
    );
    assert_eq!(
        (&read["comments"][0]["body"], &read["comments"][0]["run"]),
        (&json!("It is _urgent_."), &said["run"])
    );
    // The marks stand where a person who looks at Jira finds them.
    let kept = &simulator.issues()[0];
    assert_eq!(kept["properties"]["skillhost.run"]["run"], created["run"]);
    assert_eq!(kept["properties"]["skillhost.transition"]["run"], moved["run"]);
    // Without a key: Jira knows none.
    let writes: Vec<_> = simulator
        .traffic()
        .seen()
        .into_iter()
        .filter(|seen| seen.method == "POST")
        .collect();
    assert!(writes.len() >= 3 && writes.iter().all(|seen| !seen.headers.contains_key("idempotency-key")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_comes_page_by_page() {
    let (program, simulator) = host().await;
    for number in 0..120 {
        let issue = json!({"fields": {
            "project": {"key": "ED"}, "issuetype": {"name": "Task"}, "summary": format!("Issue {number}"),
        }});
        simulator.load(&issue).unwrap();
    }
    let jql = "project = ED ORDER BY created ASC";
    let all = value(&program, "search", &json!({"jql": jql, "limit": 200}));
    let summaries: Vec<_> = all["value"]["issues"]
        .as_array()
        .unwrap()
        .iter()
        .map(|issue| issue["summary"].clone())
        .collect();
    assert_eq!(
        summaries,
        (0..120)
            .map(|number| json!(format!("Issue {number}")))
            .collect::<Vec<_>>()
    );
    assert_eq!(simulator.traffic().count("POST", "/search/jql"), 2);
    let journal = program.json(&["runs", &text(&all, "run"), "--journal"]);
    assert!(!journal.to_string().contains(r#""sent""#), "a search reads: {journal}");
    // A lost reply is no matter to whoever only reads.
    simulator.traffic().order(Fault::LoseReply, 1);
    let some = value(&program, "search", &json!({"jql": jql, "limit": 2}));
    let token = text(&some["value"], "next_page_token");
    let rest = value(
        &program,
        "search",
        &json!({"jql": jql, "limit": 200, "page_token": token}),
    );
    assert_eq!(rest["value"]["issues"].as_array().unwrap().len(), 118);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_and_refusals_reach_the_agent() {
    let (program, simulator) = host().await;
    let mut told = Vec::new();
    for trouble in [
        Trouble::TooMany(30),
        Trouble::TooManyUntil(90),
        Trouble::Forbidden,
        Trouble::Captcha,
    ] {
        simulator.trouble(trouble, 1);
        told.push(format!(
            "{trouble:?}: {}",
            invoke(&program, "create", &small("A"))["error"]
        ));
    }
    assert_eq!(
        simulator.traffic().seen().len(),
        4,
        "a reply is a reply, and is not repeated"
    );
    let wrong = json!({"issue": {"project": "NO", "issue_type": "Task", "summary": "A", "priority": "ASAP"}});
    told.push(format!("create: {}", invoke(&program, "create", &wrong)["error"]));
    told.push(format!(
        "get: {}",
        invoke(&program, "get", &json!({"key": "ED-1"}))["error"]
    ));
    told.push(format!(
        "search: {}",
        invoke(&program, "search", &json!({"jql": "ORDER BY created"}))["error"]
    ));
    insta::assert_snapshot!(told.join("\n"), @r#"
    TooMany(30): {"code":"rate-limited","message":"Rate limit exceeded.","retry_after_ms":30000,"details":[["status","429"],["reason","jira-burst-based"]]}
    TooManyUntil(90): {"code":"rate-limited","message":"Rate limit exceeded.","retry_after_ms":90000,"details":[["status","429"],["reason","jira-burst-based"]]}
    Forbidden: {"code":"denied","message":"You do not have permission to do this.","details":[["status","403"]]}
    Captcha: {"code":"unauthorized","message":"Jira did not accept the credential of the binding: ask an administrator to renew it.","details":[["status","403"]]}
    create: {"code":"invalid-argument","message":"`priority`: The priority selected is invalid. `project`: valid project is required","details":[["status","400"],["field.priority","The priority selected is invalid."],["field.project","valid project is required"]]}
    get: {"code":"not-found","message":"Issue does not exist or you do not have permission to see it.","details":[["status","404"]]}
    search: {"code":"invalid-argument","message":"Unbounded JQL queries are not allowed here. Please add a search restriction to your query.","details":[["status","400"]]}
    "#);
    assert_eq!(simulator.issues(), Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_in_doubt_is_found_by_the_mark_of_its_run() {
    let (program, simulator) = host().await;
    simulator.traffic().order(Fault::LoseReply, 1);
    let waiting = invoke(&program, "create", &small("Checkout hangs"));
    assert_eq!(waiting["waits_for"], "outcome-unknown", "{waiting}");
    // A person looks, finds that it happened, and says so.
    let found = value(&program, "search", &json!({"jql": "project = ED AND created >= -1h"}));
    assert_eq!(found["value"]["issues"][0]["run"], waiting["run"]);
    let run = text(&waiting, "run");
    let resolve = format!("/v1/runs/{run}/resolve");
    let resolved = program
        .front()
        .post(&resolve, program.token(), &json!({"how": "tell"}))
        .await;
    assert_eq!(resolved.status, 200, "{}", resolved.text());
    let ended = loop {
        let shown = program.json(&["runs", &run]);
        if shown["state"] != "suspended" {
            break shown;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    let told = ended["error"].to_string().replace(&run, "run");
    insta::assert_snapshot!(told, @r#"{"code":"upstream","message":"this call may or may not have been carried out; look before you repeat it. It may be done all the same: look before you try again.","details":[["run","run"]]}"#);
    assert_eq!(simulator.issues().len(), 1, "once, never twice");
}
