//! What keeps the house in shape: who may depend on whom, how long a file may be, what no file may say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Crates that a part of the house must not reach, not even through others.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("registry", &["wasmtime", "wasmtime-wasi", "sqlx", "clap"]),
    (
        "gate",
        &[
            "wasmtime",
            "wasmtime-wasi",
            "sqlx",
            "axum",
            "reqwest",
            "hyper",
            "rustls",
        ],
    ),
    (
        "egress",
        &["wasmtime", "wasmtime-wasi", "sqlx", "axum", "reqwest", "gate"],
    ),
    ("models", &["wasmtime", "wasmtime-wasi", "sqlx", "axum"]),
];

/// One crypto provider and one TLS stack.
const NOWHERE: &[&str] = &["aws-lc-rs", "aws-lc-sys", "openssl-sys", "native-tls"];

/// The release that fixes every advisory known when it was chosen, on the line with long support.
const WASMTIME_FLOOR: (u64, u64, u64) = (48, 0, 8);

/// Longer files are split.
const MOST_LINES: usize = 500;

#[test]
fn nobody_reaches_what_it_must_not() {
    let graph = Graph::of_this_workspace();
    for (from, forbidden) in FORBIDDEN {
        for name in *forbidden {
            assert!(
                !graph.reaches(from, name),
                "{from} must not depend on {name}, not even through another crate"
            );
        }
    }
    for name in NOWHERE {
        assert!(
            !graph.reaches("skillhost", name),
            "{name} came in: one dependency has its default features on"
        );
    }
}

#[test]
fn wasmtime_is_not_below_its_floor() {
    let graph = Graph::of_this_workspace();
    for name in ["wasmtime", "wasmtime-wasi"] {
        let version = graph.version(name);
        let numbers = (version.major, version.minor, version.patch);
        assert!(
            numbers >= WASMTIME_FLOOR && version.major == WASMTIME_FLOOR.0,
            "{name} {version}: the supported line is 48.0.x, from 48.0.8 on"
        );
    }
}

#[test]
fn b19_what_is_built_in_is_pinned() {
    let locks = [
        "Cargo.lock",
        "skills/Cargo.lock",
        "tests/guests/Cargo.lock",
        "registry/fuzz/Cargo.lock",
    ];
    for lock in locks {
        let text = std::fs::read_to_string(root().join(lock)).unwrap();
        assert_eq!(strangers(&text), Vec::<String>::new(), "{lock}");
    }
    let pinned = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let (before, after) = pinned.split_once("checksum = ").unwrap();
    let without = format!("{before}was = {after}");
    let elsewhere = pinned.replacen(
        "registry+https://github.com/rust-lang/crates.io-index",
        "git+https://example.test/a",
        1,
    );
    let unknown = format!("{pinned}\n[[package]]\nname = \"stranger\"\nversion = \"1.0.0\"\n");
    for changed in [without, elsewhere, unknown] {
        assert_eq!(strangers(&changed).len(), 1);
    }
}

/// Crates of a lock file that are neither ours nor of crates.io with a checksum.
fn strangers(lock: &str) -> Vec<String> {
    const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";
    const OURS: [&str; 16] = [
        "egress",
        "gate",
        "models",
        "registry",
        "skillhost",
        "support",
        "registry-fuzz",
        "brief",
        "hello",
        "jira",
        "powerpoint",
        "salesforce",
        "skillhost-sdk",
        "http-guest",
        "model-guest",
        "wstd-guest",
    ];
    let lock: toml::Value = toml::from_str(lock).unwrap();
    let packages = lock["package"].as_array().unwrap().iter();
    let text = |package: &toml::Value, key: &str| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let is_known = |package: &&toml::Value| match text(package, "source") {
        Some(source) => source == CRATES_IO && text(package, "checksum").is_some(),
        None => text(package, "name").is_some_and(|name| OURS.contains(&name.as_str())),
    };
    let found = packages.filter(|package| !is_known(package));
    found.map(|package| text(package, "name").unwrap()).collect()
}

#[test]
fn files_stay_short() {
    for file in sources() {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(
            lines <= MOST_LINES,
            "{} has {lines} lines: split it by what it does",
            file.display()
        );
    }
}

#[test]
fn files_say_what_they_are() {
    for file in sources() {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(
            text.starts_with("//!"),
            "{}: the first line says what the file is",
            file.display()
        );
    }
}

#[test]
fn unsafe_stands_in_one_place() {
    let is_ours = |file: &PathBuf| {
        ["host/src", "registry/src"]
            .iter()
            .any(|part| file.starts_with(root().join(part)))
    };
    let has_unsafe = |file: &PathBuf| std::fs::read_to_string(file).unwrap().contains("unsafe {");
    let found: Vec<PathBuf> = sources().into_iter().filter(is_ours).filter(has_unsafe).collect();
    let expected = [root().join("host/src/engine/code.rs")];
    assert_eq!(
        found, expected,
        "unsafe code stands where compiled code is loaded, only"
    );
}

/// Every Rust file that git knows, tests and skills included.
fn sources() -> Vec<PathBuf> {
    let listed = Command::new("git")
        .args(["ls-files", "*.rs"])
        .current_dir(root())
        .output()
        .unwrap();
    let names = String::from_utf8(listed.stdout).unwrap();
    let files: Vec<PathBuf> = names
        .lines()
        .map(|name| root().join(name))
        .filter(|file| file.exists())
        .collect();
    assert!(files.len() > 20, "git lists the sources");
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Which crate depends on which, normal and build dependencies only.
struct Graph {
    versions: BTreeMap<String, semver::Version>,
    edges: BTreeMap<String, Vec<String>>,
}

impl Graph {
    fn of_this_workspace() -> Self {
        let out = Command::new(env!("CARGO"))
            .args([
                "metadata",
                "--format-version",
                "1",
                "--locked",
                "--filter-platform",
                "x86_64-unknown-linux-gnu",
            ])
            .current_dir(root())
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let metadata: Value = serde_json::from_slice(&out.stdout).unwrap();
        let list = |value: &Value| value.as_array().cloned().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let mut names = BTreeMap::new();
        let mut versions = BTreeMap::new();
        for package in list(&metadata["packages"]) {
            names.insert(text(&package["id"]), text(&package["name"]));
            versions.insert(text(&package["name"]), text(&package["version"]).parse().unwrap());
        }
        let mut edges: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for node in list(&metadata["resolve"]["nodes"]) {
            let into = edges.entry(names[&text(&node["id"])].clone()).or_default();
            for dependency in list(&node["deps"]) {
                let kept = list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev");
                if kept {
                    into.push(names[&text(&dependency["pkg"])].clone());
                }
            }
        }
        Self { versions, edges }
    }

    fn version(&self, name: &str) -> &semver::Version {
        self.versions.get(name).unwrap()
    }

    fn reaches(&self, from: &str, to: &str) -> bool {
        let mut seen = std::collections::BTreeSet::new();
        let mut left = vec![from];
        while let Some(at) = left.pop() {
            if at == to {
                return true;
            }
            if seen.insert(at) {
                left.extend(self.edges.get(at).into_iter().flatten().map(String::as_str));
            }
        }
        false
    }
}
