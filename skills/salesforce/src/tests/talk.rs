//! Conversations with Salesforce. Each was held with the simulator in `tests/support` once and is kept in
//! `conversations/`: the same requests get the same answers, and any other request fails the test. With
//! `SIMULATE=program` the simulator is asked again: what it answers must be what is kept. With `SIMULATE_KEEP=1` too,
//! it is kept.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use skillhost_sdk::http::{self, Request, Response};

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Exchange {
    ask: String,
    headers: BTreeMap<String, String>,
    body: Value,
    status: u16,
    answer: Value,
}

/// A conversation that is going on.
pub(super) struct Talk {
    file: PathBuf,
    simulator: Option<Rc<Simulator>>,
    kept: Rc<RefCell<VecDeque<Exchange>>>,
    held: Rc<RefCell<VecDeque<Exchange>>>,
}

/// A simulator with data of its own.
struct Simulator {
    process: RefCell<Child>,
    address: String,
    admin: String,
    token: String,
}

impl Talk {
    /// Begins the conversation of this name.
    #[expect(clippy::disallowed_methods, reason = "a test has no flags of its own")]
    pub(super) fn begin(name: &str) -> Self {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("src/tests/conversations/{name}.json"));
        let simulator = std::env::var_os("SIMULATE").map(|program| Rc::new(Simulator::start(PathBuf::from(program))));
        let kept = std::fs::read_to_string(&file)
            .ok()
            .filter(|_| std::env::var_os("SIMULATE_KEEP").is_none());
        let kept = kept
            .map(|text| serde_json::from_str(&text).unwrap())
            .unwrap_or_default();
        let talk = Self {
            file,
            simulator,
            kept: Rc::new(RefCell::new(kept)),
            held: Rc::default(),
        };
        let (simulator, kept, held) = (talk.simulator.clone(), talk.kept.clone(), talk.held.clone());
        http::testing::answer(move |request| {
            let asked = asked(&request);
            let (status, answer) = match &simulator {
                Some(simulator) => simulator.ask(&asked),
                None => {
                    let next = kept.borrow_mut().pop_front().expect("more was asked than before");
                    assert_eq!(
                        (&asked.ask, &asked.headers, &asked.body),
                        (&next.ask, &next.headers, &next.body)
                    );
                    (next.status, next.answer)
                }
            };
            held.borrow_mut().push_back(Exchange {
                status,
                answer: answer.clone(),
                ..asked
            });
            let body = if answer.is_null() {
                Vec::new()
            } else {
                answer.to_string().into_bytes()
            };
            Ok(Response::builder().status(status).body(body).unwrap())
        });
        talk
    }

    /// Ends it: nothing may be left unsaid.
    #[expect(clippy::disallowed_methods, reason = "a test has no flags of its own")]
    pub(super) fn end(self) {
        let held = self.held.borrow().clone();
        if self.simulator.is_some() && std::env::var_os("SIMULATE_KEEP").is_some() {
            let lines: Vec<_> = held.iter().map(|one| serde_json::to_string(one).unwrap()).collect();
            std::fs::write(&self.file, format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
        } else if self.simulator.is_some() {
            assert_eq!(held, *self.kept.borrow(), "the simulator answers otherwise than it did");
        } else {
            assert_eq!(*self.kept.borrow(), [], "less was asked than before");
        }
    }

    /// Orders something from the simulator, which the kept answers show.
    pub(super) fn order(&self, line: &str, body: &str) {
        if let Some(simulator) = &self.simulator {
            exchange(&simulator.admin, line, &["content-type: application/json"], body);
        }
    }

    /// Makes accounts of these names, which the kept answers know.
    pub(super) fn load(&self, names: impl Iterator<Item = String>) {
        let Some(simulator) = &self.simulator else { return };
        let record = |name| json!({ "attributes": { "type": "Account" }, "Name": name });
        let records: Vec<_> = names.map(record).collect();
        for part in records.chunks(200) {
            let ask = "POST /services/data/v66.0/composite/sobjects".to_owned();
            let headers = BTreeMap::from([("content-type".to_owned(), "application/json".to_owned())]);
            let body = json!({ "records": part });
            simulator.ask(&Exchange {
                ask,
                headers,
                body,
                status: 0,
                answer: Value::Null,
            });
        }
    }
}

fn asked(request: &Request<Vec<u8>>) -> Exchange {
    let uri = request.uri();
    assert_eq!(uri.authority().unwrap(), "salesforce");
    let text = |value: &http::HeaderValue| value.to_str().unwrap().to_owned();
    Exchange {
        ask: format!("{} {}", request.method(), uri.path_and_query().unwrap()),
        headers: request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        body: serde_json::from_slice(request.body()).unwrap_or_default(),
        status: 0,
        answer: Value::Null,
    }
}

impl Simulator {
    fn start(program: PathBuf) -> Self {
        let mut process = Command::new(program)
            .arg("salesforce")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let address = ready["address"].as_str().unwrap().to_owned();
        let form = "grant_type=password&username=agent%40acme.example&password=simulated-password\
            &client_id=3MVG9simulated.client&client_secret=simulated-client-secret";
        let (_, answer) = exchange(&address, "POST /services/oauth2/token", &[], form);
        Self {
            process: RefCell::new(process),
            address,
            admin: ready["admin"].as_str().unwrap().to_owned(),
            token: answer["access_token"].as_str().unwrap().to_owned(),
        }
    }

    fn ask(&self, asked: &Exchange) -> (u16, Value) {
        let mut headers: Vec<_> = asked
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        headers.push(format!("authorization: Bearer {}", self.token));
        let headers: Vec<_> = headers.iter().map(String::as_str).collect();
        let body = if asked.body.is_null() {
            String::new()
        } else {
            asked.body.to_string()
        };
        exchange(&self.address, &asked.ask, &headers, &body)
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let mut process = self.process.borrow_mut();
        process.kill().unwrap();
        process.wait().unwrap();
    }
}

/// One request over HTTP/1.1, and its answer.
fn exchange(address: &str, line: &str, headers: &[&str], body: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(address).unwrap();
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    let head =
        format!("{line} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}");
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (
        head[9..12].parse().unwrap(),
        serde_json::from_str(body).unwrap_or_default(),
    )
}
