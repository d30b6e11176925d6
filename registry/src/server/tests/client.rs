//! The embedded registry over a real connection, with our own client.

use std::io::Write as _;
use std::time::Duration;

use super::*;
use crate::oci::{Client, ClientSettings, Login};
use crate::reference::Reference;

async fn listen(registry: &Registry) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let router = registry.router.clone();
    #[expect(clippy::disallowed_methods, reason = "no test waits for a silent client")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    host
}

fn client(host: &str, token: &str) -> Client {
    let login = Login {
        registry: host.to_owned(),
        user: "anybody".to_owned(),
        secret: token.to_owned(),
    };
    Client::new(ClientSettings {
        logins: vec![login],
        ..ClientSettings::default()
    })
}

#[tokio::test]
async fn what_is_pushed_is_pulled_with_its_signature() {
    let registry = Registry::with(RegistryLimits::default());
    let host = listen(&registry).await;
    let (package, attachment) = crate::layout::tests::signed();
    let reference: Reference = format!("{host}/acme/deck:1.0.0").parse().unwrap();
    let publisher = client(&host, "publisher");
    for _ in 0..2 {
        let digest = publisher
            .push(&reference, &package, std::slice::from_ref(&attachment))
            .await
            .unwrap();
        assert_eq!(digest, package.digest());
    }
    let pulled = client(&host, "reader").pull(&reference).await.unwrap();
    assert_eq!(pulled.digest(), package.digest());
    assert_eq!(pulled.component(), package.component());
    assert_eq!(pulled.bundles(), [attachment.bundle().clone()]);
    // The registry lists signatures itself: no tag is kept for them.
    let tags = registry.tell("GET", "/v2/acme/deck/tags/list", &[], "").await;
    assert!(tags.ends_with(r#""tags":["1.0.0"]}"#), "{tags}");
}

/// `oci-client` is what wkg and most programs in Rust push and pull with.
#[tokio::test]
async fn oci_client_pulls_what_we_pushed_and_the_other_way_round() {
    use oci_client::client::{ClientConfig, ClientProtocol, Config, ImageLayer};
    crate::install_tls_provider();
    let registry = Registry::with(RegistryLimits::default());
    let host = listen(&registry).await;
    let (package, _) = crate::layout::tests::signed();
    let ours: Reference = format!("{host}/acme/deck:1.0.0").parse().unwrap();
    let publisher = client(&host, "publisher");
    publisher.push(&ours, &package, &[]).await.unwrap();

    let other = oci_client::Client::new(ClientConfig {
        protocol: ClientProtocol::Http,
        ..ClientConfig::default()
    });
    let login = oci_client::secrets::RegistryAuth::Basic("anybody".to_owned(), "publisher".to_owned());
    let at = format!("{host}/acme/deck:1.0.0").parse().unwrap();
    let pulled = other.pull(&at, &login, vec!["application/wasm"]).await.unwrap();
    assert_eq!(pulled.digest, Some(package.digest().to_string()));
    assert_eq!(pulled.layers.len(), 1);
    assert_eq!(pulled.layers[0].data, *package.component());

    let manifest: oci_client::manifest::OciImageManifest = serde_json::from_slice(package.manifest()).unwrap();
    let config = Config::new(pulled.config.data, pulled.config.media_type, None);
    let layer = ImageLayer::new(package.component().to_vec(), "application/wasm".to_owned(), None);
    let at = format!("{host}/acme/deck:2.0.0").parse().unwrap();
    other.push(&at, &[layer], config, &login, Some(manifest)).await.unwrap();
    let theirs: Reference = format!("{host}/acme/deck:2.0.0").parse().unwrap();
    let pulled = publisher.pull(&theirs).await.unwrap();
    assert_eq!(pulled.component(), package.component());
}

#[tokio::test]
async fn who_may_not_push_is_told_so() {
    let registry = Registry::with(RegistryLimits::default());
    let host = listen(&registry).await;
    let (package, _) = crate::layout::tests::signed();
    let reference: Reference = format!("{host}/acme/deck:1.0.0").parse().unwrap();
    for token in ["reader", "stranger"] {
        let refused = client(&host, token).push(&reference, &package, &[]).await.unwrap_err();
        assert_eq!(refused.code(), crate::Code::RegistryRefused, "{token}");
    }
    let missing = client(&host, "reader").pull(&reference).await.unwrap_err();
    assert_eq!(missing.code(), crate::Code::ArtifactNotFound);
}

#[tokio::test]
async fn an_upload_whose_connection_dies_leaves_nothing_behind() {
    let registry = Registry::with(RegistryLimits::default());
    let host = listen(&registry).await;
    let path = format!("/v2/acme/deck/blobs/uploads/?digest={}", Digest::of(b"bytes"));
    let mut connection = std::net::TcpStream::connect(&host).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer publisher\r\ncontent-length: 5\r\n\r\nby"
    );
    connection.write_all(head.as_bytes()).unwrap();
    until(|| registry.unfinished() == 1).await;
    drop(connection);
    until(|| registry.unfinished() == 0).await;
}

async fn until(done: impl Fn() -> bool) {
    while !done() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
