//! No spelling of an inner address is reached, by a rule that does not name it; and each is, by a rule that does.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use egress::{Client, Code, Request, Rule, RuleSettings, Sent};
use http::Method;

use crate::server::{Names, Server, answers, get};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// What a target is once it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    /// The listener on 127.0.0.1, or the one on ::1.
    Listener,
    /// An address without a listener that needs no name: it must be refused before anything is tried.
    Inner,
    /// Refused whatever a rule names.
    Never,
    /// No target, by this code.
    Nothing(Code),
}

/// Each with the port of the listeners in place of PORT.
const TARGETS: &[(&str, Is)] = &[
    // 127.0.0.1, as the WHATWG's parser and inet_aton read it.
    ("http://127.0.0.1:PORT/", Is::Listener),
    ("http://127.1:PORT/", Is::Listener),
    ("http://127.0.1:PORT/", Is::Listener),
    ("http://2130706433:PORT/", Is::Listener),
    ("http://0x7f000001:PORT/", Is::Listener),
    ("http://0X7F.0x0.0x0.0x1:PORT/", Is::Listener),
    ("http://0x7f.1:PORT/", Is::Listener),
    ("http://017700000001:PORT/", Is::Listener),
    ("http://0177.0.0.01:PORT/", Is::Listener),
    ("http://0000000000000000177.0.0.1:PORT/", Is::Listener),
    ("http://127.0.0.1.:PORT/", Is::Listener),
    ("http://%31%32%37.0.0.1:PORT/", Is::Listener),
    ("http://①②⑦.⓪.⓪.①:PORT/", Is::Listener),
    ("http://127。0。0。1:PORT/", Is::Listener),
    ("http://１２７.0.0.1:PORT/", Is::Listener),
    ("http://𝟏𝟐𝟕.0.0.1:PORT/", Is::Listener),
    ("http://127.0.0\u{ad}.1:PORT/", Is::Listener),
    ("HTTP://127.0.0.1:PORT/", Is::Listener),
    ("http://127.0.0.1:0PORT/", Is::Listener),
    // ::1, and IPv4 in IPv6.
    ("http://[::1]:PORT/", Is::Listener),
    ("http://[0:0:0:0:0:0:0:1]:PORT/", Is::Listener),
    ("http://[0000:0000:0000:0000:0000:0000:0000:0001]:PORT/", Is::Listener),
    ("http://[::0.0.0.1]:PORT/", Is::Listener),
    ("http://[::ffff:127.0.0.1]:PORT/", Is::Listener),
    ("http://[::ffff:7f00:1]:PORT/", Is::Listener),
    ("http://[0:0:0:0:0:FFFF:7F00:0001]:PORT/", Is::Listener),
    ("http://[::127.0.0.1]:PORT/", Is::Inner),
    ("http://[::ffff:0:127.0.0.1]:PORT/", Is::Inner),
    ("http://[64:ff9b::127.0.0.1]:PORT/", Is::Inner),
    ("http://[64:ff9b:1::7f00:1]:PORT/", Is::Inner),
    ("http://[2002:7f00:1::]:PORT/", Is::Inner),
    ("http://[2001:0:7f00:1::]:PORT/", Is::Inner),
    // What connects to this machine without being its name.
    ("http://0:PORT/", Is::Never),
    ("http://0.0.0.0:PORT/", Is::Never),
    ("http://0.1.2.3:PORT/", Is::Never),
    ("http://[::]:PORT/", Is::Never),
    ("http://[::ffff:0.0.0.0]:PORT/", Is::Never),
    ("http://[64:ff9b::0.0.0.0]:PORT/", Is::Never),
    ("http://255.255.255.255:PORT/", Is::Never),
    ("http://224.0.0.1:PORT/", Is::Never),
    ("http://[ff02::1]:PORT/", Is::Never),
    // Where clouds keep credentials.
    ("http://169.254.169.254/latest/", Is::Inner),
    ("http://2852039166/latest/", Is::Inner),
    ("http://0xa9fea9fe/latest/", Is::Inner),
    ("http://025177524776/latest/", Is::Inner),
    ("http://0251.0376.0251.0376/latest/", Is::Inner),
    ("http://169.254.43518/latest/", Is::Inner),
    ("http://①⑥⑨.②⑤④.①⑥⑨.②⑤④/latest/", Is::Inner),
    ("http://[::ffff:169.254.169.254]/latest/", Is::Inner),
    ("http://[::ffff:a9fe:a9fe]/latest/", Is::Inner),
    ("http://[64:ff9b::a9fe:a9fe]/latest/", Is::Inner),
    ("http://[2002:a9fe:a9fe::]/latest/", Is::Inner),
    ("http://[fd00:ec2::254]/latest/", Is::Inner),
    ("http://[fd20:ce::254]/", Is::Inner),
    ("http://[fe80::a9fe:a9fe]/", Is::Inner),
    ("http://100.100.100.200/", Is::Inner),
    ("http://168.63.129.16/", Is::Inner),
    ("http://192.0.0.192/", Is::Inner),
    ("http://169.254.170.2/v2/credentials", Is::Inner),
    // Other networks that are not public.
    ("http://10.0.0.1/", Is::Inner),
    ("http://012.0.0.1/", Is::Inner),
    ("http://167772161/", Is::Inner),
    ("http://172.16.0.1/", Is::Inner),
    ("http://172.31.255.255/", Is::Inner),
    ("http://192.168.1/", Is::Inner),
    ("http://0xc0a80101/", Is::Inner),
    ("http://100.64.0.1/", Is::Inner),
    ("http://198.18.0.1/", Is::Inner),
    ("http://192.0.2.1/", Is::Inner),
    ("http://203.0.113.1/", Is::Inner),
    ("http://240.0.0.1/", Is::Inner),
    ("http://192.88.99.1/", Is::Inner),
    ("http://[fc00::1]/", Is::Inner),
    ("http://[fe80::1]/", Is::Inner),
    ("http://[fec0::1]/", Is::Inner),
    ("http://[2001:db8::1]/", Is::Inner),
    ("http://[3fff::1]/", Is::Inner),
    ("http://[100::1]/", Is::Inner),
    ("http://[5f00::1]/", Is::Inner),
    ("http://[4000::1]/", Is::Inner),
    // Names whose addresses these are.
    ("http://loopback.example:PORT/", Is::Listener),
    ("http://LOOPBACK.example:PORT/", Is::Listener),
    ("http://loopback6.example:PORT/", Is::Listener),
    ("http://mapped.example:PORT/", Is::Listener),
    ("http://metadata.google.internal/", Is::Inner),
    ("http://good-and-bad.example:PORT/", Is::Inner),
    ("http://bad-and-good.example:PORT/", Is::Inner),
    ("http://zero.example:PORT/", Is::Never),
    // What no parser should have to guess.
    ("http://[fe80::1%25lo]:PORT/", Is::Nothing(Code::TargetMalformed)),
    ("http://[::1%lo]:PORT/", Is::Nothing(Code::TargetMalformed)),
    ("http://[::1:PORT/", Is::Nothing(Code::TargetMalformed)),
    ("http://::1:PORT/", Is::Nothing(Code::TargetMalformed)),
    ("http://[127.0.0.1]:PORT/", Is::Nothing(Code::TargetMalformed)),
    ("http://127.0.0.256:PORT/", Is::Nothing(Code::TargetMalformed)),
    ("http://127.0.0.0x:PORT/x y", Is::Nothing(Code::TargetMalformed)),
    ("http://4294967296:PORT/", Is::Nothing(Code::TargetMalformed)),
    ("http://127.0.0.1:65536/", Is::Nothing(Code::TargetMalformed)),
    ("http://127.0.0.1:0/", Is::Nothing(Code::TargetMalformed)),
    ("http://127.0.0.1:-1/", Is::Nothing(Code::TargetMalformed)),
    ("http://127.0.0.1:/", Is::Nothing(Code::TargetMalformed)),
    ("http://user@127.0.0.1:PORT/", Is::Nothing(Code::UserinfoNotAllowed)),
    (
        "http://user:pass@127.0.0.1:PORT/",
        Is::Nothing(Code::UserinfoNotAllowed),
    ),
    ("http://@127.0.0.1:PORT/", Is::Nothing(Code::UserinfoNotAllowed)),
    (
        "http://api.example.test:x@127.0.0.1:PORT/",
        Is::Nothing(Code::UserinfoNotAllowed),
    ),
    (
        "http://api.example.test%40127.0.0.1:PORT/",
        Is::Nothing(Code::TargetMalformed),
    ),
    ("http:127.0.0.1:PORT/", Is::Nothing(Code::TargetMalformed)),
    ("http:/127.0.0.1:PORT/", Is::Nothing(Code::TargetMalformed)),
    ("http:///127.0.0.1:PORT/", Is::Nothing(Code::TargetMalformed)),
    ("http:\\\\127.0.0.1:PORT/", Is::Nothing(Code::TargetMalformed)),
    (
        "http://127.0.0.1\\@api.example.test:PORT/",
        Is::Nothing(Code::TargetMalformed),
    ),
    ("http://127.0.0.1:PORT\t/", Is::Nothing(Code::TargetMalformed)),
    ("http://127.0.\n0.1:PORT/", Is::Nothing(Code::TargetMalformed)),
    (" http://127.0.0.1:PORT/", Is::Nothing(Code::TargetMalformed)),
    ("//127.0.0.1:PORT/", Is::Nothing(Code::TargetMalformed)),
    ("127.0.0.1:PORT", Is::Nothing(Code::TargetMalformed)),
    (
        "http://127.0.0.1:PORT#@api.example.test/",
        Is::Nothing(Code::TargetMalformed),
    ),
    ("http://127.0.0.1:PORT/#fragment", Is::Nothing(Code::TargetMalformed)),
    ("file://127.0.0.1/etc/passwd", Is::Nothing(Code::SchemeNotAllowed)),
    ("gopher://127.0.0.1:PORT/_x", Is::Nothing(Code::SchemeNotAllowed)),
    ("ws://127.0.0.1:PORT/", Is::Nothing(Code::SchemeNotAllowed)),
    ("http+unix://127.0.0.1:PORT/", Is::Nothing(Code::SchemeNotAllowed)),
];

/// Listeners on both loopback addresses, at one port.
struct Inside([Server; 2]);

impl Inside {
    async fn listen() -> Self {
        loop {
            let four = Server::answering(OK).await;
            let six = tokio::net::TcpListener::bind(("::1", four.port())).await;
            if let Ok(six) = six {
                return Self([four, Server::start_on(six, answers(OK))]);
            }
        }
    }

    fn reached(&self) -> usize {
        self.0.iter().map(Server::connections).sum()
    }

    fn spell(&self, text: &str) -> String {
        text.replace("PORT", &self.0[0].port().to_string())
    }
}

fn names() -> Arc<Names> {
    let names = Names::default()
        .with("loopback.example", &[&["127.0.0.1"]])
        .with("loopback6.example", &[&["::1"]])
        .with("mapped.example", &[&["::ffff:127.0.0.1"]])
        .with("metadata.google.internal", &[&["169.254.169.254"]])
        .with("good-and-bad.example", &[&["8.8.8.8", "192.168.0.1"]])
        .with("bad-and-good.example", &[&["10.0.0.1", "8.8.8.8"]])
        .with("zero.example", &[&["0.0.0.0"]]);
    Arc::new(names)
}

/// A binding whose own base is the target, so that only the judgement of the address stands in the way.
fn rule(base: &str, networks: &[&str]) -> Result<Rule, egress::Error> {
    let mut settings = RuleSettings::new("test", base);
    settings.plain_http = true;
    settings.networks = networks.iter().map(|network| (*network).to_owned()).collect();
    Rule::new(settings)
}

/// The path of a base may be asked for below it.
async fn try_it(rule: Rule) -> Result<egress::Reply, egress::Error> {
    get(&Client::new(rule, None, names()), "").await
}

#[tokio::test]
async fn no_spelling_reaches_what_the_rule_does_not_name() {
    let inside = Inside::listen().await;
    let public = rule("http://api.example.test/", &[]).unwrap();
    assert!(TARGETS.len() >= 60);
    for (text, is) in TARGETS {
        let url = inside.spell(text);
        let asked = public.at(&url).unwrap_err();
        match is {
            Is::Nothing(code) => {
                assert_eq!(asked.code(), *code, "{text}");
                // A bare host is a base, and nothing else of these is.
                assert_eq!(rule(&url, &[]).is_ok(), *text == "127.0.0.1:PORT", "{text}");
            }
            _ => {
                assert_eq!(asked.code(), Code::HostNotAllowed, "{text}");
                let error = try_it(rule(&url, &[]).unwrap()).await.unwrap_err();
                assert_eq!(
                    (error.code(), error.sent()),
                    (Code::AddressForbidden, Sent::No),
                    "{text}"
                );
            }
        }
    }
    assert_eq!(inside.reached(), 0);
}

/// The control: the same spellings lead to the same listeners where the rule names their networks, so the listeners would
/// have counted.
#[tokio::test]
async fn each_spelling_reaches_what_the_rule_names() {
    let named = ["127.0.0.0/8", "::1", "::ffff:0:0/96"];
    for (text, is) in TARGETS {
        if matches!(is, Is::Nothing(_)) {
            continue;
        }
        let inside = Inside::listen().await;
        let outcome = try_it(rule(&inside.spell(text), &named).unwrap()).await;
        match is {
            Is::Listener => {
                assert_eq!(outcome.unwrap().status, 200, "{text}");
                assert_eq!(inside.reached(), 1, "{text}");
            }
            _ => {
                assert_eq!(outcome.unwrap_err().code(), Code::AddressForbidden, "{text}");
                assert_eq!(inside.reached(), 0, "{text}");
            }
        }
    }
}

/// The first answer leads where the rule allows, the second where it does not: once with the name asked anew, once with a
/// connection that is still open.
#[tokio::test]
async fn a_name_that_changes_its_address_is_judged_again() {
    let forbidden = Server::answering(OK).await;
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2), forbidden.port()))
        .await
        .unwrap();
    let allowed = Server::start_on(listener, answers(OK));
    let names = Names::default().with("rebinds.example", &[&["127.0.0.2"], &["127.0.0.2"], &["127.0.0.1"]]);
    let names = Arc::new(names);
    let base = format!("http://rebinds.example:{}/", forbidden.port());
    let client = Client::new(rule(&base, &["127.0.0.2"]).unwrap(), None, Arc::clone(&names) as _);
    for asked in 1..=2 {
        get(&client, "/").await.unwrap();
        assert_eq!(names.asked.load(Ordering::SeqCst), asked);
    }
    let error = get(&client, "/").await.unwrap_err();
    assert_eq!((error.code(), error.sent()), (Code::AddressForbidden, Sent::No));
    assert!(allowed.connections() > 0);
    assert_eq!(forbidden.connections(), 0);
}

/// One bad address among good ones is an attempt, whichever comes first.
#[tokio::test]
async fn one_forbidden_address_forbids_the_name() {
    let forbidden = Server::answering(OK).await;
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2), forbidden.port()))
        .await
        .unwrap();
    let allowed = Server::start_on(listener, answers(OK));
    for answer in [["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "127.0.0.2"]] {
        let names = Names::default().with("both.example", &[&answer]);
        let base = format!("http://both.example:{}/", forbidden.port());
        let client = Client::new(rule(&base, &["127.0.0.2"]).unwrap(), None, Arc::new(names));
        assert_eq!(get(&client, "/").await.unwrap_err().code(), Code::AddressForbidden);
    }
    assert_eq!((allowed.connections(), forbidden.connections()), (0, 0));
}

/// Spellings around an allowed host, at HERE, that somebody could read as another, at THERE.
const TRICKS: &[(&str, Code)] = &[
    (
        "http://api.example.test:HERE@127.0.0.1:THERE/rest",
        Code::UserinfoNotAllowed,
    ),
    (
        "http://127.0.0.1:THERE#@api.example.test:HERE/rest",
        Code::TargetMalformed,
    ),
    (
        "http://127.0.0.1:THERE?@api.example.test:HERE/rest",
        Code::HostNotAllowed,
    ),
    (
        "http://127.0.0.1:THERE/@api.example.test:HERE/rest",
        Code::HostNotAllowed,
    ),
    ("http://api.example.test.evil.test:HERE/rest", Code::HostNotAllowed),
    ("http://evil-api.example.test:HERE/rest", Code::HostNotAllowed),
    ("http://api.example.test.:HERE/rest", Code::HostNotAllowed),
    ("http://sub.api.example.test:HERE/rest", Code::HostNotAllowed),
    ("http://example.test:HERE/rest", Code::HostNotAllowed),
    ("http://аpi.example.test:HERE/rest", Code::HostNotAllowed),
    ("http://api.example.test:THERE/rest", Code::PortNotAllowed),
    ("http://api.example.test/rest", Code::PortNotAllowed),
    ("https://api.example.test:HERE/rest", Code::SchemeNotAllowed),
    ("http://api.example.test:HERE/", Code::PathNotAllowed),
    ("http://api.example.test:HERE", Code::PathNotAllowed),
    ("http://api.example.test:HERE?/rest", Code::PathNotAllowed),
    ("http://api.example.test:HERE/restful", Code::PathNotAllowed),
    ("http://api.example.test:HERE/REST", Code::PathNotAllowed),
    ("http://api.example.test:HERE/rest/../admin", Code::PathNotAllowed),
    ("http://api.example.test:HERE/rest/%2e%2E/admin", Code::PathNotAllowed),
    ("http://api.example.test:HERE//rest", Code::PathNotAllowed),
];

/// A host that the rule has, spelled so that somebody could read another.
#[tokio::test]
async fn tricks_around_an_allowed_host_end_before_the_network() {
    let (allowed, other) = (Server::answering(OK).await, Server::answering(OK).await);
    let mut settings = RuleSettings::new("test", format!("http://api.example.test:{}/rest", allowed.port()));
    settings.plain_http = true;
    settings.networks = vec!["127.0.0.0/8".to_owned()];
    let names = Names::default().with("api.example.test", &[&["127.0.0.1"]]);
    let client = Client::new(Rule::new(settings).unwrap(), None, Arc::new(names));
    for (text, code) in TRICKS {
        let url = text.replace("THERE", &other.port().to_string());
        let url = url.replace("HERE", &allowed.port().to_string());
        assert_eq!(client.rule().at(&url).unwrap_err().code(), *code, "{text}");
    }
    assert_eq!((allowed.connections(), other.connections()), (0, 0));
    let spellings = [
        "http://api.example.test:HERE/rest",
        "HTTP://API.Example.TEST:HERE/rest/x",
        "http://ａｐｉ.example.test:HERE/r%65st/x?@127.0.0.1",
    ];
    for text in spellings {
        let target = client
            .rule()
            .at(&text.replace("HERE", &allowed.port().to_string()))
            .unwrap();
        client.send(Request::new(Method::GET, target)).await.unwrap();
    }
    assert_eq!((allowed.requests().len(), other.connections()), (3, 0));
}
