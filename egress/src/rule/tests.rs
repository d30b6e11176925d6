//! Settings that cannot hold, each with its sentence.

use super::*;

fn told(change: impl FnOnce(&mut RuleSettings)) -> String {
    let mut settings = RuleSettings::new("test", "https://api.example.test/");
    change(&mut settings);
    let error = Rule::new(settings).unwrap_err();
    assert_eq!(error.code(), Code::RuleInvalid);
    error.to_string()
}

#[test]
fn settings_that_cannot_hold_say_why() {
    let base = |text: &str| told(|settings| settings.base = text.to_owned());
    let sentences = [
        base("http://api.example.test/"),
        base("ftp://api.example.test/"),
        base("https:/api.example.test/"),
        base("https://user:pass@api.example.test/"),
        base("https://api.example.test/?a=b"),
        base("https://api.example.test/#a"),
        base("https://api.example.test./"),
        base("https://api.example.test/a/../b"),
        base("https://api.example.test:99999/"),
        base(""),
        told(|settings| settings.networks = vec!["10.0.0.0/40".to_owned()]),
        told(|settings| settings.owned_headers = vec!["no name".to_owned()]),
        told(|settings| settings.roots = Some("canary".to_owned())),
        told(|settings| {
            settings.hosts = vec![HostSettings {
                base: "http://other.example".to_owned(),
                credential: false,
            }];
        }),
    ];
    insta::assert_snapshot!(sentences.join("\n"));
}

#[test]
fn places_are_read() {
    let mut settings = RuleSettings::new("test", "HTTPS://Bücher.Example:8443/Rest/");
    settings.hosts = ["api.example", "[2001:db8::1]:9", "https://x.example/y"]
        .map(|base| HostSettings {
            base: base.to_owned(),
            credential: false,
        })
        .to_vec();
    let rule = Rule::new(settings).unwrap();
    let places = rule.places().map(|place| {
        let Place {
            scheme,
            host,
            port,
            prefix,
            credential,
        } = place;
        format!("{scheme} {host} {port} {prefix:?} {credential}")
    });
    insta::assert_snapshot!(places.collect::<Vec<_>>().join("\n"), @r#"
    https xn--bcher-kva.example 8443 "/Rest" true
    https api.example 443 "" false
    https [2001:db8::1] 9 "" false
    https x.example 443 "/y" false
    "#);
}
