//! `skillhost build`: compiles a skill and puts into it what it declares.

use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use registry::{Declaration, Manifest, SkillFile, component, declaration};
use serde::Deserialize;
use serde_json::json;
use tokio::process::Command;

use super::{Global, output};

/// What to build.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost build                                    the skill in this folder
  skillhost build --wasm app.wasm --manifest skill.toml --out app.skill.wasm
                                                     a component that another toolchain made")]
pub(super) struct Args {
    #[command(flatten)]
    source: Source,
    /// Where the component goes
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Where a skill comes from: a cargo project, or a component with its manifest.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Source {
    /// The folder of a cargo project with a skill.toml
    #[arg(default_value = ".", value_name = "DIR")]
    project: PathBuf,
    /// A component that is already compiled
    #[arg(long, value_name = "FILE", requires = "manifest")]
    wasm: Option<PathBuf>,
    /// Its skill.toml; WIT, SKILL.md and files lie beside it
    #[arg(long, value_name = "FILE", requires = "wasm")]
    manifest: Option<PathBuf>,
}

/// A compiled skill and what goes into its section.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    /// The component as the toolchain made it.
    pub(super) component: Bytes,
    /// The text of `skill.toml`.
    pub(super) manifest: String,
    /// Its WIT, every package in one text.
    pub(super) wit: String,
    /// `SKILL.md` and what it refers to.
    pub(super) files: Vec<SkillFile>,
}

/// A component with its section, and what it says.
#[derive(Debug)]
pub(super) struct Built {
    /// The component.
    pub(super) component: Bytes,
    /// What it declares.
    pub(super) declaration: Declaration,
}

/// Builds, writes the component, and prints where it is.
///
/// # Errors
/// The project does not compile, or does not declare what it must.
pub(super) async fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    let built = args.source.build().await?;
    let about = &built.declaration.manifest().skill;
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{}-{}.wasm", about.name.name(), about.version)));
    std::fs::write(&out, &built.component).with_context(|| format!("cannot write {}", out.display()))?;
    let answer = json!({
        "skill": about.name, "version": about.version, "component": out, "bytes": built.component.len(),
        "tools": built.declaration.interface().tools().iter().map(registry::Tool::name).collect::<Vec<_>>(),
    });
    output::data(global, &answer, output::facts)?;
    Ok(ExitCode::SUCCESS)
}

impl Source {
    /// A cargo project.
    pub(super) const fn project(folder: PathBuf) -> Self {
        Self {
            project: folder,
            wasm: None,
            manifest: None,
        }
    }

    /// Compiles where needed, and puts the section in.
    ///
    /// # Errors
    /// The project does not compile, or does not declare what it must.
    pub(super) async fn build(&self) -> Result<Built> {
        self.parts().await?.embed()
    }

    /// Compiles where needed.
    ///
    /// # Errors
    /// The project does not compile, or a file cannot be read.
    pub(super) async fn parts(&self) -> Result<Parts> {
        let (manifest, wasm) = match (&self.manifest, &self.wasm) {
            (Some(manifest), Some(wasm)) => (manifest.clone(), wasm.clone()),
            _ => {
                let manifest = self.project.join(Manifest::FILE);
                if !manifest.is_file() {
                    bail!(
                        "{} does not exist: start a skill with `skillhost new`",
                        manifest.display()
                    );
                }
                (manifest, compile(&self.project).await?)
            }
        };
        Parts::read(&wasm, &manifest)
    }
}

impl Parts {
    fn read(wasm: &Path, manifest: &Path) -> Result<Self> {
        let component = std::fs::read(wasm)
            .with_context(|| format!("cannot read {}", wasm.display()))?
            .into();
        let text = std::fs::read_to_string(manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
        let folder = manifest.parent().unwrap_or(Path::new("."));
        let wit = registry::interface::gather(&folder.join(&Manifest::parse(&text)?.wit.path))?;
        Ok(Self {
            component,
            manifest: text,
            wit,
            files: declaration::gather(folder)?,
        })
    }

    /// Puts the section in, and reads it back.
    ///
    /// # Errors
    /// The component and what is declared do not go together.
    pub(super) fn embed(&self) -> Result<Built> {
        let component = component::embed(&self.component, &self.manifest, &self.wit, &self.files)?;
        let declaration = Declaration::read(&component)?;
        Ok(Built { component, declaration })
    }
}

/// One line of `cargo build --message-format=json`.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    filenames: Vec<PathBuf>,
}

/// Compiles the project for wasm32-wasip2; the compiler's words go to standard error.
async fn compile(project: &Path) -> Result<PathBuf> {
    output::say(&format!("compiling {}", project.display()));
    let built = Command::new("cargo")
        .args([
            "build",
            "--release",
            "--target",
            "wasm32-wasip2",
            "--message-format=json-render-diagnostics",
        ])
        .current_dir(project)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .await
        .context("cargo cannot be started: is rustup installed?")?;
    if !built.status.success() {
        bail!("the skill does not compile; if the target is missing, `rustup target add wasm32-wasip2`");
    }
    let text = String::from_utf8_lossy(&built.stdout);
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok());
    let components: Vec<PathBuf> = messages
        .filter(|message| message.reason == "compiler-artifact")
        .flat_map(|message| message.filenames)
        .filter(|file| file.extension().is_some_and(|extension| extension == "wasm"))
        .collect();
    match components.as_slice() {
        [component] => Ok(component.clone()),
        [] => bail!("cargo made no component: the crate's [lib] needs crate-type = [\"cdylib\"]"),
        _ => bail!(
            "cargo made {} components; a skill is one crate with one cdylib",
            components.len()
        ),
    }
}
