//! Skills, keys and ledgers for tests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

use crate::artifact::Pulled;
use crate::component::embed;
use crate::declaration::SkillFile;
use crate::digest::Digest;
use crate::error::Error;
use crate::layout::Package;
use crate::ledger::{Entry, Recorded, Scope, State};
use crate::policy::Policy;
use crate::signature::{Claim, PublicKey, SigningKey, Statement};
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

/// A P-256 key, which stock tools sign with.
pub(crate) struct Stock(EcdsaKeyPair);

impl Stock {
    pub(crate) fn generate() -> Self {
        let (kind, random) = (&ECDSA_P256_SHA256_ASN1_SIGNING, SystemRandom::new());
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &random).unwrap())
    }

    pub(crate) fn public(&self) -> PublicKey {
        PublicKey::from_pem(&p256_pem(self.0.public_key().as_ref())).unwrap()
    }

    pub(crate) fn sign(&self, statement: &Statement) -> Bytes {
        statement.with_signature(&self.public(), &self.signature(statement))
    }

    pub(crate) fn signature(&self, statement: &Statement) -> Vec<u8> {
        let signature = self.0.sign(&SystemRandom::new(), &statement.to_be_signed()).unwrap();
        signature.as_ref().to_vec()
    }
}

/// A point in the SPKI of P-256.
pub(crate) fn p256_pem(point: &[u8]) -> String {
    let mut der = hex::decode("3059301306072a8648ce3d020106082a8648ce3d030107034200").unwrap();
    der.extend_from_slice(point);
    pem(&der)
}

/// SPKI in PEM, whatever it holds.
pub(crate) fn pem(der: &[u8]) -> String {
    let lines: Vec<_> = STANDARD
        .encode(der)
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}

pub(crate) fn stock_added(publisher: &str, key: &Stock) -> Entry {
    Entry::KeyAdded {
        publisher: publisher.parse().unwrap(),
        key: key.public().id(),
        public_key: key.public().to_pem().unwrap(),
    }
}

/// The keys 1, 2 and 3 as `ann`, `ben` and `eve`, each in its table, and what follows.
pub(crate) fn policy(rest: &str) -> Policy {
    let name = |(name, number)| format!("{name}.key = \"{}\"\n", key(number).public().id());
    let keys: String = [("ann", 1), ("ben", 2), ("eve", 3)].map(name).concat();
    Policy::parse(&format!("[keys]\n{keys}\n{rest}")).unwrap()
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
