//! Folders that were exported, and folders that were made to harm whoever imports them.

use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;
use crate::fixture::{self, show};

/// A version of a skill with a signature that hosts accept.
fn parcel(version: &str) -> Parcel {
    let package = fixture::pack(&fixture::skill(version));
    let claim = crate::signature::Claim {
        version: version.parse().unwrap(),
        ..fixture::claim(package.digest())
    };
    let bundle = fixture::sign(&claim, &fixture::key(1));
    let attachment = Attachment::new(package.manifest(), bundle, fixture::now()).unwrap();
    Parcel::new(package, vec![attachment])
}

fn exported() -> (Parcel, TempDir) {
    let (parcel, folder) = (parcel("1.0.0"), tempfile::tempdir().unwrap());
    parcel.write(folder.path(), "1.0.0").unwrap();
    (parcel, folder)
}

fn blob(folder: &Path, bytes: &[u8]) -> std::path::PathBuf {
    folder.join("blobs/sha256").join(Digest::of(bytes).hex())
}

#[test]
fn what_was_exported_is_verified_without_a_registry() {
    let (parcel, folder) = exported();
    let read = Parcel::read(folder.path(), None).unwrap();
    assert_eq!(read.digest(), parcel.digest());
    assert_eq!(read.package().config(), parcel.package().config());
    let signature = |parcel: &Parcel| parcel.attachments()[0].manifest().clone();
    assert_eq!(signature(&read), signature(&parcel));
    let pulled = read.pulled("acme/deck".parse().unwrap()).unwrap();
    let verified = pulled.verify(&fixture::state(), fixture::now()).unwrap();
    assert_eq!(verified.publisher().to_string(), "acme");
}

#[test]
fn a_folder_is_an_image_layout() {
    let (_, folder) = exported();
    let list: serde_json::Value = serde_json::from_slice(&fs::read(folder.path().join(LIST)).unwrap()).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&list).unwrap(), @r#"
    {
      "schemaVersion": 2,
      "mediaType": "application/vnd.oci.image.index.v1+json",
      "manifests": [
        {
          "mediaType": "application/vnd.oci.image.manifest.v1+json",
          "digest": "sha256:8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238",
          "size": 699,
          "annotations": {
            "org.opencontainers.image.ref.name": "1.0.0"
          }
        },
        {
          "mediaType": "application/vnd.oci.image.manifest.v1+json",
          "digest": "sha256:d2a73076ece7823092a80eaa14302a71ceebaec5dbfb48f98e9b159fff2e7679",
          "size": 810,
          "artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json",
          "annotations": {
            "dev.sigstore.bundle.content": "dsse-envelope",
            "dev.sigstore.bundle.predicateType": "https://skillhost.dev/skill/v1",
            "org.opencontainers.image.created": "2026-11-21T12:00:00Z"
          }
        }
      ]
    }
    "#);
    let mark = fs::read_to_string(folder.path().join(MARK)).unwrap();
    assert_eq!(mark, r#"{"imageLayoutVersion":"1.0.0"}"#);
    for entry in fs::read_dir(folder.path().join("blobs/sha256")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(Digest::of(&fs::read(&path).unwrap()).hex(), name);
    }
    let again = parcel("1.0.0").write(folder.path(), "1.0.0").unwrap_err();
    assert_eq!(again.told(), "The folder cannot be used: it is not empty.");
}

/// What else lies in a folder than a skill and its signatures is left: other images, lists, nonsense.
#[test]
fn what_is_no_skill_is_left() {
    let (parcel, folder) = exported();
    let other = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json"}"#;
    fs::write(blob(folder.path(), other), other).unwrap();
    edit(folder.path(), |list| {
        list["manifests"].as_array_mut().unwrap().extend([
            json!(Descriptor::of(MANIFEST, other)),
            json!(Descriptor::of(INDEX, b"elsewhere")),
            json!({"digest": "sha1:0"}),
            json!(7),
        ]);
    });
    let read = Parcel::read(folder.path(), None).unwrap();
    assert_eq!((read.digest(), read.attachments().len()), (parcel.digest(), 1));
}

#[test]
fn of_several_artifacts_one_is_named() {
    let (first, folder) = exported();
    let (second, other) = (parcel("2.0.0"), tempfile::tempdir().unwrap());
    second.write(other.path(), "2.0.0").unwrap();
    for entry in fs::read_dir(other.path().join("blobs/sha256")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(
            &path,
            folder.path().join("blobs/sha256").join(path.file_name().unwrap()),
        )
        .unwrap();
    }
    edit(folder.path(), |list| {
        let more: serde_json::Value = serde_json::from_slice(&fs::read(other.path().join(LIST)).unwrap()).unwrap();
        let more = more["manifests"].as_array().unwrap().clone();
        list["manifests"].as_array_mut().unwrap().extend(more);
    });
    assert_eq!(
        show(Parcel::read(folder.path(), None)),
        "folder-unusable: The folder cannot be used: it holds several artifacts, name one by its digest."
    );
    for parcel in [first, second] {
        let read = Parcel::read(folder.path(), Some(parcel.digest())).unwrap();
        assert_eq!((read.digest(), read.attachments().len()), (parcel.digest(), 1));
    }
    let gone = Parcel::read(folder.path(), Some(Digest::of(b"gone"))).unwrap_err();
    assert_eq!(gone.code(), Code::ArtifactNotFound);
}

/// Each edit makes a folder that leads its reader astray.
#[test]
fn a_folder_that_means_harm_is_refused() {
    type Edit = fn(&Path, &Parcel);
    let edits: [(&str, Edit); 13] = [
        ("no mark", |folder, _| fs::remove_file(folder.join(MARK)).unwrap()),
        ("another version", |folder, _| {
            fs::write(folder.join(MARK), r#"{"imageLayoutVersion":"2.0.0"}"#).unwrap()
        }),
        ("the list is a link", |folder, _| link(&folder.join(LIST))),
        ("a blob is a link", |folder, parcel| {
            link(&blob(folder, parcel.package().component()))
        }),
        ("the blobs are a link", |folder, _| link(&folder.join("blobs/sha256"))),
        ("the list is a pipe", |folder, _| {
            fs::remove_file(folder.join(LIST)).unwrap();
            let kind = rustix::fs::FileType::Fifo;
            rustix::fs::mknodat(rustix::fs::CWD, folder.join(LIST), kind, Mode::RUSR, 0).unwrap();
        }),
        ("the list is a folder", |folder, _| {
            fs::remove_file(folder.join(LIST)).unwrap();
            fs::create_dir(folder.join(LIST)).unwrap();
        }),
        ("the list is endless", |folder, _| {
            File::options()
                .write(true)
                .open(folder.join(LIST))
                .unwrap()
                .set_len(1 << 40)
                .unwrap();
        }),
        ("a blob is endless", |folder, parcel| {
            let path = blob(folder, parcel.package().config());
            File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_len(1 << 40)
                .unwrap();
        }),
        ("a blob is another", |folder, parcel| {
            let size = parcel.package().component().len();
            fs::write(blob(folder, parcel.package().component()), vec![0; size]).unwrap();
        }),
        ("a blob is missing", |folder, parcel| {
            fs::remove_file(blob(folder, parcel.attachments()[0].bundle())).unwrap();
        }),
        ("a name that leads out", |folder, _| {
            edit(folder, |list| {
                list["manifests"][0]["digest"] = json!("sha256:../../../../etc/passwd")
            });
        }),
        ("too many", |folder, _| {
            edit(folder, |list| {
                let entry = list["manifests"][0].clone();
                list["manifests"] = vec![entry; 52].into();
            });
        }),
    ];
    let mut told = String::new();
    for (what, edit) in edits {
        let (parcel, folder) = exported();
        edit(folder.path(), &parcel);
        told.push_str(&format!("{what}: {}\n", show(Parcel::read(folder.path(), None))));
    }
    insta::assert_snapshot!(told, @r"
    no mark: folder-unusable: The folder cannot be used: `oci-layout`: entity not found.
    another version: folder-unusable: The folder cannot be used: it is no OCI image layout of version 1.0.0.
    the list is a link: folder-unusable: The folder cannot be used: `index.json`: filesystem loop or indirection limit (e.g. symlink loop).
    a blob is a link: folder-unusable: The folder cannot be used: `2e1aeab4cc762a1c7f059aa216d57afbdcaa110359fc6d477f1d4c07dbb1d0c0`: filesystem loop or indirection limit (e.g. symlink loop).
    the blobs are a link: folder-unusable: The folder cannot be used: `8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238`: not a directory.
    the list is a pipe: folder-unusable: The folder cannot be used: `index.json`: not a file.
    the list is a folder: folder-unusable: The folder cannot be used: `index.json`: not a file.
    the list is endless: folder-unusable: The folder cannot be used: `index.json`: larger than it may be.
    a blob is endless: folder-unusable: The folder cannot be used: `d162d304e8a91a415040eac7266cb0a740925d794c84f4a761f72b641c6de5eb`: larger than it may be.
    a blob is another: digest-mismatch: The bytes that came for sha256:2e1aeab4cc762a1c7f059aa216d57afbdcaa110359fc6d477f1d4c07dbb1d0c0 are others: they are not used.
    a blob is missing: folder-unusable: The folder cannot be used: `7f0b0d930d9ff95bd0e6abd0cf3bc0744e369e6c5018f3244b3953856f89413f`: entity not found.
    a name that leads out: artifact-not-found: The folder holds no such artifact: export it again, or name another digest.
    too many: folder-unusable: The folder cannot be used: it holds more than an artifact and 50 signatures.
    ");
}

/// Puts a link in the place of a file or folder, to the same thing elsewhere.
fn link(path: &Path) {
    let moved = path.with_extension("moved");
    fs::rename(path, &moved).unwrap();
    symlink(moved, path).unwrap();
}

fn edit(folder: &Path, change: impl FnOnce(&mut serde_json::Value)) {
    let path = folder.join(LIST);
    let mut list = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut list);
    fs::write(path, list.to_string()).unwrap();
}
