//! Tests of what is found, and of what is honestly not.

use proptest::prelude::*;

use super::{Dlp, Held, SecretTooShort};

const SECRET: &str = "sk-live/Zü+4\"7 11~end";

fn dlp() -> Dlp {
    let dlp = Dlp::default();
    dlp.know("one", vec![SECRET.into(), b"\x00\x01\x02\xffbinary".to_vec()])
        .unwrap();
    dlp
}

fn base64(engine: &impl base64::Engine, before: &str) -> String {
    engine.encode(format!("{before}{SECRET} and more"))
}

#[test]
fn a_secret_is_found_in_every_promised_spelling() {
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
    let percent = |all: bool| -> String {
        let plain = |byte: u8| !all && byte.is_ascii_alphanumeric();
        let one = |byte: u8| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02x}")
            }
        };
        SECRET.bytes().map(one).collect()
    };
    let mut spellings = vec![
        SECRET.to_owned(),
        SECRET.to_uppercase().replace('Ü', "ü"),
        hex::encode(SECRET),
        hex::encode_upper(SECRET),
        serde_json::to_string(SECRET).unwrap(),
        serde_json::to_string(SECRET).unwrap().replace('/', "\\/"),
        percent(false),
        percent(true),
        percent(true).to_uppercase(),
        "user:".to_owned() + SECRET,
    ];
    for before in ["", "u:", "ab", "abc", "user:"] {
        spellings.push(base64(&STANDARD, before));
        spellings.push(base64(&STANDARD_NO_PAD, before));
        spellings.push(base64(&URL_SAFE, before));
        spellings.push(base64(&URL_SAFE_NO_PAD, before));
    }
    let dlp = dlp();
    for spelling in spellings {
        let text = format!("before {spelling} after");
        let known = dlp.known();
        assert!(known.is_in(text.as_bytes()), "{spelling}");
        let redacted = String::from_utf8(known.redact(text.as_bytes()).unwrap()).unwrap();
        assert!(redacted.contains("[redacted]"), "{spelling}: {redacted}");
        assert!(!known.is_in(redacted.as_bytes()), "{spelling}: {redacted}");
        assert!(
            redacted.starts_with("before ") && redacted.ends_with(" after"),
            "{redacted}"
        );
    }
    assert!(dlp.known().is_in_form(&percent(false).replace("%20", "+")));
    assert!(dlp.known().is_in(b"x\x00\x01\x02\xffbinaryx"));
}

/// The promise ends here; what stands in `README`s must not say more.
#[test]
fn what_is_not_promised_is_not_found() {
    let dlp = dlp();
    for spelling in [
        SECRET.chars().rev().collect::<String>(),
        SECRET.get(..9).unwrap().to_owned(),
        SECRET.replace('l', "l\u{200b}"),
        percent_twice(),
    ] {
        assert!(!dlp.known().is_in(spelling.as_bytes()), "{spelling}");
        assert_eq!(dlp.redact_text(&spelling), spelling);
    }
}

fn percent_twice() -> String {
    SECRET.bytes().map(|byte| format!("%25{byte:02x}")).collect()
}

#[test]
fn several_secrets_are_redacted_at_once() {
    let dlp = Dlp::default();
    dlp.know("one", vec![b"alpha-beta".to_vec()]).unwrap();
    dlp.know("two", vec![b"beta-gamma".to_vec(), b"separate-one".to_vec()])
        .unwrap();
    for (text, redacted) in [
        ("alpha-beta-gamma!", "[redacted]!"),
        ("alpha-beta beta-gamma", "[redacted] [redacted]"),
        ("separate-one", "[redacted]"),
        ("alpha%2Dbeta%2dgamma!", "[redacted]!"),
        ("nothing", "nothing"),
        ("", ""),
    ] {
        assert_eq!(dlp.redact_text(text), redacted);
    }
}

#[test]
fn what_is_forgotten_is_let_through() {
    let dlp = dlp();
    dlp.know("one", vec![b"another-secret".to_vec()]).unwrap();
    assert_eq!(dlp.redact_text(SECRET), SECRET);
    assert_eq!(dlp.redact_text("another-secret"), "[redacted]");
    let short = dlp.know("one", vec![b"long enough".to_vec(), b"short".to_vec()]);
    assert_eq!(short, Err(SecretTooShort("one".to_owned())));
    assert_eq!(dlp.redact_text("another-secret"), "[redacted]");
    dlp.forget("one");
    assert_eq!(dlp.redact_text("another-secret"), "another-secret");
}

/// Text in which secrets stand, begin and end, in their spellings.
fn laden() -> impl Strategy<Value = String> {
    let secret = prop::sample::select(vec![
        "alpha-beta".to_owned(),
        "ALPHA-Beta".to_owned(),
        "beta-gamma".to_owned(),
        "gamma/Zü~1".to_owned(),
        "alpha%2dbeta".to_owned(),
        "%67amma%2FZ%c3%bc%7e1".to_owned(),
        hex::encode("alpha-beta"),
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, "u:alpha-beta."),
    ]);
    let part = (secret, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(secret, at, front)| {
        let at = secret.floor_char_boundary(at.index(secret.len() + 1));
        let (front_part, back_part) = secret.split_at(at);
        if front { front_part } else { back_part }.to_owned()
    });
    let plain = prop::sample::select(vec![" ", "%", "a", "é", "al", "-", "%4", "x"]).prop_map(str::to_owned);
    let whole = prop::sample::select(vec!["alpha-beta", "beta-gamma", "gamma/Zü~1"]).prop_map(str::to_owned);
    prop::collection::vec(prop_oneof![part, plain, whole], 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    /// However a text is cut, what is shown of it is what is shown of the whole, and never more.
    #[test]
    fn a_text_in_pieces_is_redacted_as_the_whole_is(text in laden(), cuts in prop::collection::vec(0_usize..40, 0..20)) {
        let dlp = Dlp::default();
        let secrets = ["alpha-beta", "beta-gamma", "gamma/Zü~1"];
        dlp.know("one", secrets.map(|secret| secret.as_bytes().to_vec()).to_vec()).unwrap();
        let (mut held, mut shown, mut rest) = (Held::default(), String::new(), text.as_str());
        for cut in cuts {
            let (piece, left) = rest.split_at(rest.floor_char_boundary(cut));
            shown.extend(dlp.redact_piece(&mut held, piece));
            let held = dlp.redact_text(&held.0);
            prop_assert_eq!(&format!("{shown}{held}"), &dlp.redact_text(&text[..text.len() - left.len()]));
            rest = left;
        }
    }
}

/// Nothing has to wait that cannot become a secret.
#[test]
fn only_what_may_become_a_secret_is_held() {
    let dlp = Dlp::default();
    dlp.know("one", vec![b"alpha-beta".to_vec()]).unwrap();
    let mut held = Held::default();
    for (piece, shown) in [
        ("Oslo", Some("Oslo")),
        (" is", Some(" is")),
        (" Alp", Some(" ")),
        ("ine.", Some("Alpine.")),
        ("alpha", None),
        ("-beta", None),
        (" gone", Some("[redacted] gone")),
        ("100%", Some("100")),
        (" sure", Some("% sure")),
    ] {
        assert_eq!(dlp.redact_piece(&mut held, piece).as_deref(), shown, "{piece}");
    }
}
