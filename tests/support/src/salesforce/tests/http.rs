//! What only HTTP shows: sessions, versions, hosts, limits, and faults that were ordered.

use std::net::SocketAddr;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::super::{CLIENT_ID, CLIENT_SECRET, Simulator, Usage};
use crate::traffic::Fault;

/// Sends what stands before the empty line as headers, and answers status line, interesting headers and body.
async fn send(address: SocketAddr, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request = format!("{head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let Some((head, body)) = answer.split_once("\r\n\r\n") else {
        return format!("closed after {:?}", answer);
    };
    let kept = |line: &&str| line.starts_with("HTTP/") || line.starts_with("sforce-limit-info");
    format!("{}\n{body}", head.lines().filter(kept).collect::<Vec<_>>().join("\n"))
}

async fn ask(address: SocketAddr, token: &str, line: &str) -> String {
    send(
        address,
        &format!("{line} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}"),
        "",
    )
    .await
}

#[tokio::test]
async fn a_session_and_a_limit_end() {
    let (address, simulator) = Simulator::start().await.unwrap();
    let token = simulator.log_in();
    let lines = [
        "GET /services/data/v66.0/sobjects/Organization/describe/x",
        "GET /services/data/v66.0/nowhere/",
    ];
    let mut said = Vec::new();
    for line in lines {
        said.push(ask(address, &token, line).await);
    }
    simulator.set_usage(Usage { used: 99, max: 100 });
    said.push(ask(address, &token, "GET /services/data/v66.0/limits/").await);
    said.push(ask(address, &token, "GET /services/data/v66.0/limits/").await);
    simulator.expire_sessions();
    said.push(ask(address, &token, "GET /services/data/v66.0/limits").await);
    said.push(ask(address, "", "GET /services/data/v30.0/limits").await);
    said.push(ask(address, "", "GET /services/data/v69.0/limits").await);
    insta::assert_snapshot!(said.join("\n\n"));
}

#[tokio::test]
async fn bodies_are_json() {
    let (address, simulator) = Simulator::start().await.unwrap();
    let head = format!(
        "POST /services/data/v66.0/sobjects/Account HTTP/1.1\r\nhost: {address}\r\nauthorization: OAuth {}",
        simulator.log_in()
    );
    let json = format!("{head}\r\ncontent-type: application/json; charset=utf-8");
    let said = [
        send(address, &head, "Name=Acme").await,
        send(address, &json, "{Name").await,
        send(address, &json, "").await,
        send(address, &json, r#"{"Name": "Acme"}"#).await,
    ];
    insta::assert_snapshot!(said.join("\n\n"));
    assert_eq!(simulator.records("Account").len(), 1);
}

#[tokio::test]
async fn the_host_that_gives_a_token_has_no_data() {
    let (address, simulator) = Simulator::start().await.unwrap();
    let form = format!("grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}");
    let token = |host: &str| {
        format!(
            "POST /services/oauth2/token HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded"
        )
    };
    let password = "grant_type=password&username=agent%40acme.example&password=simulated-password";
    let password = format!("{password}&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}");
    let data = |host: &str| format!("GET /services/data HTTP/1.1\r\nhost: {host}");
    let said = [
        send(address, &token("login.salesforce.com:443"), &form).await,
        send(address, &token("acme.my.salesforce.com"), &form).await,
        send(address, &token("login.salesforce.com:443"), &password).await,
        send(address, &data("login.salesforce.com"), "").await,
        send(address, &data("acme.my.salesforce.com"), "").await[..200].to_owned(),
    ];
    insta::assert_snapshot!(said.join("\n\n"));
    assert_eq!(simulator.traffic().count("POST", "/token"), 3);
}

#[tokio::test]
async fn faults_are_met_in_their_order() {
    let (address, simulator) = Simulator::start().await.unwrap();
    let token = simulator.log_in();
    simulator.load("Account", &json!({ "Name": "Acme" })).unwrap();
    let id = simulator.records("Account")[0]["Id"].as_str().unwrap().to_owned();
    for fault in [
        Fault::Unavailable,
        Fault::Garbage,
        Fault::Close,
        Fault::Slow(1),
        Fault::LoseReply,
    ] {
        simulator.traffic().order(fault, 1);
    }
    let mut said = Vec::new();
    for _ in 0..4 {
        said.push(ask(address, &token, "GET /services/data/v66.0/limits").await);
    }
    assert_eq!(simulator.records("Account").len(), 1);
    said.push(
        ask(
            address,
            &token,
            &format!("DELETE /services/data/v66.0/sobjects/Account/{id}"),
        )
        .await,
    );
    assert_eq!(
        simulator.records("Account").len(),
        0,
        "what was asked happened, and nobody was told"
    );
    said.push(ask(address, &token, "GET /services/data/v66.0/limits").await);
    insta::assert_snapshot!(said.join("\n\n"));
    let met: Vec<_> = simulator.traffic().seen().into_iter().map(|seen| seen.fault).collect();
    assert_eq!(
        met,
        [
            Some(Fault::Unavailable),
            Some(Fault::Garbage),
            Some(Fault::Close),
            Some(Fault::Slow(1)),
            Some(Fault::LoseReply),
            None
        ]
    );
    simulator.traffic().forget();
    assert_eq!(simulator.traffic().seen(), []);
}
