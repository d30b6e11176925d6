//! Any pieces, any line ends, and bodies that are no streams.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use proptest::prelude::*;

use super::{Frames, LARGEST};
use crate::dialect::{Event, Framing};
use crate::trouble::{CUT, MALFORMED};

fn event(name: Option<&str>, data: &str) -> Event {
    Event {
        name: name.map(str::to_owned),
        exception: false,
        data: data.as_bytes().to_vec(),
    }
}

fn frame(headers: &[(&'static str, &'static str)], payload: &'static str) -> Vec<u8> {
    let mut message = Message::new(payload.as_bytes());
    for (name, value) in headers {
        message = message.add_header(Header::new(*name, HeaderValue::String((*value).into())));
    }
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).unwrap();
    bytes
}

fn whole(framing: Framing, body: &[u8]) -> Result<Vec<Event>, gate::Failure> {
    let mut frames = Frames::new(framing).unwrap();
    let events = frames.push(body)?;
    frames.finish()?;
    Ok(events)
}

#[test]
fn server_sent_events() {
    for (body, expected) in [
        ("", vec![]),
        ("data: a\n\n", vec![event(None, "a")]),
        ("data: a\r\n\r\n", vec![event(None, "a")]),
        ("data: a\r\rdata: b\n\n", vec![event(None, "a"), event(None, "b")]),
        ("\u{feff}data: a\n\n", vec![event(None, "a")]),
        ("data:a\ndata:  b\ndata\n\n", vec![event(None, "a\n b\n")]),
        (": ping\n\nevent: x\ndata: {}\n\n", vec![event(Some("x"), "{}")]),
        (
            "event: x\n\ndata: a\nid: 1\nretry: 5\nother: y\n\n",
            vec![event(None, "a")],
        ),
        ("event\ndata: a\n\n", vec![event(None, "a")]),
        ("data: ü\u{2028}😀\n\ndata: lost\n", vec![event(None, "ü\u{2028}😀")]),
        ("data\n\n", vec![event(None, "")]),
    ] {
        assert_eq!(
            whole(Framing::ServerSent, body.as_bytes()).unwrap(),
            expected,
            "{body:?}"
        );
    }
    assert_eq!(
        whole(Framing::ServerSent, b"data: \xff\n\n").unwrap_err().code,
        MALFORMED
    );
}

#[test]
fn amazons_frames() {
    let good = [
        (":message-type", "event"),
        (":event-type", "messageStop"),
        (":content-type", "application/json"),
    ];
    let exception = [
        (":message-type", "exception"),
        (":exception-type", "throttlingException"),
    ];
    let error = [
        (":message-type", "error"),
        (":error-code", "Internal"),
        (":error-message", "say \"no\""),
    ];
    let body = [
        frame(&good, "{}"),
        frame(&exception, "{\"message\":\"\"}"),
        frame(&error, ""),
    ]
    .concat();
    let failed = |name, data| Event {
        exception: true,
        ..event(Some(name), data)
    };
    assert_eq!(
        whole(Framing::Amazon, &body).unwrap(),
        [
            event(Some("messageStop"), "{}"),
            failed("throttlingException", "{\"message\":\"\"}"),
            failed("Internal", "{\"message\":\"say \\\"no\\\"\"}"),
        ]
    );
    for (body, code) in [
        (b"<html>Bad Gateway</html>".to_vec(), MALFORMED),
        (frame(&[(":event-type", "x")], "{}"), MALFORMED),
        (frame(&[(":message-type", "other")], "{}"), MALFORMED),
        (body[..body.len() - 1].to_vec(), CUT),
        (body[..body.len() - frame(&error, "").len() + 12].to_vec(), CUT),
        (body[..3].to_vec(), CUT),
    ] {
        assert_eq!(whole(Framing::Amazon, &body).unwrap_err().code, code);
    }
}

#[test]
fn an_endless_event_is_given_up() {
    let piece = vec![b'a'; 1024 * 1024];
    let mut frames = Frames::new(Framing::ServerSent).unwrap();
    assert_eq!(frames.push(b"data: "), Ok(Vec::new()));
    let pieces = (1..).find(|_| frames.push(&piece).is_err()).unwrap();
    assert_eq!(pieces, LARGEST / piece.len());
    let mut frames = Frames::new(Framing::Amazon).unwrap();
    assert_eq!(frames.push(&[1, 0, 0, 0]), Ok(Vec::new()));
    let mut frames = Frames::new(Framing::Amazon).unwrap();
    assert_eq!(frames.push(&[1, 0, 0, 1]).unwrap_err().code, MALFORMED);
}

#[test]
fn there_is_no_end_to_events() {
    let mut frames = Frames::new(Framing::ServerSent).unwrap();
    let event = [&b"data: "[..], &vec![b'a'; 1024 * 1024], b"\n\n"].concat();
    for _ in 0..20 {
        assert_eq!(frames.push(&event).unwrap().len(), 1);
    }
    assert!(Frames::new(Framing::Whole).is_none());
}

proptest! {
    #[test]
    fn any_pieces_make_the_same_events(texts in prop::collection::vec("[a-zé\\r\\n: ]{0,12}", 0..6), cut in any::<prop::sample::Index>()) {
        let body: String = texts.iter().map(|text| format!("data: {text}\r\n\r\n")).collect();
        let cut = cut.index(body.len() + 1);
        let mut frames = Frames::new(Framing::ServerSent).unwrap();
        let mut events = frames.push(&body.as_bytes()[..cut]).unwrap();
        events.extend(frames.push(&body.as_bytes()[cut..]).unwrap());
        prop_assert_eq!(events, whole(Framing::ServerSent, body.as_bytes()).unwrap());
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for framing in [Framing::ServerSent, Framing::Amazon] {
            let mut frames = Frames::new(framing).unwrap();
            let _ = frames.push(&bytes).and_then(|_| frames.finish());
        }
    }
}
