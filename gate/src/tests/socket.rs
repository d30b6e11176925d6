//! A run in another process: everything between it and the gate crosses a socket.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::support::{World, about, call, word};
use crate::{Call, Halt, Mode, Returned};

async fn send<T: Serialize>(socket: &mut UnixStream, message: &T) {
    let bytes = serde_json::to_vec(message).unwrap();
    socket.write_u32(u32::try_from(bytes.len()).unwrap()).await.unwrap();
    socket.write_all(&bytes).await.unwrap();
}

async fn receive<T: DeserializeOwned>(socket: &mut UnixStream) -> Option<T> {
    let size = socket.read_u32().await.ok()?;
    let mut bytes = vec![0; size as usize];
    socket.read_exact(&mut bytes).await.unwrap();
    Some(serde_json::from_slice(&bytes).unwrap())
}

/// The gate's side: calls come in, what the run gets goes out.
async fn serve(world: World, mut socket: UnixStream) -> World {
    let gate = world.gate();
    let mut run = gate.open(about(1), Mode::Live).await.unwrap();
    while let Some(asked) = receive::<Call>(&mut socket).await {
        let answer: Result<Returned, Halt> = gate.call(&mut run, asked).await;
        send(&mut socket, &answer).await;
    }
    world
}

#[tokio::test]
async fn a_run_and_the_gate_speak_over_a_socket() {
    let (mut here, there) = UnixStream::pair().unwrap();
    let gate = tokio::spawn(serve(World::new(), there));
    let large = "x".repeat(100_000);
    let mut ends = Vec::new();
    for asked in [
        call(1, "jira", "GET", "/issue?expand=a%2Fb", ""),
        call(2, "jira", "POST", "/issue", &large),
        call(3, "stranger", "GET", "/", ""),
        call(4, "ask", "POST", "/issue", "{}"),
        call(5, "jira", "GET", "/", ""),
    ] {
        send(&mut here, &asked).await;
        ends.push(match receive::<Result<Returned, Halt>>(&mut here).await.unwrap() {
            Ok(returned) => word(&returned.outcome),
            Err(Halt::Suspend(_)) => "suspended".to_owned(),
            Err(Halt::Stop(stop)) => stop.code.to_string(),
        });
    }
    assert_eq!(ends, ["200", "200", "not-granted", "suspended", "run-interrupted"]);
    drop(here);
    assert_eq!(gate.await.unwrap().backend.seen().len(), 2);
}
