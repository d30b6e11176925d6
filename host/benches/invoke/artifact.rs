//! Skills of this repository as signed artifacts on disk, approved by one tenant.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use registry::component::embed;
use registry::ledger::{Entry, Grants, Recorded, Scope, State};
use registry::signature::{Claim, SigningKey, Statement};
use registry::{Approved, Digest, Namespace, Package, PublisherName, Pulled, Shelf, SkillFile, SkillName, Tenant};

/// A skill's sources and its compiled component, without its declaration.
pub(crate) struct Source {
    folder: PathBuf,
    component: Vec<u8>,
}

/// A folder of artifacts, and a ledger that trusts who signed them.
pub(crate) struct Shop {
    folder: PathBuf,
    shelf: Shelf,
    state: State,
    key: SigningKey,
    publisher: PublisherName,
    tenant: Tenant,
}

/// An artifact on disk that the tenant approved.
pub(crate) struct Artifact {
    /// Its name.
    pub(crate) name: SkillName,
    /// Its manifest.
    pub(crate) digest: Digest,
    /// Bytes of its component.
    pub(crate) size: usize,
}

impl Source {
    /// Compiles a skill of this repository.
    pub(crate) fn build(name: &str) -> Result<Self> {
        let skills = repository().join("skills");
        let target = repository().join("target").join("skills");
        let built = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--release",
                "--target",
                "wasm32-wasip2",
                "--package",
                name,
                "--target-dir",
            ])
            .arg(&target)
            .current_dir(&skills)
            .status()
            .context("cargo must start")?;
        ensure!(
            built.success(),
            "the skill {name} must compile: rustup target add wasm32-wasip2"
        );
        let file = target
            .join("wasm32-wasip2")
            .join("release")
            .join(format!("{name}.wasm"));
        Ok(Self {
            folder: skills.join(name),
            component: fs::read(file)?,
        })
    }
}

impl Shop {
    /// Opens a folder, with everything that was approved in it before, and one publisher with a fresh key.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let mut shop = Self {
            folder: folder.to_owned(),
            shelf: Shelf::open(folder)?,
            state: State::fold(&ledger(folder)?),
            key: SigningKey::generate()?,
            publisher: "bench".parse()?,
            tenant: "default".parse()?,
        };
        let publisher = shop.publisher.clone();
        if shop.state.publisher(&publisher).is_none() {
            let namespaces = vec!["bench".parse::<Namespace>()?];
            shop.record(
                Scope::Host,
                Entry::PublisherAdded {
                    publisher: publisher.clone(),
                    namespaces,
                },
            )?;
        }
        let (key, public_key) = (shop.key.public().id(), shop.key.public().to_pem()?);
        shop.record(
            Scope::Host,
            Entry::KeyAdded {
                publisher,
                key,
                public_key,
            },
        )?;
        Ok(shop)
    }

    /// Every artifact that is approved.
    pub(crate) fn artifacts(&self) -> Vec<Artifact> {
        let approvals = self.state.approvals(&self.tenant);
        approvals
            .map(|approval| Artifact {
                name: approval.skill.clone(),
                digest: approval.digest,
                size: 0,
            })
            .collect()
    }

    /// Signs a skill under a name of its own, and approves it. Extra bytes lie in it as a file.
    pub(crate) fn publish(&mut self, source: &Source, name: &str, extra: usize) -> Result<Artifact> {
        let component = declared(source, name, extra)?;
        let size = component.len();
        let declaration = registry::Declaration::read(&component)?;
        let package = Package::new(component, &declaration)?;
        let about = &declaration.manifest().skill;
        let (digest, now) = (package.digest(), Timestamp::now());
        let claim = Claim::new(
            self.publisher.clone(),
            about.name.clone(),
            about.version.clone(),
            digest,
            now,
        );
        self.lay_out(&package, &Statement::of_skill(&claim).sign(&self.key))?;
        let verified = self.pulled(&about.name, digest)?.verify(&self.state, now)?;
        let approval = verified.approve(Grants::default(), "a measurement".to_owned())?;
        self.record(Scope::Tenant(self.tenant.clone()), approval)?;
        Ok(Artifact {
            name: about.name.clone(),
            digest,
            size,
        })
    }

    /// Reads an artifact from disk and checks everything, as before it is run.
    pub(crate) fn approved(&self, artifact: &Artifact) -> Result<Approved> {
        Ok(self
            .pulled(&artifact.name, artifact.digest)?
            .approved(&self.state, &self.tenant)?)
    }

    /// The folder of compiled code, beside the artifacts.
    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.join("code")
    }

    fn pulled(&self, name: &SkillName, digest: Digest) -> Result<Pulled> {
        Ok(self.shelf.get(&digest, name.clone())?)
    }

    /// The files of a shelf. It hashes what it reads, so that anybody may have written it.
    fn lay_out(&self, package: &Package, bundle: &[u8]) -> Result<()> {
        let folder = self.folder.join("sha256").join(package.digest().hex());
        let bundles = folder.join("bundles");
        fs::create_dir_all(&bundles)?;
        fs::write(folder.join("manifest.json"), package.manifest())?;
        fs::write(folder.join("component.wasm"), package.component())?;
        fs::write(bundles.join(format!("{}.json", Digest::of(bundle).hex())), bundle)?;
        Ok(())
    }

    fn record(&mut self, scope: Scope, entry: Entry) -> Result<()> {
        let (seq, by) = (self.state.seq() + 1, "bench".to_owned());
        let recorded = Recorded {
            seq,
            scope,
            at: Timestamp::now(),
            by,
            entry,
        };
        let mut ledger = File::options()
            .append(true)
            .create(true)
            .open(self.folder.join(LEDGER))?;
        writeln!(ledger, "{}", serde_json::to_string(&recorded)?)?;
        self.state.apply(&recorded);
        Ok(())
    }
}

const LEDGER: &str = "ledger.jsonl";

fn ledger(folder: &Path) -> Result<Vec<Recorded>> {
    let text = fs::read_to_string(folder.join(LEDGER)).unwrap_or_default();
    text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

fn declared(source: &Source, name: &str, extra: usize) -> Result<bytes::Bytes> {
    let manifest = fs::read_to_string(source.folder.join("skill.toml"))?;
    let (before, after) = manifest.split_once("name = \"").context("a skill has a name")?;
    let (_, after) = after.split_once('"').context("a name ends")?;
    let manifest = format!("{before}name = \"bench/{name}\"{after}");
    let wit = registry::interface::gather(&source.folder.join("wit"))?;
    // Its front matter names the skill too.
    let guide = fs::read_to_string(source.folder.join("SKILL.md"))?;
    let (_, rest) = guide.split_once("\nname: ").context("SKILL.md names the skill")?;
    let (_, rest) = rest.split_once('\n').context("a line ends")?;
    let guide = format!("---\nname: {name}\n{rest}");
    let mut files = BTreeMap::from([("SKILL.md".to_owned(), guide.into_bytes())]);
    if extra > 0 {
        files.insert("notes.txt".to_owned(), vec![b'.'; extra]);
    }
    let files: Vec<_> = files
        .into_iter()
        .map(|(path, content)| SkillFile {
            path,
            content: content.into(),
        })
        .collect();
    Ok(embed(&source.component, &manifest, &wit, &files)?)
}
