//! Compiled code comes back as it was kept, or not at all.

use std::collections::BTreeSet;

use super::*;

const KEY: [u8; 32] = [1; 32];

fn open(folder: &Path, key: [u8; 32], build: &str) -> Cache {
    Cache::open(folder, key, blake3::hash(build.as_bytes())).unwrap()
}

fn code(cache: &Cache, digest: Digest) -> Option<Vec<u8>> {
    cache.get(digest).map(|code| code.bytes().to_vec())
}

#[test]
fn an_entry_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let digest = Digest::of(b"component");
    let put = open(folder.path(), KEY, "one").put(digest, &b"code"[..]).unwrap();
    assert_eq!(put.bytes(), b"code");
    let cache = open(folder.path(), KEY, "one");
    assert_eq!(code(&cache, digest), Some(b"code".to_vec()));
    assert_eq!(code(&cache, Digest::of(b"other")), None);
}

#[test]
fn an_entry_that_was_changed_in_any_way_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let cache = open(folder.path(), KEY, "one");
    let digest = Digest::of(b"component");
    cache.put(digest, &b"code"[..]).unwrap();
    let whole = fs::read(cache.path(digest)).unwrap();

    let last = whole.len() - 1;
    let mut changes: Vec<Vec<u8>> = [0, 31, 32, last].iter().map(|at| flip(&whole, *at)).collect();
    changes.push(whole[..last].to_vec());
    changes.push(whole[..20].to_vec());
    changes.push(Vec::new());
    changes.push([&whole[..], b"\0"].concat());
    for (index, changed) in changes.into_iter().enumerate() {
        fs::write(cache.path(digest), changed).unwrap();
        assert_eq!(code(&cache, digest), None, "change {index}");
    }
}

#[test]
fn entries_do_not_pass_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let cache = open(folder.path(), KEY, "one");
    let (ours, other) = (Digest::of(b"ours"), Digest::of(b"other"));
    cache.put(ours, &b"ours"[..]).unwrap();
    cache.put(other, &b"other"[..]).unwrap();
    fs::rename(cache.path(other), cache.path(ours)).unwrap();
    assert_eq!(code(&cache, ours), None);
}

#[test]
fn an_entry_is_worth_nothing_under_another_key() {
    let folder = tempfile::tempdir().unwrap();
    let digest = Digest::of(b"component");
    open(folder.path(), KEY, "one").put(digest, &b"code"[..]).unwrap();
    assert_eq!(code(&open(folder.path(), [2; 32], "one"), digest), None);
}

#[test]
fn another_build_starts_anew_and_removes_only_what_builds_left() {
    let folder = tempfile::tempdir().unwrap();
    let digest = Digest::of(b"component");
    open(folder.path(), KEY, "one").put(digest, &b"code"[..]).unwrap();
    fs::create_dir(folder.path().join("kept")).unwrap();
    assert_eq!(code(&open(folder.path(), KEY, "two"), digest), None);
    let left = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let left: BTreeSet<String> = left.map(|name| name.into_string().unwrap()).collect();
    assert_eq!(
        left,
        BTreeSet::from([blake3::hash(b"two").to_hex().to_string(), "kept".to_owned()])
    );
}

fn flip(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[at] ^= 1;
    changed
}
