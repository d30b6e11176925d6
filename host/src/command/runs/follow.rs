//! `skillhost runs RUN --follow`: what happens in a run, as it happens.

use std::io::Write;

use anyhow::{Context, Result};
use futures_util::StreamExt;
use serde_json::{Value, json};
use sse_stream::{Sse, SseByteStream};
use uuid::Uuid;

use crate::command::client::Client;
use crate::command::{Global, output};

/// Prints the events of a run until it has ended: what a model answers as it comes, on standard output, and the rest as
/// talk; or each event as a line of JSON.
///
/// # Errors
/// The host refused, or ended before the run did.
pub(super) async fn follow(global: &Global, client: &Client, run: Uuid) -> Result<()> {
    let bytes = client.stream(&format!("v1/runs/{run}/events")).await?;
    let mut events = std::pin::pin!(SseByteStream::new(bytes));
    let mut page = Page::default();
    while let Some(event) = events.next().await {
        let event = event.context("the host sends what is no event")?;
        if let Some(event) = Event::of(event)? {
            if global.json {
                writeln!(std::io::stdout(), "{}", event.line()).context("standard output is closed")?;
            } else {
                page.print(&event)?;
            }
            page.ended |= event.is_last();
        }
    }
    anyhow::ensure!(page.ended, "the host ended before the run did; follow it again");
    Ok(())
}

/// One event.
struct Event {
    id: Option<String>,
    name: String,
    data: Value,
}

impl Event {
    /// Comments that keep a connection open are none.
    fn of(event: Sse) -> Result<Option<Self>> {
        let (Some(name), Some(data)) = (event.event, event.data) else {
            return Ok(None);
        };
        let data = serde_json::from_str(&data).context("the host sends what is no JSON")?;
        Ok(Some(Self {
            id: event.id,
            name,
            data,
        }))
    }

    fn line(&self) -> Value {
        json!({"id": self.id, "event": self.name, "data": self.data})
    }

    /// Whether it says that the run has ended.
    fn is_last(&self) -> bool {
        let state = output::text(&self.data, &["state"]);
        self.name == "state" && state != "running" && state != "suspended"
    }
}

/// What stands on the screen.
#[derive(Default)]
struct Page {
    /// The call and the attempt whose answer is coming.
    coming: Option<(String, String)>,
    ended: bool,
}

impl Page {
    fn print(&mut self, event: &Event) -> Result<()> {
        let text = |path: &[&str]| output::text(&event.data, path);
        match event.name.as_str() {
            "provisional" => self.coming(&event.data),
            "entry" => {
                self.ends_line()?;
                let happened = event.data.get("event").and_then(Value::as_object);
                let what = happened.and_then(|happened| happened.keys().next());
                output::say(&format!("{} {}", text(&["number"]), what.map_or("-", String::as_str)));
                Ok(())
            }
            "state" => {
                self.ends_line()?;
                let code = event.data.get("code").and_then(Value::as_str);
                output::say(&format!(
                    "{}{}",
                    text(&["state"]),
                    code.map(|code| format!(": {code}")).unwrap_or_default()
                ));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn coming(&mut self, data: &Value) -> Result<()> {
        let of = (output::text(data, &["number"]), output::text(data, &["attempt"]));
        if self.coming.as_ref().is_some_and(|coming| *coming != of) {
            self.ends_line()?;
            output::say("that attempt failed, and another one answers");
        }
        self.coming = Some(of);
        let mut out = std::io::stdout();
        let written = match data.get("text").and_then(Value::as_str) {
            Some(text) => write!(out, "{}", registry::visible(text)),
            None => write!(out, "[{}]", registry::visible(&output::text(data, &["tool"]))),
        };
        written.and_then(|()| out.flush()).context("standard output is closed")
    }

    fn ends_line(&mut self) -> Result<()> {
        match self.coming.take() {
            Some(_) => writeln!(std::io::stdout()).context("standard output is closed"),
            None => Ok(()),
        }
    }
}
