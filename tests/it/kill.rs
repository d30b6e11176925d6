//! A host that is killed at any moment loses no run, no file and no token that it acknowledged.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

use crate::house::{Front, Reply};
use crate::published::{approve, publish, tool};

/// Clients that ask at the same time.
const CLIENTS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_sigkill() {
    let folder = tempfile::tempdir().unwrap();
    let (data, keys) = (folder.path().join("data"), folder.path().join("keys"));
    let admin = host::serve::init(&data, &keys)
        .await
        .unwrap()
        .secret
        .reveal()
        .to_owned();
    let (mut child, mut front) = serve(&data, &keys).await;
    let reference = publish(&front, &admin).await;
    approve(&front, &admin, &reference, &json!({})).await;
    let mut acknowledged = BTreeMap::new();
    // How many answers each round waits for before it kills: each lands in another moment of the writer's work.
    for answers in [1, 7, 40, 23, 64] {
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            clients.spawn(ask(Arc::clone(&front), admin.clone(), client));
        }
        for _ in 0..answers {
            let (path, expected, task) = clients.join_next().await.unwrap().unwrap().expect("the host answers");
            acknowledged.insert(path, expected);
            clients.spawn(ask(Arc::clone(&front), admin.clone(), task));
        }
        child.kill().await.unwrap();
        // What was answered and not yet looked at counts as well.
        while let Some(ended) = clients.join_next().await {
            if let Some((path, expected, _)) = ended.unwrap() {
                acknowledged.insert(path, expected);
            }
        }
        (child, front) = serve(&data, &keys).await;
        for (path, expected) in &acknowledged {
            let reply = front.get(path, &admin).await;
            assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text());
            let found: Value = serde_json::from_slice(&reply.body).unwrap();
            assert_eq!(found.get("state").unwrap_or(&found), expected, "{path}");
        }
    }
    child.kill().await.unwrap();
}

/// Asks for something that must last; returns where it is found and what is found there, once it is acknowledged.
async fn ask(front: Arc<Front>, admin: String, client: usize) -> Option<(String, Value, usize)> {
    if client == 0 {
        let content = json!(uuid::Uuid::now_v7());
        let upload = front
            .request(Method::POST, "/v1/files?name=a.json", &admin)
            .body(content.to_string());
        let sent = upload.send().await.ok()?;
        assert_eq!(sent.status(), StatusCode::CREATED);
        let file: Value = sent.json().await.ok()?;
        return Some((
            format!("/v1/files/{}", file["sha256"].as_str().unwrap()),
            content,
            client,
        ));
    }
    let invoked = front
        .request(Method::POST, &tool("answer"), &admin)
        .json(&json!({}))
        .send()
        .await
        .ok()?;
    assert_eq!(invoked.status(), StatusCode::OK);
    let answer: Value = invoked.json().await.ok()?;
    Some((
        format!("/v1/runs/{}", answer["run"].as_str().unwrap()),
        json!("succeeded"),
        client,
    ))
}

async fn serve(data: &Path, keys: &Path) -> (Child, Arc<Front>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_skillhost"))
        .args(["serve", "--listen", "127.0.0.1:0", "--json", "--data"])
        .arg(data)
        .arg("--keys")
        .arg(keys)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut text = String::new();
    let said: Value = loop {
        text.push_str(
            &lines
                .next_line()
                .await
                .unwrap()
                .expect("the host says where it listens"),
        );
        if let Ok(said) = serde_json::from_str(&text) {
            break said;
        }
    };
    let url: url::Url = said["url"].as_str().unwrap().parse().unwrap();
    let address = url.socket_addrs(|| None).unwrap()[0];
    let front = Front::new(address);
    assert_eq!(
        Reply::of(front.request(Method::GET, "/readyz", "")).await.status,
        StatusCode::OK
    );
    (child, Arc::new(front))
}
