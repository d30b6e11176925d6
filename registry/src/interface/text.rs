//! WIT as one text: read from a skill, and written from an author's folder.

use std::path::Path;

use wit_component::{OutputToString, WitPrinter};
use wit_parser::{PackageId, Resolve};

use super::MOST_WIT;
use crate::error::{Code, Error};
use crate::words;

/// The name that stands for the text in messages.
const SOURCE: &str = "skill.wit";

/// A comment that the parser takes for documentation, and then breaks on: it looks for an end after the beginning.
const EMPTY_COMMENT: &str = "/**/";

/// The WIT of a folder and its `deps` as the one text that a skill carries: the folder's own package first, then those
/// that it needs, with their doc comments. The packages of WASI go without: nobody is shown them, and they are long.
///
/// # Errors
/// `interface-invalid` where the folder cannot be read as WIT; `declaration-too-large` where the text is longer than
/// [`MOST_WIT`].
pub fn gather(folder: &Path) -> Result<String, Error> {
    check_comments(folder)?;
    let mut resolve = Resolve::new();
    let (package, _) = resolve.push_dir(folder).map_err(|cause| {
        let why = resolve.render_error(&cause);
        // The author knows where the folder lies; where it lies is nobody else's business.
        invalid(&why.replace(&folder.display().to_string(), "wit")).keep(cause)
    })?;
    let mut text = String::new();
    for needed in needs(&resolve, package) {
        text.push_str(&print(&resolve, needed, needed == package)?);
        text.push('\n');
    }
    if text.len() > MOST_WIT {
        return Err(too_large(text.len()));
    }
    Ok(text)
}

/// Reads a text that holds every package, and says which is the skill's own.
pub(super) fn parse(wit: &str) -> Result<(Resolve, PackageId), Error> {
    if wit.len() > MOST_WIT {
        return Err(too_large(wit.len()));
    }
    if let Some(hidden) = words::hidden(wit) {
        return Err(invalid(&format!(
            "it holds U+{:04X}, which readers do not see",
            u32::from(hidden)
        )));
    }
    if wit.contains(EMPTY_COMMENT) {
        return Err(empty_comment());
    }
    let mut resolve = Resolve::new();
    let package = resolve
        .push_source(SOURCE, wit)
        .map_err(|cause| invalid(&resolve.render_error(&cause)).keep(cause))?;
    Ok((resolve, package))
}

/// Checks every text in a folder and the folders in it. What cannot be read here is told by the parser.
fn check_comments(folder: &Path) -> Result<(), Error> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() {
            check_comments(&path)?;
        } else if std::fs::read_to_string(&path).is_ok_and(|text| text.contains(EMPTY_COMMENT)) {
            return Err(empty_comment());
        }
    }
    Ok(())
}

fn empty_comment() -> Error {
    invalid("it holds an empty comment, `/**/`, which no parser of WIT takes well: leave it out")
}

/// The package and everything that it refers to, the package itself first.
fn needs(resolve: &Resolve, package: PackageId) -> Vec<PackageId> {
    let mut found = vec![package];
    let mut next = 0;
    while let Some(one) = found.get(next).copied() {
        for needed in resolve.package_direct_deps(one) {
            if !found.contains(&needed) {
                found.push(needed);
            }
        }
        next += 1;
    }
    // By name after the first, so that the same folder gives the same text everywhere.
    if let Some((_, others)) = found.split_first_mut() {
        others.sort_by_key(|one| resolve.packages.get(*one).map(|package| package.name.to_string()));
    }
    found
}

fn print(resolve: &Resolve, package: PackageId, is_main: bool) -> Result<String, Error> {
    let is_wasi = resolve
        .packages
        .get(package)
        .is_some_and(|package| package.name.namespace == "wasi");
    let mut printer = WitPrinter::new(OutputToString::default());
    printer
        .emit_docs(is_main || !is_wasi)
        .print_package(resolve, package, is_main)
        .map_err(|cause| invalid("it cannot be written as one text").keep(cause))?;
    Ok(printer.output.into())
}

fn invalid(why: &str) -> Error {
    let why: String = why.chars().take(1000).collect();
    Error::new(
        Code::InterfaceInvalid,
        format!("the WIT cannot be used: {}", why.trim()),
    )
}

fn too_large(len: usize) -> Error {
    Error::new(
        Code::DeclarationTooLarge,
        format!(
            "the WIT has {len} bytes and may have {MOST_WIT}: leave packages out of `deps` that the world does not need"
        ),
    )
}
