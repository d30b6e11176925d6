//! A host that is killed between any two answers of a push: after it starts again the artifact is whole or absent.

pub(crate) mod proxy;

use bytes::Bytes;
use jiff::Timestamp;
use proxy::Proxy;
use registry::signature::{SigningKey, Statement};
use registry::{Attachment, Client, ClientSettings, Code, Declaration, Login, Package, Reference, SkillFile};

use crate::program::Program;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_is_whole_or_absent() {
    let mut program = Program::start();
    let token = program.publisher("acme");
    for answers in 1.. {
        let killed = push_and_kill(&mut program, &token, answers).await;
        if !killed {
            // The push was done before so many answers: it was killed after each of them once.
            assert!(answers > 10, "only {answers} answers were seen");
            return;
        }
    }
}

/// Pushes through a proxy, and kills the host after so many answers; false where the push was done before.
async fn push_and_kill(program: &mut Program, token: &str, answers: usize) -> bool {
    let (package, attachment) = signed(&format!("deck-{answers}"));
    let proxy = Proxy::start(program.host(), answers).await;
    let reference = reference(&proxy.host, answers);
    let pushing = client(&proxy.host, token);
    let attachments = std::slice::from_ref(&attachment);
    let acknowledged = tokio::select! {
        biased;
        () = proxy.is_due() => false,
        pushed = pushing.push(&reference, &package, attachments) => pushed.is_ok(),
    };
    program.kill();
    proxy.let_go();
    program.serve();
    let unfinished = program.folder().join("skillhost-data/registry/unfinished");
    assert_eq!(
        std::fs::read_dir(unfinished).unwrap().count(),
        0,
        "after {answers} answers"
    );
    let reference = self::reference(&program.host(), answers);
    let there = client(&program.host(), token);
    match there.pull(&reference).await {
        Ok(pulled) => {
            assert_eq!(pulled.digest(), package.digest());
            assert_eq!(
                pulled.bundles(),
                [attachment.bundle().clone()],
                "after {answers} answers"
            );
        }
        Err(error) => {
            assert_eq!(error.code(), Code::ArtifactNotFound, "after {answers} answers: {error}");
            assert!(!acknowledged, "an acknowledged push is lost");
            there.push(&reference, &package, attachments).await.unwrap();
        }
    }
    !acknowledged
}

fn reference(host: &str, number: usize) -> Reference {
    format!("{host}/acme/deck-{number}:1.0.0").parse().unwrap()
}

fn client(host: &str, token: &str) -> Client {
    let login = Login {
        registry: host.to_owned(),
        user: "token".to_owned(),
        secret: token.to_owned(),
    };
    Client::new(ClientSettings {
        logins: vec![login],
        ..ClientSettings::default()
    })
}

/// A skill without tools that do anything, and cosign's signature of it.
fn signed(name: &str) -> (Package, Attachment) {
    let component = wat::parse_str(
        r#"(component
            (core module $m (func (export "run")))
            (core instance $i (instantiate $m))
            (func $run (canon lift (core func $i "run")))
            (component $shim (import "run" (func $f)) (export "run" (func $f)))
            (instance $tools (instantiate $shim (with "run" (func $run))))
            (export "acme:deck/tools@1.0.0" (instance $tools)))"#,
    );
    let manifest =
        format!("[skill]\nname = 'acme/{name}'\nversion = '1.0.0'\nsummary = 'Makes decks.'\nlicense = 'Apache-2.0'\n");
    let wit = "package acme:deck@1.0.0;\ninterface tools { run: func(); }\nworld deck { export tools; }\n";
    let page = SkillFile {
        path: "SKILL.md".to_owned(),
        content: Bytes::from(format!("---\nname: {name}\ndescription: Makes decks.\n---\n")),
    };
    let component = registry::component::embed(&component.unwrap(), &manifest, wit, &[page]).unwrap();
    let package = Package::new(component.clone(), &Declaration::read(&component).unwrap()).unwrap();
    let bundle = Statement::of_cosign(package.digest()).sign(&SigningKey::generate().unwrap());
    let attachment = Attachment::new(package.manifest(), bundle, Timestamp::now()).unwrap();
    (package, attachment)
}
