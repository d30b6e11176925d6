//! What other programs make of our artifacts: cosign verifies them, oras, crane and wkg pull them, Debian's
//! registry and crane's keep them.
//! `tests/tools/others` fetches these programs and runs these tests.

mod cosign;
mod place;

use std::fs;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use registry::signature::{Claim, SigningKey, Statement};
use registry::{Attachment, Declaration, Package, Parcel, SkillFile};
use serde_json::json;

use crate::program::{Program, text};
use crate::push::proxy::Proxy;
use place::{Place, tool};

/// A skill, signed for hosts and for cosign.
struct Signed {
    key: SigningKey,
    package: Package,
    attachments: Vec<Attachment>,
}

/// A component without a declaration.
fn bare() -> Vec<u8> {
    let component = wat::parse_str(
        r#"(component
            (core module $m (func (export "run")))
            (core instance $i (instantiate $m))
            (func $run (canon lift (core func $i "run")))
            (component $shim (import "run" (func $f)) (export "run" (func $f)))
            (instance $tools (instantiate $shim (with "run" (func $run))))
            (export "acme:deck/tools@1.0.0" (instance $tools)))"#,
    );
    component.unwrap()
}

fn signed() -> Signed {
    let manifest = "[skill]\nname = 'acme/deck'\nversion = '1.0.0'\nsummary = 'Makes decks.'\nlicense = 'Apache-2.0'\n";
    let wit = "package acme:deck@1.0.0;\ninterface tools { run: func(); }\nworld deck { export tools; }\n";
    let page = SkillFile {
        path: "SKILL.md".to_owned(),
        content: Bytes::from_static(b"---\nname: deck\ndescription: Makes decks.\n---\n"),
    };
    let component = registry::component::embed(&bare(), manifest, wit, &[page]).unwrap();
    let declaration = Declaration::read(&component).unwrap();
    let package = Package::new(component, &declaration).unwrap();
    let key = SigningKey::generate().unwrap();
    let (now, about) = (Timestamp::now(), &declaration.manifest().skill);
    let publisher = "acme".parse().unwrap();
    let claim = Claim::new(
        publisher,
        about.name.clone(),
        about.version.clone(),
        package.digest(),
        now,
    );
    let attach = |bundle: Bytes| Attachment::new(package.manifest(), bundle, now).unwrap();
    let attachments = [Statement::of_skill(&claim), Statement::of_cosign(package.digest())];
    let attachments = attachments.map(|statement| attach(statement.sign(&key))).into();
    Signed {
        key,
        package,
        attachments,
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "tests/tools/others runs it"]
async fn what_we_push_is_verified_and_pulled_by_others() {
    for place in [Place::embedded().await, Place::debian().await, Place::crane().await] {
        let (signed, reference) = (signed(), place.reference());
        let digest = place
            .client()
            .push(&reference, &signed.package, &signed.attachments)
            .await
            .unwrap();
        let pulled = place.client().pull(&reference).await.unwrap();
        assert_eq!((pulled.digest(), pulled.bundles().len()), (digest, 2));

        let verified = place.cosign(&signed.key, &digest.to_string()).await;
        assert!(
            verified.status.success(),
            "{}",
            String::from_utf8_lossy(&verified.stderr)
        );
        let stranger = place
            .cosign(&SigningKey::generate().unwrap(), &digest.to_string())
            .await;
        assert!(!stranger.status.success(), "cosign took a stranger's key");

        let artifact = reference.to_string();
        place.succeed("oras", &["pull", "--plain-http", &artifact]).await;
        let file = fs::read(place.folder.path().join("deck.wasm")).unwrap();
        assert_eq!(file, signed.package.component().to_vec());
        let tree = place.succeed("oras", &["discover", "--plain-http", &artifact]).await;
        assert_eq!(tree.matches("dev.sigstore.bundle.content").count(), 2, "{tree}");
    }
}

/// A folder that was exported, as oras and crane read it, and as what they push of it comes back.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "tests/tools/others runs it"]
async fn what_we_export_is_read_and_pushed_by_others() {
    let (place, signed) = (Place::debian().await, signed());
    let digest = signed.package.digest();
    let parcel = Parcel::new(signed.package.clone(), signed.attachments.clone());
    parcel.write(&place.folder.path().join("deck"), "1.0.0").unwrap();

    let tree = place.succeed("oras", &["discover", "--oci-layout", "deck:1.0.0"]).await;
    assert_eq!(tree.matches("dev.sigstore.bundle.content").count(), 2, "{tree}");
    place.succeed("oras", &["pull", "--oci-layout", "deck:1.0.0"]).await;
    let file = fs::read(place.folder.path().join("deck.wasm")).unwrap();
    assert_eq!(file, signed.package.component().to_vec());

    let reference = place.reference().to_string();
    let copy = [
        "copy",
        "-r",
        "--from-oci-layout",
        "deck:1.0.0",
        "--to-plain-http",
        &reference,
    ];
    place.succeed("oras", &copy).await;
    let fetched = place.client().fetch(&place.reference()).await.unwrap();
    assert_eq!((fetched.digest(), fetched.attachments().len()), (digest, 2));
    // And the other way: a folder that oras wrote is read here.
    let copy = [
        "copy",
        "-r",
        "--from-plain-http",
        &reference,
        "--to-oci-layout",
        "theirs:1.0.0",
    ];
    place.succeed("oras", &copy).await;
    let theirs = Parcel::read(&place.folder.path().join("theirs"), None).unwrap();
    assert_eq!((theirs.digest(), theirs.attachments().len()), (digest, 2));

    let index = format!("{}/acme/index:1", place.host);
    place
        .succeed("crane", &["push", "--insecure", "--index", "deck", &index])
        .await;
    let pushed = place.succeed("crane", &["manifest", "--insecure", &index]).await;
    assert!(pushed.contains(&digest.to_string()), "{pushed}");
}

/// The bundles alone, by two programs that have nothing in common with cosign.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "tests/tools/others runs it"]
async fn what_we_sign_is_verified_by_others() {
    let (place, signed) = (Place::embedded().await, signed());
    let folder = place.folder.path();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/tools/verify.cjs");
    for attachment in &signed.attachments {
        fs::write(folder.join("bundle.json"), attachment.bundle()).unwrap();
        let (signature, covered) = envelope(attachment.bundle());
        fs::write(folder.join("signature"), signature).unwrap();
        fs::write(folder.join("covered"), covered).unwrap();
        for (key, good) in [(&signed.key, true), (&SigningKey::generate().unwrap(), false)] {
            fs::write(folder.join("key.pub"), key.public().to_pem().unwrap()).unwrap();
            let sigstore = place.run("node", &[script, "bundle.json", "key.pub"]).await;
            assert_eq!(
                sigstore.status.success(),
                good,
                "{}",
                String::from_utf8_lossy(&sigstore.stderr)
            );
            let arguments = "pkeyutl -verify -rawin -pubin -inkey key.pub -in covered -sigfile signature";
            let openssl = place.run("openssl", &arguments.split(' ').collect::<Vec<_>>()).await;
            assert_eq!(
                openssl.status.success(),
                good,
                "{}",
                String::from_utf8_lossy(&openssl.stderr)
            );
        }
    }
}

/// The signature of a bundle, and the bytes that it covers (DSSE v1, PAE), taken apart without our own code.
fn envelope(bundle: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let bundle: serde_json::Value = serde_json::from_slice(bundle).unwrap();
    let text = |pointer: &str| bundle.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    let decoded = |pointer: &str| STANDARD.decode(text(pointer)).unwrap();
    let (kind, payload) = (text("/dsseEnvelope/payloadType"), decoded("/dsseEnvelope/payload"));
    let mut covered = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    covered.extend(payload);
    (decoded("/dsseEnvelope/signatures/0/sig"), covered)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "tests/tools/others runs it"]
async fn wkg_pulls_what_we_push() {
    let (place, signed) = (Place::embedded().await, signed());
    let reference = place.reference();
    place
        .client()
        .push(&reference, &signed.package, &signed.attachments)
        .await
        .unwrap();
    let arguments = [
        "oci",
        "pull",
        "--insecure",
        &place.host,
        &reference.to_string(),
        "-o",
        "pulled.wasm",
    ];
    place.succeed("wkg", &arguments).await;
    let file = fs::read(place.folder.path().join("pulled.wasm")).unwrap();
    assert_eq!(file, signed.package.component().to_vec());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "tests/tools/others runs it"]
async fn a_component_that_wkg_pushed_without_our_section_is_refused() {
    let (place, program) = (Place::debian().await, Program::start());
    fs::write(place.folder.path().join("bare.wasm"), bare()).unwrap();
    let reference = format!("{}/acme/deck:1.0.0", place.host);
    let arguments = ["oci", "push", "--insecure", &place.host, &reference, "bare.wasm"];
    place.succeed("wkg", &arguments).await;
    let refused = program.refused(&["approve", &reference, "--reason", "a test"]);
    assert!(
        refused.contains("has no section `skillhost:skill`") && refused.contains("[declaration-missing]"),
        "{refused}"
    );
}

/// As in `path.rs`, with a registry that is not ours and knows no referrers.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "tests/tools/others runs it"]
async fn a_skill_takes_the_whole_path_through_debians_registry() {
    let (place, program) = (Place::debian().await, Program::start());
    let token = program.publisher("skillhost");
    let published = program.publish_with("hello", &token, &["--to", &place.host]);
    let reference = format!("{}/skillhost/hello:0.1.0", place.host);
    let refused = program.refused(&["invoke", "skillhost/hello", "greet", "name=Ada"]);
    assert!(refused.contains("[not-approved]"), "{refused}");
    assert_eq!(program.json(&["inspect", &reference])["digest"], published["digest"]);
    program.ok(&["approve", &reference, "--reason", "a test"]);
    let answer = program.json(&["invoke", "skillhost/hello", "greet", "name=Ada"]);
    assert_eq!(answer["value"], json!({"message": "Hello, Ada!", "characters": 3}));
    let run = program.json(&["runs", &text(&answer, "run")]);
    assert_eq!(run["digest"], published["digest"]);
}

/// As in `push.rs`, with `oras` and three blobs of its own beside the configuration.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "tests/tools/others runs it"]
async fn what_oras_pushes_is_whole_or_absent() {
    let mut program = Program::start();
    let token = program.publisher("acme");
    let home = tempfile::tempdir().unwrap();
    for blob in ["one", "two", "three"] {
        fs::write(home.path().join(blob), blob.repeat(10_000)).unwrap();
    }
    let oras = |arguments: &[&str]| {
        let mut command = tool("oras", home.path());
        command
            .args(arguments)
            .args(["--plain-http", "--username", "token", "--password", &token]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    for answers in 1.. {
        let proxy = Proxy::start(program.host(), answers).await;
        let at = format!("{}/acme/blobs-{answers}:1", proxy.host);
        let mut pushing = oras(&["push", &at, "one", "two", "three"]).spawn().unwrap();
        let acknowledged = loop {
            tokio::select! {
                biased;
                () = proxy.is_due() => break false,
                () = tokio::time::sleep(std::time::Duration::from_millis(5)) => {}
            }
            if let Some(ended) = pushing.try_wait().unwrap() {
                break ended.success();
            }
        };
        program.kill();
        proxy.let_go();
        pushing.wait().unwrap();
        program.serve();
        let out = tempfile::tempdir().unwrap();
        let at = format!("{}/acme/blobs-{answers}:1", program.host());
        let pulled = oras(&["pull", &at, "--output", out.path().to_str().unwrap()])
            .status()
            .unwrap();
        assert!(pulled.success() || !acknowledged, "an acknowledged push is lost");
        let found = fs::read_dir(out.path()).unwrap().count();
        assert_eq!(found, if pulled.success() { 3 } else { 0 }, "after {answers} answers");
        if pulled.success() {
            for blob in ["one", "two", "three"] {
                assert_eq!(fs::read_to_string(out.path().join(blob)).unwrap(), blob.repeat(10_000));
            }
        }
        if acknowledged {
            // The push was done before so many answers: it was killed after each of them once.
            assert!(answers > 8, "only {answers} answers were seen");
            return;
        }
    }
}
