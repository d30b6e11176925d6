//! Compiled code: made once, found again, and made anew where anybody touched it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use host::engine::{Engine, Settings};
use registry::Approved;
use registry::ledger::Grants;
use tempfile::TempDir;

use crate::approved::Authority;
use crate::guests::{start_of, told};

/// A compiler that counts how often it is asked.
struct Counted {
    folder: TempDir,
}

impl Counted {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = env!("CARGO_BIN_EXE_skillhost");
        let count = folder.path().join("count");
        let script = format!(
            "#!/bin/sh\necho once >> '{}'\nexec '{program}' \"$@\"\n",
            count.display()
        );
        // Written by another process: a file that this one has open to write cannot be started.
        let written = Command::new("/bin/sh")
            .args(["-c", r#"printf '%s' "$1" > "$0" && chmod 700 "$0""#])
            .arg(folder.path().join("compiler"))
            .arg(script)
            .status();
        assert!(written.unwrap().success());
        Self { folder }
    }

    fn engine(&self, key: [u8; 32]) -> Engine {
        let settings = Settings {
            program: self.folder.path().join("compiler"),
            runs: 2,
            ..Settings::new(self.folder.path().join("compiled"), key)
        };
        Engine::new(settings).unwrap()
    }

    fn count(&self) -> usize {
        let count = fs::read_to_string(self.folder.path().join("count"));
        count.map_or(0, |lines| lines.lines().count())
    }

    /// The one file of compiled code.
    fn entry(&self) -> PathBuf {
        only(&only(&self.folder.path().join("compiled")))
    }
}

#[tokio::test]
async fn a_component_is_compiled_once() {
    let compiler = Counted::new();
    let skill = behaves();
    let engine = compiler.engine([1; 32]);
    let (one, two, three) = tokio::join!(engine.load(&skill), engine.load(&skill), engine.load(&skill));
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(compiler.count(), 1, "three ask at the same time");

    assert!(compiler.engine([1; 32]).load(&skill).await.is_ok());
    assert_eq!(compiler.count(), 1, "another engine finds it on disk");
}

#[tokio::test]
async fn code_that_was_changed_on_disk_is_never_loaded() {
    let compiler = Counted::new();
    let skill = behaves();
    assert!(compiler.engine([1; 32]).load(&skill).await.is_ok());
    let whole = fs::read(compiler.entry()).unwrap();

    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let cut = whole[..whole.len() - 1].to_vec();
    for (times, changed) in [flipped, cut, Vec::new()].into_iter().enumerate() {
        fs::write(compiler.entry(), changed).unwrap();
        assert!(compiler.engine([1; 32]).load(&skill).await.is_ok());
        assert_eq!(compiler.count(), times + 2);
        assert_eq!(
            fs::read(compiler.entry()).unwrap(),
            whole,
            "the same component gives the same code"
        );
    }

    assert!(compiler.engine([2; 32]).load(&skill).await.is_ok());
    assert_eq!(compiler.count(), 5, "under another key it is a stranger's");
}

/// Both export the same tool, so that nothing but the digest tells their code apart.
#[tokio::test]
async fn code_that_was_fetched_for_another_artifact_is_not_run() {
    let compiler = Counted::new();
    let (behaves, trap) = (behaves(), guest("trap"));
    let engine = compiler.engine([1; 32]);
    assert!(engine.load(&behaves).await.is_ok() && engine.load(&trap).await.is_ok());

    for fetched in [&behaves, &trap] {
        let engine = compiler.engine([1; 32]);
        let fetch = engine.fetch(fetched.verified().pulled().digest());
        let skill = engine.load_fetched(&trap, fetch).await.unwrap();
        assert_eq!(told(&skill.run(start_of("run"), None).await), "trap");
    }
    assert_eq!(compiler.count(), 2, "each was found on disk");
}

#[tokio::test]
async fn a_skill_stays_in_memory_for_its_tenant_and_grants() {
    let compiler = Counted::new();
    let skill = behaves();
    let engine = compiler.engine([1; 32]);
    let digest = skill.verified().pulled().digest();
    let (tenant, grants) = (skill.tenant(), skill.grants());
    assert!(engine.loaded(tenant, digest, grants).is_none(), "before it was loaded");
    engine.load(&skill).await.unwrap();
    assert!(engine.loaded(tenant, digest, grants).is_some());
    assert!(
        engine.loaded(&"other".parse().unwrap(), digest, grants).is_none(),
        "another tenant"
    );
    let more = Grants {
        configuration: [("tone".to_owned(), "formal".to_owned())].into(),
        ..Grants::default()
    };
    assert!(engine.loaded(tenant, digest, &more).is_none(), "other grants");
    engine.forget(digest);
    assert!(engine.loaded(tenant, digest, grants).is_none(), "forgotten");
}

fn behaves() -> Approved {
    guest("behaves")
}

fn guest(name: &str) -> Approved {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/guests");
    let wasm = wat::parse_file(guests.join(format!("{name}.wat"))).unwrap();
    let wit = fs::read_to_string(guests.join("guest.wit")).unwrap();
    Authority::new().approve(name, &wasm, &wit, Grants::default()).unwrap()
}

fn only(folder: &Path) -> PathBuf {
    let mut entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let one = entries.next().unwrap();
    assert!(
        entries.next().is_none(),
        "{} holds more than one entry",
        folder.display()
    );
    one
}
