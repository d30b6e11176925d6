//! A credential is found in nothing that anybody can read.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gate::Journal as _;
use support::traffic::Fault;

use super::place::{BASIC, CANARY, OAUTH, Place, grant};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_credential_is_found_nowhere() {
    // Where there is one subscriber only, a line of code that another test's thread comes to first asks the one of that
    // thread, which has none, and is silent from then on. With two it asks all.
    let _second = tracing::Dispatch::new(
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(io::sink)
            .finish(),
    );
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let mut shown = BTreeMap::new();
    for (name, credential) in [
        ("basic", BASIC),
        (
            "header",
            r#"{ header = { name = "Authorization", value = { file = "SECRET" } } }"#,
        ),
        ("bearer", r#"{ bearer = { file = "SECRET" } }"#),
        ("oauth", OAUTH),
    ] {
        let mut place = Place::new(credential).await;
        let mut seen = String::new();
        for (target, fault) in [
            ("/echo", None),
            ("/never", None),
            ("/a", Some((Fault::Garbage, 1))),
            ("/b", Some((Fault::Close, 9))),
        ] {
            if let Some((fault, times)) = fault {
                place.traffic.order(fault, times);
            }
            seen += &format!("{:?}\n", place.returned("GET", target, &[]).await);
        }
        let stolen = match name {
            "oauth" => [format!("{CANARY}-secret"), format!("{CANARY}-token-1")],
            _ => [CANARY.to_owned(), STANDARD.encode(format!("me:{CANARY}"))],
        };
        for stolen in stolen {
            let line = place.call("GET", &format!("/steal?with={stolen}"), &[]).await;
            assert!(line.contains("refused secret-leaving"), "{name}: {line}");
        }
        let sent = place.traffic.seen();
        assert!(
            sent.iter()
                .any(|seen| seen.path == "/api/echo" && seen.headers.contains_key("authorization"))
        );
        assert!(!sent.iter().any(|seen| seen.path.contains("steal")), "{name}");
        for record in place.journal.read(place.run.key()).await.unwrap() {
            seen += &format!("{record:?}\n");
            seen += &format!("{:?}", record.call.map(|call| call.action().unwrap()));
            seen += &format!("{:?}", record.outcome.map(|outcome| outcome.outcome().unwrap()));
        }
        let binding = grant().binding;
        seen += &format!(
            "{:?} {:?}",
            place.outside,
            place.outside.bindings.find("default", &binding)
        );
        shown.insert(name, seen);
        drop(place.folder);
    }
    shown.insert("log", String::from_utf8(log.0.lock().unwrap().clone()).unwrap());
    assert!(shown["log"].contains("a backend did not answer"), "{}", shown["log"]);
    let forms = |secret: String| [STANDARD.encode(&secret), hex::encode(&secret), secret];
    for (name, seen) in shown {
        let secrets = [CANARY.to_owned(), format!("me:{CANARY}"), format!("{CANARY}-token-1")];
        for form in secrets.into_iter().flat_map(forms) {
            assert!(!seen.contains(&form), "{name} shows {form}: {seen}");
        }
    }
}
