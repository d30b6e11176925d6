//! Skills, keys and ledgers for tests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

use crate::artifact::Pulled;
use crate::component::embed;
use crate::declaration::SkillFile;
use crate::digest::Digest;
use crate::error::Error;
use crate::layout::Package;
use crate::ledger::{Entry, Recorded, Scope, State};
use crate::signature::{Claim, SigningKey, Statement};
use crate::{Declaration, Manifest};

/// The WIT of a skill with one tool.
pub(crate) const WIT: &str = "package acme:deck@0.1.0;

interface tools {
    /// Makes a deck.
    make: func(title: string) -> result<string, string>;
}

world deck {
    export tools;
}
";

/// The manifest of a skill.
pub(crate) fn manifest(name: &str, version: &str) -> String {
    format!(
        "[skill]\nname = \"{name}\"\nversion = \"{version}\"\nsummary = \"Makes decks.\"\nlicense = \"Apache-2.0\"\n\
         source = \"https://example.org/deck\"\n\n\
         [[bindings]]\nkind = \"http\"\nname = \"jira\"\nreason = \"Reads issues.\"\n"
    )
}

/// The `SKILL.md` of a skill.
pub(crate) fn skill_md(name: &str) -> SkillFile {
    let text = format!("---\nname: {name}\ndescription: Makes decks when asked for slides.\n---\n# Decks\n");
    file("SKILL.md", text)
}

pub(crate) fn file(path: &str, content: impl Into<Bytes>) -> SkillFile {
    SkillFile {
        path: path.to_owned(),
        content: content.into(),
    }
}

/// A component with the types of this WIT, whose functions trap.
pub(crate) fn component(wit: &str) -> Vec<u8> {
    let mut resolve = Resolve::new();
    let package = resolve.push_source("test.wit", wit).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Standard32);
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

/// `acme/deck` as a component that declares itself.
pub(crate) fn skill(version: &str) -> Bytes {
    embed(
        &component(WIT),
        &manifest("acme/deck", version),
        WIT,
        &[skill_md("deck")],
    )
    .unwrap()
}

pub(crate) fn pack(component: &Bytes) -> Package {
    Package::new(component.clone(), &Declaration::read(component).unwrap()).unwrap()
}

pub(crate) fn pulled(asked: &str, package: &Package, bundles: Vec<Bytes>) -> Pulled {
    let (manifest, component) = (package.manifest().clone(), package.component().clone());
    Pulled::from_parts(asked.parse().unwrap(), manifest, component, bundles).unwrap()
}

/// A key made of one number: PKCS#8 version 1 (RFC 8410, section 7).
pub(crate) fn key(number: u8) -> SigningKey {
    from_seed(&[number; 32])
}

pub(crate) fn from_seed(seed: &[u8; 32]) -> SigningKey {
    let mut der = hex::decode("302e020100300506032b657004220420").unwrap();
    der.extend_from_slice(seed);
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der)
    );
    SigningKey::from_pem(&pem).unwrap()
}

pub(crate) fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

/// What the publisher `acme` says of an artifact.
pub(crate) fn claim(digest: Digest) -> Claim {
    Claim::new(
        "acme".parse().unwrap(),
        "acme/deck".parse().unwrap(),
        "1.0.0".parse().unwrap(),
        digest,
        now(),
    )
}

pub(crate) fn sign(claim: &Claim, key: &SigningKey) -> Bytes {
    Statement::of_skill(claim).sign(key)
}

pub(crate) fn publisher_added(name: &str, namespaces: &[&str]) -> Entry {
    Entry::PublisherAdded {
        publisher: name.parse().unwrap(),
        namespaces: namespaces.iter().map(|name| name.parse().unwrap()).collect(),
    }
}

pub(crate) fn key_added(publisher: &str, key: &SigningKey) -> Entry {
    Entry::KeyAdded {
        publisher: publisher.parse().unwrap(),
        key: key.public().id(),
        public_key: key.public().to_pem().unwrap(),
    }
}

/// Appends an entry as a store does: checked first.
pub(crate) fn append(state: &mut State, scope: Scope, entry: Entry) -> Result<(), Error> {
    state.check(&entry, &scope)?;
    state.apply(&Recorded {
        seq: state.seq() + 1,
        scope,
        at: now(),
        by: "ann".to_owned(),
        entry,
    });
    Ok(())
}

/// A ledger in which `acme` owns `acme` and signs with key 1, and `rival` owns `rival` and signs with key 2.
pub(crate) fn state() -> State {
    let mut state = State::default();
    for entry in [
        publisher_added("acme", &["acme"]),
        key_added("acme", &key(1)),
        publisher_added("rival", &["rival"]),
        key_added("rival", &key(2)),
    ] {
        append(&mut state, Scope::Host, entry).unwrap();
    }
    state
}

/// The outcome as `code: told`, for tables of refusals.
pub(crate) fn show<T>(outcome: Result<T, Error>) -> String {
    match outcome {
        Ok(_) => "accepted".to_owned(),
        Err(error) => format!("{}: {}", error.code(), error.told()),
    }
}

/// The manifest of a skill, read.
pub(crate) fn parsed(name: &str) -> Manifest {
    Manifest::parse(&manifest(name, "1.0.0")).unwrap()
}
