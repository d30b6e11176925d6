//! A model that answers at its time to the microsecond: a process of its own, with a thread for each connection, because
//! the timers of an asynchronous runtime round to milliseconds and would hide what is measured.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

/// The argument that makes this program the model.
pub(crate) const ROLE: &str = "be-model";

/// How long it thinks.
pub(crate) const THINKS: Duration = Duration::from_millis(50);

/// The model that thinks before it answers.
pub(crate) const THINKER: &str = "thinker";

/// The model that does not.
pub(crate) const PARROT: &str = "parrot";

/// The model that says when it says each word.
pub(crate) const CLOCK: &str = "clock";

/// Words of the clock, and the pause before each.
const WORDS: (usize, Duration) = (200, Duration::from_millis(5));

/// What the other model answers: a brief.
const BRIEF: &str = r#"{"title":"Release","summary":"It fails.","key_points":[{"text":"Orders fail.","sources":[1]}],"open_questions":[],"actions":[{"what":"Fix it.","who":"Ada","due":null,"sources":[1]}]}"#;

/// The process; it ends with this.
pub(crate) struct Double {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Double {
    pub(crate) fn start() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(ROLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = String::new();
        BufReader::new(child.stdout.as_mut().context("a pipe was asked for")?).read_line(&mut said)?;
        let address = said.trim().parse()?;
        Ok(Self { child, address })
    }
}

impl Drop for Double {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Nanoseconds by the clock that all processes of the machine share.
pub(crate) fn now() -> i64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// The process itself: it ends when nobody holds its input any more.
pub(crate) fn role() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
    std::thread::spawn(move || {
        let last = Arc::default();
        for stream in listener.incoming().flatten() {
            let last = Arc::clone(&last);
            std::thread::spawn(move || drop(attend(&stream, &last)));
        }
    });
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

/// Answers what is posted, and tells whoever gets what was posted last.
fn attend(stream: &TcpStream, last: &Mutex<Vec<u8>>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut input = BufReader::new(stream);
    let answer = answer();
    loop {
        let body = request(&mut input)?;
        let mut output = stream;
        if body.is_empty() {
            let last = last.lock().unwrap_or_else(PoisonError::into_inner);
            output.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", last.len()).as_bytes())?;
            output.write_all(&last)?;
            continue;
        }
        let asked: Value = serde_json::from_slice(&body)?;
        *last.lock().unwrap_or_else(PoisonError::into_inner) = body;
        match asked.get("model").and_then(Value::as_str) {
            Some(CLOCK) => tell_the_time(output)?,
            Some(PARROT) => output.write_all(answer.as_bytes())?,
            _ => {
                pause(THINKS);
                output.write_all(answer.as_bytes())?;
            }
        }
    }
}

/// The body of the next request.
fn request(input: &mut impl std::io::BufRead) -> Result<Vec<u8>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        anyhow::ensure!(input.read_line(&mut line)? > 0, "the connection is closed");
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    Ok(body)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a thread of its own, whose timer is finer than a runtime's"
)]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n";

/// The whole answer: it is not written while somebody waits for it.
fn answer() -> String {
    let mut body = String::new();
    for piece in BRIEF.as_bytes().chunks(10) {
        body.push_str(&chunk(&String::from_utf8_lossy(piece), None));
    }
    body.push_str(&end());
    format!("{HEAD}content-length: {}\r\n\r\n{body}", body.len())
}

fn tell_the_time(mut output: impl std::io::Write) -> Result<()> {
    output.write_all(format!("{HEAD}transfer-encoding: chunked\r\n\r\n").as_bytes())?;
    let mut say = |said: &str| output.write_all(format!("{:x}\r\n{said}\r\n", said.len()).as_bytes());
    let (words, each) = WORDS;
    for _ in 0..words {
        pause(each);
        say(&chunk(&format!("{} ", now()), None))?;
    }
    say(&end())?;
    output.write_all(b"0\r\n\r\n")?;
    Ok(())
}

/// One event of Chat Completions.
fn chunk(text: &str, reason: Option<&str>) -> String {
    let choice = json!({"index": 0, "delta": {"content": text}, "finish_reason": reason});
    let chunk = json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]});
    format!("data: {chunk}\n\n")
}

fn end() -> String {
    let usage = json!({"prompt_tokens": 400, "completion_tokens": 100, "total_tokens": 500});
    let counted = json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [], "usage": usage});
    format!("{}data: {counted}\n\ndata: [DONE]\n\n", chunk("", Some("stop")))
}
