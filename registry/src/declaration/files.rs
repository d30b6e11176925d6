//! `SKILL.md` and the files beside it: which are allowed, and how they are found.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bytes::Bytes;

use super::SkillFile;
use crate::error::{Code, Error};
use crate::manifest::Manifest;
use crate::words;

/// The file that tells agents when and how to use the skill (Agent Skills specification).
const SKILL_MD: &str = "SKILL.md";

/// The folders that may stand beside it (Agent Skills specification, "Directory structure").
const FOLDERS: [&str; 3] = ["assets", "references", "scripts"];

/// The most files of a skill.
const MOST_FILES: usize = 128;

/// The most bytes of one file.
const MOST_BYTES: usize = 1024 * 1024;

/// The longest path, and the longest part of one, that every file system can hold.
const LONGEST_PATH: usize = 255;

/// `SKILL.md` and the files of `assets`, `references` and `scripts` in an author's folder. Files whose name begins with a
/// dot are left out, and links are not followed.
///
/// # Errors
/// `file-invalid` where a file cannot be read or may not be part of a skill.
pub fn gather(folder: &Path) -> Result<Vec<SkillFile>, Error> {
    let mut files = vec![read(&folder.join(SKILL_MD), SKILL_MD.to_owned())?];
    let mut open: Vec<String> = FOLDERS.map(str::to_owned).into();
    while let Some(inner) = open.pop() {
        let path = folder.join(&inner);
        if !path.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&path).map_err(|cause| unreadable(&inner, cause))? {
            let entry = entry.map_err(|cause| unreadable(&inner, cause))?;
            let name = entry.file_name();
            let name = format!("{inner}/{}", name.to_string_lossy());
            let kind = entry.file_type().map_err(|cause| unreadable(&name, cause))?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            } else if kind.is_dir() {
                open.push(name);
            } else if kind.is_file() {
                files.push(read(&entry.path(), name)?);
            }
        }
        if files.len() > MOST_FILES {
            return Err(too_many());
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Checks the files of a skill together.
pub(super) fn check(files: &[SkillFile], manifest: &Manifest) -> Result<(), Error> {
    if files.len() > MOST_FILES {
        return Err(too_many());
    }
    for file in files {
        check_path(&file.path)?;
        if file.content.len() > MOST_BYTES {
            return Err(too_large(&file.path));
        }
        if file.path.ends_with(".md") {
            text(file)?;
        }
    }
    check_distinct(files)?;
    let Some(skill) = files.iter().find(|file| file.path == SKILL_MD) else {
        return Err(invalid(SKILL_MD, "it is missing: write it beside skill.toml"));
    };
    check_front(text(skill)?, manifest)
}

fn check_path(path: &str) -> Result<(), Error> {
    let allowed = |char: char| char.is_ascii_alphanumeric() || " -_.,+=@()[]{}~!#$%&'/".contains(char);
    if path.len() > LONGEST_PATH || !path.chars().all(allowed) {
        return Err(invalid(
            path,
            "a path has at most 255 letters, digits, spaces and simple marks of ASCII, with `/` between its parts",
        ));
    }
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(invalid(
            path,
            "a path is relative and has no part that is empty, `.` or `..`",
        ));
    }
    Ok(())
}

/// No two files may meet when they are written to a disk, even to one that does not tell `A` from `a`.
fn check_distinct(files: &[SkillFile]) -> Result<(), Error> {
    if let Some((_, after)) = files.iter().zip(files.iter().skip(1)).find(|(a, b)| a.path > b.path) {
        return Err(invalid(&after.path, "files stand in the order of their paths"));
    }
    let mut seen = BTreeSet::new();
    for file in files {
        if !seen.insert(file.path.to_ascii_lowercase()) {
            return Err(invalid(&file.path, "its path is used twice: rename one"));
        }
    }
    for file in files {
        let path = file.path.to_ascii_lowercase();
        let mut folders = path.match_indices('/').filter_map(|(end, _)| path.get(..end));
        if folders.any(|folder| seen.contains(folder)) {
            return Err(invalid(&file.path, "one of its folders is also a file: rename one"));
        }
    }
    Ok(())
}

/// Checks the two facts of the front matter that agents go by. The rest of it is YAML for agents, and nothing here
/// depends on it.
fn check_front(text: &str, manifest: &Manifest) -> Result<(), Error> {
    let front = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---"))
        .map(|(front, _)| front)
        .ok_or_else(|| invalid(SKILL_MD, "it begins with front matter between two lines `---`"))?;
    let value = |key: &str| {
        let line = front.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        line.map(|value| value.trim().trim_matches(['"', '\'']))
    };
    let name = manifest.skill.name.name().as_str();
    if value("name") != Some(name) {
        return Err(invalid(
            SKILL_MD,
            &format!("its front matter says `name: {name}`, as skill.toml does"),
        ));
    }
    if value("description").is_none_or(str::is_empty) {
        return Err(invalid(
            SKILL_MD,
            "its front matter says in `description` when to use the skill",
        ));
    }
    Ok(())
}

fn text(file: &SkillFile) -> Result<&str, Error> {
    let text = std::str::from_utf8(&file.content).map_err(|_| invalid(&file.path, "it is UTF-8 text"))?;
    match words::hidden(text) {
        None => Ok(text),
        Some(hidden) => Err(invalid(
            &file.path,
            &format!(
                "it holds U+{:04X}, which readers do not see: remove it",
                u32::from(hidden)
            ),
        )),
    }
}

fn read(path: &Path, name: String) -> Result<SkillFile, Error> {
    let size = fs::metadata(path).map_err(|cause| unreadable(&name, cause))?.len();
    if size > MOST_BYTES as u64 {
        return Err(too_large(&name));
    }
    let content = fs::read(path).map_err(|cause| unreadable(&name, cause))?;
    Ok(SkillFile {
        path: name,
        content: Bytes::from(content),
    })
}

fn too_many() -> Error {
    Error::new(
        Code::FileInvalid,
        format!("a skill has at most {MOST_FILES} files: remove some, or join them"),
    )
}

fn too_large(path: &str) -> Error {
    invalid(path, &format!("it may have {MOST_BYTES} bytes: make it smaller"))
}

fn unreadable(path: &str, cause: std::io::Error) -> Error {
    let why = cause.kind().to_string();
    invalid(path, &format!("it cannot be read: {why}")).keep(cause)
}

fn invalid(path: &str, why: &str) -> Error {
    let path: String = path.chars().take(LONGEST_PATH).collect();
    Error::new(
        Code::FileInvalid,
        format!("the file `{}` cannot be part of the skill: {why}", path.escape_debug()),
    )
}
