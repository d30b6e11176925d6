//! `skillhost new`: writes a skill that builds, tests and publishes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use registry::SkillName;
use serde_json::json;

use super::{Global, output};

/// What to write, and where.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  skillhost new acme/greeter                         writes the folder greeter
  skillhost new acme/greeter --out skills/greeter    another folder")]
pub(super) struct Args {
    /// The skill's name
    #[arg(value_name = "NAMESPACE/NAME")]
    name: SkillName,
    /// The folder, which must not hold anything yet
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// A file of a new skill: where it goes, and its text.
type Template = (&'static str, &'static str);

/// What the author makes their own.
const SKILL: &[Template] = &[
    (".gitignore", include_str!("new/template/gitignore")),
    ("Cargo.toml", include_str!("new/template/Cargo.toml")),
    ("SKILL.md", include_str!("new/template/SKILL.md")),
    ("skill.toml", include_str!("new/template/skill.toml")),
    ("src/lib.rs", include_str!("new/template/src/lib.rs")),
    ("src/tests.rs", include_str!("new/template/src/tests.rs")),
    ("wit/skill.wit", include_str!("new/template/wit/skill.wit")),
];

/// What comes with this host and is written as it is: the toolchain, what a skill may ask of the world, the SDK.
const FIXED: &[Template] = &[
    ("rust-toolchain.toml", include_str!("../../../rust-toolchain.toml")),
    ("sdk/Cargo.toml", include_str!("../../../skills/sdk/Cargo.toml")),
    (
        "sdk/src/bindings.rs",
        include_str!("../../../skills/sdk/src/bindings.rs"),
    ),
    (
        "sdk/src/configuration.rs",
        include_str!("../../../skills/sdk/src/configuration.rs"),
    ),
    ("sdk/src/error.rs", include_str!("../../../skills/sdk/src/error.rs")),
    ("sdk/src/files.rs", include_str!("../../../skills/sdk/src/files.rs")),
    ("sdk/src/http.rs", include_str!("../../../skills/sdk/src/http.rs")),
    ("sdk/src/lib.rs", include_str!("../../../skills/sdk/src/lib.rs")),
    ("sdk/src/logging.rs", include_str!("../../../skills/sdk/src/logging.rs")),
    ("sdk/src/model.rs", include_str!("../../../skills/sdk/src/model.rs")),
    ("sdk/src/run.rs", include_str!("../../../skills/sdk/src/run.rs")),
    ("sdk/src/tests.rs", include_str!("../../../skills/sdk/src/tests.rs")),
    ("sdk/wit/model.wit", include_str!("../../../wit/model.wit")),
    ("sdk/wit/skill.wit", include_str!("../../../wit/skill.wit")),
    (
        "wit/deps/skillhost-skill/model.wit",
        include_str!("../../../wit/model.wit"),
    ),
    (
        "wit/deps/skillhost-skill/skill.wit",
        include_str!("../../../wit/skill.wit"),
    ),
];

/// Words that cannot name a package of WIT, a module or a crate of Rust.
const RESERVED: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "bool",
    "borrow",
    "box",
    "break",
    "build",
    "char",
    "const",
    "constructor",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "error-context",
    "examples",
    "export",
    "extern",
    "f32",
    "f64",
    "false",
    "final",
    "flags",
    "float32",
    "float64",
    "fn",
    "for",
    "from",
    "func",
    "future",
    "gen",
    "if",
    "impl",
    "import",
    "in",
    "include",
    "incremental",
    "interface",
    "let",
    "list",
    "loop",
    "macro",
    "map",
    "match",
    "mod",
    "move",
    "mut",
    "option",
    "override",
    "own",
    "package",
    "priv",
    "proc-macro",
    "pub",
    "record",
    "ref",
    "resource",
    "result",
    "return",
    "s16",
    "s32",
    "s64",
    "s8",
    "self",
    "skillhost-sdk",
    "static",
    "std",
    "stream",
    "string",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "tuple",
    "type",
    "typeof",
    "u16",
    "u32",
    "u64",
    "u8",
    "union",
    "unsafe",
    "unsized",
    "use",
    "variant",
    "virtual",
    "where",
    "while",
    "with",
    "world",
    "yield",
];

/// Writes the skill, prints where it is, and says what to do next.
///
/// # Errors
/// The name cannot be used in source code, or the folder cannot be written to.
pub(super) fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    let folder = args
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from(args.name.name().as_str()));
    let files = write(&folder, &args.name)?;
    let answer = json!({"skill": args.name, "folder": folder, "files": files});
    output::data(global, &answer, |_| format!("{}\n", folder.display()))?;
    output::say(
        "next: describe the tools in wit/skill.wit, write them in src/lib.rs, then `cargo test` and `skillhost build`",
    );
    Ok(ExitCode::SUCCESS)
}

/// Writes a skill of this name into a folder, which must be empty or absent, and says which files it wrote.
///
/// # Errors
/// The name cannot be used in source code, something is in the folder already, or it cannot be written to.
fn write(folder: &Path, name: &SkillName) -> Result<Vec<&'static str>> {
    usable(name.namespace().as_str())?;
    usable(name.name().as_str())?;
    let occupied = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if occupied || folder.is_file() {
        bail!(
            "{} is not empty: choose a folder that does not exist yet",
            folder.display()
        );
    }
    let own = SKILL.iter().map(|(path, text)| (*path, fill(path, text, name)));
    let fixed = FIXED.iter().map(|(path, text)| (*path, (*text).to_owned()));
    let mut written = Vec::new();
    for (path, text) in own.chain(fixed) {
        let file = folder.join(path);
        let parent = file.parent().unwrap_or(folder);
        fs::create_dir_all(parent).with_context(|| format!("cannot make the folder {}", parent.display()))?;
        fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        written.push(path);
    }
    written.sort_unstable();
    Ok(written)
}

/// Words of WIT begin with a letter, and some words mean something already.
fn usable(label: &str) -> Result<()> {
    ensure!(
        label
            .split('-')
            .all(|word| word.starts_with(|letter: char| letter.is_ascii_lowercase())),
        "`{label}` cannot name a package of WIT: begin each of its words with a letter, such as `step-two` for `step-2`"
    );
    ensure!(
        !RESERVED.contains(&label),
        "`{label}` means something in WIT or Rust: choose another word, or add one to it"
    );
    Ok(())
}

/// The template is a skill itself, `acme/greeter`; Rust writes the same names with underscores.
fn fill(path: &str, text: &str, name: &SkillName) -> String {
    let spelt = |label: &str| {
        if path.ends_with(".rs") {
            label.replace('-', "_")
        } else {
            label.to_owned()
        }
    };
    let (namespace, name) = (spelt(name.namespace().as_str()), spelt(name.name().as_str()));
    let parts: Vec<_> = text.split("acme").map(|part| part.replace("greeter", &name)).collect();
    parts.join(&namespace)
}

#[cfg(test)]
mod tests;
