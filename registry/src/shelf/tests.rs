//! Artifacts on disk, whole or absent.

use std::fs;

use bytes::Bytes;

use super::Shelf;
use crate::Pulled;
use crate::digest::Digest;
use crate::fixture::{claim, key, pack, pulled, show, sign, skill};

fn artifact(keys: &[u8]) -> Pulled {
    let package = pack(&skill("1.0.0"));
    let bundles = keys
        .iter()
        .map(|number| sign(&claim(package.digest()), &key(*number)))
        .collect();
    pulled("acme/deck", &package, bundles)
}

fn sorted(bundles: &[Bytes]) -> Vec<Bytes> {
    let mut bundles = bundles.to_vec();
    bundles.sort();
    bundles
}

#[test]
fn what_is_put_is_got() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(&folder.path().join("shelf")).unwrap();
    let put = artifact(&[1, 2]);
    shelf.put(&put).unwrap();
    let got = shelf.get(&put.digest(), put.asked().clone()).unwrap();
    assert_eq!((got.manifest(), got.component()), (put.manifest(), put.component()));
    assert_eq!(sorted(got.bundles()), sorted(put.bundles()));
    assert_eq!((got.digest(), got.asked()), (put.digest(), put.asked()));
    // A shelf that is opened again holds it still, and the folder of unfinished ones is empty.
    let shelf = Shelf::open(&folder.path().join("shelf")).unwrap();
    assert!(shelf.get(&put.digest(), put.asked().clone()).is_ok());
    assert_eq!(fs::read_dir(&shelf.unfinished).unwrap().count(), 0);
}

#[test]
fn a_signature_that_lies_beside_it_twice_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let twice = artifact(&[1, 2, 1]);
    shelf.put(&twice).unwrap();
    let got = shelf.get(&twice.digest(), twice.asked().clone()).unwrap();
    assert_eq!(sorted(got.bundles()), sorted(artifact(&[1, 2]).bundles()));
}

#[test]
fn later_signatures_are_added() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    for keys in [&[1][..], &[2], &[1, 2]] {
        shelf.put(&artifact(keys)).unwrap();
    }
    let both = artifact(&[1, 2]);
    let got = shelf.get(&both.digest(), both.asked().clone()).unwrap();
    assert_eq!(sorted(got.bundles()), sorted(both.bundles()));
}

#[test]
fn several_may_put_the_same_artifact_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let all: Vec<u8> = (1..9).collect();
    std::thread::scope(|scope| {
        for number in &all {
            let shelf = shelf.clone();
            scope.spawn(move || shelf.put(&artifact(&[*number])).unwrap());
        }
    });
    let together = artifact(&all);
    let got = shelf.get(&together.digest(), together.asked().clone()).unwrap();
    assert_eq!(sorted(got.bundles()), sorted(together.bundles()));
}

#[test]
fn what_a_kill_left_behind_is_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    fs::create_dir(shelf.unfinished.join("half")).unwrap();
    fs::write(shelf.unfinished.join("half").join("manifest.json"), "{").unwrap();
    Shelf::open(folder.path()).unwrap();
    assert_eq!(fs::read_dir(&shelf.unfinished).unwrap().count(), 0);
}

#[test]
fn what_was_changed_on_disk_is_refused_and_can_be_put_again() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let put = artifact(&[1]);
    let other = pack(&skill("1.0.1"));
    let place = shelf.place(&put.digest());
    let mut refused = Vec::new();
    let absent = shelf.get(&Digest::of(b""), put.asked().clone());
    refused.push(format!("absent -> {}", show(absent)));
    let mut flipped = put.component().to_vec();
    flipped[100] ^= 1;
    for (name, file, content) in [
        ("component", "component.wasm", flipped.as_slice()),
        ("manifest", "manifest.json", other.manifest()),
        ("manifest and component", "component.wasm", other.component()),
        ("empty", "manifest.json", b""),
    ] {
        shelf.put(&put).unwrap();
        fs::write(place.join(file), content).unwrap();
        if name == "manifest and component" {
            fs::write(place.join("manifest.json"), other.manifest()).unwrap();
        }
        refused.push(format!(
            "{name} -> {}",
            show(shelf.get(&put.digest(), put.asked().clone()))
        ));
    }
    insta::assert_snapshot!(refused.join("\n"), @r"
    absent -> artifact-not-found: the host does not keep the artifact sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855: approve it again, and it is pulled
    component -> digest-mismatch: The bytes that came for sha256:2e1aeab4cc762a1c7f059aa216d57afbdcaa110359fc6d477f1d4c07dbb1d0c0 are others: they are not used.
    manifest -> digest-mismatch: The bytes that came for sha256:a952b92b4775f6a7ea6e24dc703225133edfac17da5102f01d9604353b5c57d4 are others: they are not used.
    manifest and component -> digest-mismatch: the artifact sha256:8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238 was changed where the host keeps it: approve it again, and it is pulled
    empty -> artifact-malformed: The manifest of the artifact cannot be used: it cannot be read as JSON.
    ");
    shelf.put(&put).unwrap();
    assert!(shelf.get(&put.digest(), put.asked().clone()).is_ok());
}

#[test]
fn a_folder_that_cannot_be_used_says_so() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    insta::assert_snapshot!(show(Shelf::open(&folder.path().join("file"))), @r"shelf-unusable: the host cannot use its folder of artifacts: not a directory");
}
