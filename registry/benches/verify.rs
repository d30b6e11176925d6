//! What it costs to be sure of an artifact on disk: `cargo bench -p registry --bench verify` prints it beside the SHA-256
//! and the Ed25519 verifications that it cannot do without.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use ed25519_dalek::{Signature, Signer as _, SigningKey as DalekKey};
use jiff::Timestamp;
use registry::component::embed;
use registry::ledger::{Entry, Grants, Recorded, Scope, State};
use registry::signature::{Claim, SigningKey, Statement};
use registry::{Declaration, Digest, Package, Policy, Shelf, SkillFile, SkillName, Tenant};

/// The size of the component, and how many rounds a figure is the median of.
const SIZE: usize = 300 * 1024;
const ROUNDS: usize = 301;

const MANIFEST: &str =
    "[skill]\nname = \"acme/deck\"\nversion = \"1.0.0\"\nsummary = \"Makes decks.\"\nlicense = \"Apache-2.0\"\n";
const WIT: &str = "package acme:deck@0.1.0;\nworld deck {\n    /// Makes a deck.\n    export make: func() -> u32;\n}\n";
const BOM: &str = "https://cyclonedx.org/bom";

/// An artifact on a shelf, with what trusts it.
struct Scene {
    shelf: Shelf,
    digest: Digest,
    component: Bytes,
    state: State,
    tenant: Tenant,
    name: SkillName,
}

#[expect(clippy::print_stdout, reason = "a measurement is printed")]
fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let scene = Scene::set(folder.path());
    let key = DalekKey::from_bytes(&[7; 32]);
    // A signature is made over a statement, which has about seven hundred bytes.
    let message = [7; 700];
    let signature = key.sign(&message);
    let (mut whole, mut hash, mut three) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        whole.push(timed(|| scene.verify()));
        hash.push(timed(|| Digest::of(black_box(&scene.component))));
        three.push(timed(|| {
            for _ in 0..3 {
                check(&key, black_box(&message), &signature);
            }
        }));
    }
    let (whole, hash, three) = (median(whole), median(hash), median(three));
    let least = hash + three;
    let micros = |time: Duration| format!("{:.1} µs", time.as_secs_f64() * 1e6);
    println!(
        "a component of {} KiB, two signatures and a bill of materials, a policy",
        scene.component.len() / 1024
    );
    println!("{:<34} {:>10}", "read, hashed, verified, judged", micros(whole));
    println!("{:<34} {:>10}", "its SHA-256", micros(hash));
    println!("{:<34} {:>10}", "three Ed25519 verifications", micros(three));
    let ratio = whole.as_secs_f64() / least.as_secs_f64();
    println!("{:<34} {ratio:>10.2}   2 at most", "beside these");
}

fn check(key: &DalekKey, message: &[u8], signature: &Signature) {
    key.verifying_key().verify_strict(message, signature).expect("it holds");
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let began = Instant::now();
    black_box(work());
    began.elapsed()
}

fn median(mut rounds: Vec<Duration>) -> Duration {
    rounds.sort_unstable();
    rounds.get(rounds.len() / 2).copied().unwrap_or_default()
}

impl Scene {
    fn set(folder: &Path) -> Self {
        let component = component();
        let declaration = Declaration::read(&component).expect("a declaration");
        let package = Package::new(component.clone(), &declaration).expect("a package");
        let keys = [(); 3].map(|()| SigningKey::generate().expect("a key"));
        let name: SkillName = "acme/deck".parse().expect("a name");
        let bundles = bundles(&package, &name, &keys);
        let place = folder.join("sha256").join(package.digest().hex());
        let shelf = Shelf::open(folder).expect("a shelf");
        fs::create_dir_all(place.join("bundles")).expect("a folder");
        fs::write(place.join("manifest.json"), package.manifest()).expect("a manifest");
        fs::write(place.join("component.wasm"), package.component()).expect("a component");
        for bundle in &bundles {
            let name = format!("{}.json", Digest::of(bundle).hex());
            fs::write(place.join("bundles").join(name), bundle).expect("a bundle");
        }
        let tenant: Tenant = "default".parse().expect("a tenant");
        let mut state = ledger(&keys).under(policy(&keys));
        let pulled = shelf.get(&package.digest(), name.clone()).expect("an artifact");
        let verified = pulled.verify(&state, Timestamp::now()).expect("it holds");
        let entry = verified
            .approve(Grants::default(), "a measurement".to_owned())
            .expect("an entry");
        state.apply(&recorded(9, Scope::Tenant(tenant.clone()), entry));
        Self {
            shelf,
            digest: package.digest(),
            component,
            state,
            tenant,
            name,
        }
    }

    /// What stands between an artifact on disk and its compiled code.
    fn verify(&self) -> registry::Approved {
        let pulled = self.shelf.get(&self.digest, self.name.clone()).expect("an artifact");
        pulled.approved(&self.state, &self.tenant).expect("it is approved")
    }
}

/// A component with one tool and much data.
fn component() -> Bytes {
    let data = "\\2a".repeat(SIZE);
    let text = format!(
        "(component
          (core module $m
            (memory 5)
            (data (i32.const 0) \"{data}\")
            (func (export \"make\") (result i32) i32.const 42))
          (core instance $i (instantiate $m))
          (func (export \"make\") (result u32) (canon lift (core func $i \"make\"))))"
    );
    let page = SkillFile {
        path: "SKILL.md".to_owned(),
        content: Bytes::from_static(b"---\nname: deck\ndescription: Makes decks.\n---\n"),
    };
    let component = wat::parse_str(text).expect("a component");
    embed(&component, MANIFEST, WIT, &[page]).expect("a skill")
}

/// Two keys sign the skill, a third a bill of materials.
fn bundles(package: &Package, name: &SkillName, keys: &[SigningKey; 3]) -> [Bytes; 3] {
    let (publisher, version) = ("acme".parse().expect("a name"), "1.0.0".parse().expect("a version"));
    let claim = Claim::new(publisher, name.clone(), version, package.digest(), Timestamp::now());
    let [one, two, three] = keys;
    let bom = Statement::other(BOM, &serde_json::json!({"components": []}), name, package.digest());
    [
        Statement::of_skill(&claim).sign(one),
        Statement::of_skill(&claim).sign(two),
        bom.sign(three),
    ]
}

fn ledger(keys: &[SigningKey; 3]) -> State {
    let added = Entry::PublisherAdded {
        publisher: "acme".parse().expect("a name"),
        namespaces: vec!["acme".parse().expect("a name")],
    };
    let keys = keys.iter().map(|key| Entry::KeyAdded {
        publisher: "acme".parse().expect("a name"),
        key: key.public().id(),
        public_key: key.public().to_pem().expect("a key"),
    });
    let entries: Vec<_> = [added]
        .into_iter()
        .chain(keys)
        .zip(1..)
        .map(|(entry, seq)| recorded(seq, Scope::Host, entry))
        .collect();
    State::fold(&entries)
}

fn policy(keys: &[SigningKey; 3]) -> Policy {
    let named = ["one", "two", "three"].iter().zip(keys);
    let named: String = named
        .map(|(name, key)| format!("{name}.key = \"{}\"\n", key.public().id()))
        .collect();
    let rule = "all-of = [\"one\"]\nany-of = [\"two\"]\nstatements = { cyclonedx = [\"three\"] }\n";
    Policy::parse(&format!("[keys]\n{named}[namespaces.acme]\n{rule}")).expect("a policy")
}

fn recorded(seq: u64, scope: Scope, entry: Entry) -> Recorded {
    Recorded {
        seq,
        scope,
        at: Timestamp::now(),
        by: "bench".to_owned(),
        entry,
    }
}
