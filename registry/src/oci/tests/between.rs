//! What stands between us and a registry: authorities of our own, and proxies.

use support::evil::AUTHORITY;
use url::Url;

use super::*;

fn authority(registry: &str) -> Vec<Authority> {
    vec![Authority::read(registry, AUTHORITY).unwrap()]
}

fn proxy(at: &support::evil::Proxy, direct: &[&str]) -> Option<Proxy> {
    let direct: Vec<String> = direct.iter().map(|&name| name.to_owned()).collect();
    let url = Url::parse(&at.url()).unwrap();
    Some(Proxy::new(&url, Some(("user", "secret")), &direct).unwrap())
}

/// A registry whose certificate is of an authority that only its operator knows. Linux takes `0.0.0.0` for loopback.
#[tokio::test]
async fn an_authority_vouches_for_the_registry_that_it_is_named_for() {
    let running = honest().listen_by_tls().await.unwrap();
    let registry = format!("0.0.0.0:{}", running.address().port());
    let reference: Reference = format!("{registry}/acme/deck:1.0.0").parse().unwrap();
    for (named, good) in [(registry.as_str(), true), ("registry.example", false)] {
        let settings = ClientSettings {
            authorities: authority(named),
            ..ClientSettings::default()
        };
        let pulled = Client::new(settings).pull(&reference).await;
        assert_eq!(pulled.as_ref().map_err(Error::code).is_ok(), good, "{named}");
        assert!(good || pulled.unwrap_err().code() == Code::RegistryUnreachable);
    }
    for pem in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        assert_eq!(
            Authority::read("registry.example", pem.as_bytes()).unwrap_err().code(),
            Code::SettingsInvalid
        );
    }
}

#[tokio::test]
async fn a_registry_outside_is_reached_by_the_proxy() {
    let running = honest().listen_by_tls().await.unwrap();
    let between = support::evil::Proxy::listen(running.address()).await.unwrap();
    let settings = ClientSettings {
        authorities: authority("registry.test"),
        proxy: proxy(&between, &[]),
        ..ClientSettings::default()
    };
    let reference = "registry.test/acme/deck:1.0.0".parse().unwrap();
    assert!(Client::new(settings).pull(&reference).await.is_ok());
    let mut asked = between.asked();
    asked.dedup();
    assert_eq!(asked, ["CONNECT registry.test:443 HTTP/1.1 as Basic dXNlcjpzZWNyZXQ="]);
    // What is reached directly, and what is on this machine, does not pass it.
    let direct = format!("0.0.0.0:{}", running.address().port());
    let here = listen(honest()).await;
    let settings = ClientSettings {
        authorities: authority(&direct),
        proxy: proxy(&between, &["0.0.0.0"]),
        ..ClientSettings::default()
    };
    let client = Client::new(settings);
    let count = between.asked().len();
    assert!(
        client
            .pull(&format!("{direct}/acme/deck:1.0.0").parse().unwrap())
            .await
            .is_ok()
    );
    assert!(client.pull(&super::reference(&here)).await.is_ok());
    assert_eq!(between.asked().len(), count);
}

#[test]
fn a_proxy_is_one_of_http() {
    for url in [
        "socks5://127.0.0.1:1080",
        "http://user:secret@127.0.0.1:3128",
        "file:///tmp",
    ] {
        let refused = Proxy::new(&Url::parse(url).unwrap(), None, &[]).unwrap_err();
        assert_eq!(refused.code(), Code::SettingsInvalid, "{url}");
    }
}

/// The proxy sees everything that leaves: neither a token server that nobody named nor a private address is asked of it.
#[tokio::test]
async fn b12_a_proxy_is_no_way_around_the_rules() {
    type Edit = fn(&mut Registry);
    let edits: [(&str, Edit, Option<Code>); 5] = [
        (
            "storage outside",
            |registry| {
                let component = registry.artifact().content(Step::Component);
                let path = registry.artifact().path(Step::Component);
                registry.set("/storage", move |_| answer::document(&component));
                registry.set(&path, |_| answer::redirect("https://storage.test/storage"));
            },
            None,
        ),
        (
            "metadata",
            |registry| {
                registry.at(Step::Component, |_| answer::redirect("https://169.254.169.254/latest"));
            },
            Some(Code::RedirectNotAllowed),
        ),
        (
            "this machine",
            |registry| {
                registry.at(Step::Component, |_| answer::redirect("http://127.0.0.1/"));
            },
            Some(Code::RedirectNotAllowed),
        ),
        (
            "a realm elsewhere",
            |registry| {
                registry.guard("Bearer t", "Bearer realm=\"https://storage.test/token\"");
            },
            Some(Code::TokenHostNotAllowed),
        ),
        (
            "a realm inside",
            |registry| {
                registry.guard("Bearer t", "Bearer realm=\"https://169.254.169.254/token\"");
            },
            Some(Code::TokenHostNotAllowed),
        ),
    ];
    let mut told = String::new();
    for (what, edit, code) in edits {
        let mut registry = honest();
        edit(&mut registry);
        let running = registry.listen_by_tls().await.unwrap();
        let between = support::evil::Proxy::listen(running.address()).await.unwrap();
        let settings = ClientSettings {
            authorities: authority("registry.test"),
            proxy: proxy(&between, &[]),
            ..ClientSettings::default()
        };
        let reference = "registry.test/acme/deck:1.0.0".parse().unwrap();
        let pulled = Client::new(settings).pull(&reference).await;
        assert_eq!(pulled.err().map(|error| error.code()), code, "{what}");
        let mut hosts: Vec<String> = between.asked();
        hosts.dedup();
        let hosts: Vec<&str> = hosts.iter().filter_map(|line| line.split(' ').nth(1)).collect();
        told.push_str(&format!("{what}: {}\n", hosts.join(" ")));
    }
    insta::assert_snapshot!(told, @r"
    storage outside: registry.test:443 storage.test:443 registry.test:443
    metadata: registry.test:443
    this machine: registry.test:443
    a realm elsewhere: registry.test:443
    a realm inside: registry.test:443
    ");
}
