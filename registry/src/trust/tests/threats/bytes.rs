//! Bytes that are others than those that were signed for, or two things at once.

use bytes::Bytes;

use super::{lines, outcome};
use crate::digest::Digest;
use crate::error::Error;
use crate::fixture::{claim, key, now, pack, pulled, show, sign, skill, state};
use crate::ledger::{Grants, State};
use crate::signature::Statement;
use crate::signature::tests::stated;
use crate::trust::tests::{approved, load, package, tenant};
use crate::{Pulled, Shelf};

/// The artifact with other parts, as far as it comes.
fn parts(manifest: impl Into<Bytes>, component: &Bytes, bundles: Vec<Bytes>, state: &State) -> String {
    let pulled = Pulled::from_parts(
        "acme/deck".parse().unwrap(),
        manifest.into(),
        component.clone(),
        bundles,
    );
    show(pulled.and_then(|pulled| pulled.verify(state, now())))
}

fn text(manifest: &Bytes) -> String {
    String::from_utf8(manifest.to_vec()).unwrap()
}

#[test]
fn b10_bytes_are_those_that_were_signed_for() {
    let (package, other) = (package(), pack(&skill("1.1.0")));
    let good = claim(package.digest());
    let signed = || vec![sign(&good, &key(1))];
    let told = |manifest: String, component: &Bytes| parts(manifest, component, signed(), &state());
    let manifest = text(package.manifest());
    let layer = format!(
        "\"application/wasm\",\"digest\":\"{}\"",
        Digest::of(package.component())
    );
    assert!(manifest.contains(&layer));
    let named = |digest: &str| manifest.replace(&layer, &format!("\"application/wasm\",\"digest\":\"{digest}\""));
    // The statement is about an artifact by its SHA-256: by another hash, it is about another.
    let payload = |from: &str, to: &str| {
        let statement = String::from_utf8(Statement::of_skill(&good).to_be_signed()).unwrap();
        let payload = statement[statement.find('{').unwrap()..].replace(from, to);
        let bundle = stated(payload.as_bytes(), &key(1));
        outcome("acme/deck", &package, vec![bundle], &state())
    };
    let sha512 = format!("sha512:{}", "ab".repeat(64));
    insta::assert_snapshot!(lines([
        ("as it was signed", told(manifest.clone(), package.component())),
        ("another component", told(manifest.clone(), other.component())),
        ("another manifest with its component", told(text(other.manifest()), other.component())),
        ("one byte more", told(format!("{manifest} "), package.component())),
        ("a layer by SHA-1", told(named("sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"), package.component())),
        ("a layer by SHA-512", told(named(&sha512), package.component())),
        ("a layer by none", told(named(""), package.component())),
        ("a statement by SHA-512", payload("\"digest\":{\"sha256\"", "\"digest\":{\"sha512\"")),
        ("a predicate by SHA-512", payload(&good.digest.to_string(), &sha512)),
    ]), @r"
    as it was signed -> accepted
    another component -> digest-mismatch: The bytes that came for sha256:2e1aeab4cc762a1c7f059aa216d57afbdcaa110359fc6d477f1d4c07dbb1d0c0 are others: they are not used.
    another manifest with its component -> statement-mismatch: the signature does not hold here: it was made for the artifact sha256:8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238, not sha256:d4b2d94c0c4cfd04ab8b11a1e9819a5ce645946a79dcc5f6c042606e452c0cca
    one byte more -> statement-mismatch: the signature does not hold here: it was made for the artifact sha256:8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238, not sha256:6264ab436b5a07579264c145175dc11b36c615bada6d855f0d3fb09718a2dd29
    a layer by SHA-1 -> artifact-malformed: The manifest of the artifact cannot be used: it cannot be read as JSON.
    a layer by SHA-512 -> artifact-malformed: The manifest of the artifact cannot be used: it cannot be read as JSON.
    a layer by none -> artifact-malformed: The manifest of the artifact cannot be used: it cannot be read as JSON.
    a statement by SHA-512 -> statement-mismatch: the signature does not hold here: its statement is not of the form of version 1
    a predicate by SHA-512 -> statement-mismatch: the signature does not hold here: its statement is not of the form of version 1
    ");
}

#[test]
fn b11_no_document_is_two() {
    let package = package();
    let good = claim(package.digest());
    let manifest = text(package.manifest());
    let told = |from: &str, to: &str| {
        let changed = manifest.replacen(from, to, 1);
        assert_ne!(changed, manifest, "{from}");
        // Whoever makes such an artifact signs it too.
        let bundle = sign(&claim(Digest::of(changed.as_bytes())), &key(1));
        parts(changed, package.component(), vec![bundle], &state())
    };
    let changed = |from: &str, to: &str| {
        let statement = String::from_utf8(Statement::of_skill(&good).to_be_signed()).unwrap();
        let payload = &statement[statement.find('{').unwrap()..];
        let other = payload.replacen(from, to, 1);
        assert_ne!(other, payload, "{from}");
        let bundle = stated(other.as_bytes(), &key(1));
        outcome("acme/deck", &package, vec![bundle], &state())
    };
    let mut index = good.clone();
    index.media_type = crate::layout::INDEX.to_owned();
    let (deep, other) = ("[".repeat(10_000), Digest::of(b"other"));
    insta::assert_snapshot!(lines([
        ("a manifest that is a list too", told("\"layers\":", "\"manifests\":[],\"layers\":")),
        ("a manifest with two layers' keys", told("\"layers\":", "\"layers\":[],\"layers\":")),
        ("a manifest with two digests", told("\"digest\":", &format!("\"digest\":\"{other}\",\"digest\":"))),
        ("a manifest of another type", told(crate::layout::MANIFEST, crate::layout::INDEX)),
        ("a deep manifest", told("\"annotations\":", &format!("\"more\":{deep},\"annotations\":"))),
        ("a statement about a list", outcome("acme/deck", &package, vec![sign(&index, &key(1))], &state())),
        ("a statement with two digests", changed("\"digest\":\"", &format!("\"digest\":\"{other}\",\"digest\":\""))),
        ("a statement with two skills", changed("\"skill\":", "\"skill\":\"acme/other\",\"skill\":")),
        ("a statement with two subjects", changed("\"subject\":[", &format!("\"subject\":[{{\"name\":\"acme/deck\",\"digest\":{{\"sha256\":\"{}\"}}}},", other.hex()))),
        ("a statement with two types", changed("\"predicateType\":", "\"predicateType\":\"x\",\"predicateType\":")),
        ("a deep statement", changed("\"predicate\":{", &format!("\"predicate\":{{\"more\":{deep},"))),
        ("a statement of more", changed("\"predicate\":{", "\"predicate\":{\"grants\":\"all\",")),
    ]), @r"
    a manifest that is a list too -> artifact-malformed: The manifest of the artifact cannot be used: it is a list of manifests, or pretends to be two things.
    a manifest with two layers' keys -> artifact-malformed: The manifest of the artifact cannot be used: it cannot be read as JSON.
    a manifest with two digests -> artifact-malformed: The manifest of the artifact cannot be used: it cannot be read as JSON.
    a manifest of another type -> media-type-wrong: The manifest is called `application/vnd.oci.image.index.v1+json`, not `application/vnd.oci.image.manifest.v1+json`.
    a deep manifest -> artifact-malformed: The manifest of the artifact cannot be used: it cannot be read as JSON.
    a statement about a list -> statement-mismatch: the signature does not hold here: it was made for another media type than an OCI manifest
    a statement with two digests -> statement-mismatch: the signature does not hold here: its statement is not of the form of version 1
    a statement with two skills -> statement-mismatch: the signature does not hold here: its statement is not of the form of version 1
    a statement with two subjects -> statement-mismatch: the signature does not hold here: its statement is not of the form of version 1
    a statement with two types -> unsigned: the artifact has no signature that a host can use: publish it with `skillhost publish`, which signs it (signatures of cosign alone do not say for which skill they are)
    a deep statement -> unsigned: the artifact has no signature that a host can use: publish it with `skillhost publish`, which signs it (signatures of cosign alone do not say for which skill they are)
    a statement of more -> statement-mismatch: the signature does not hold here: its statement is not of the form of version 1
    ");
}

#[test]
fn b13_what_did_not_come_whole_is_not_verified() {
    let (package, state, bundles) = approved(Grants::default());
    let bundle = bundles[0].clone();
    let whole = |manifest: Bytes, component: Bytes, bundles: Vec<Bytes>| {
        let pulled = Pulled::from_parts("acme/deck".parse().unwrap(), manifest, component, bundles)?;
        pulled.clone().verify(&state, now())?;
        pulled.approved(&state, &tenant("red"))
    };
    let all = || (package.manifest().clone(), package.component().clone());
    let (manifest, component) = all();
    assert!(whole(manifest.clone(), component.clone(), vec![bundle.clone()]).is_ok());
    for end in 0..manifest.len() {
        let outcome = whole(manifest.slice(..end), component.clone(), vec![bundle.clone()]);
        assert!(outcome.is_err(), "a manifest of {end} bytes");
    }
    for end in 0..component.len() {
        let outcome = whole(manifest.clone(), component.slice(..end), vec![bundle.clone()]);
        assert!(outcome.is_err(), "a component of {end} bytes");
    }
    for end in 0..bundle.len() {
        let outcome = whole(manifest.clone(), component.clone(), vec![bundle.slice(..end)]);
        assert!(outcome.is_err(), "a bundle of {end} bytes");
    }
    // A ledger that says nothing is one that trusts nothing.
    let empty = State::default();
    insta::assert_snapshot!(lines([
        ("no bundles", outcome("acme/deck", &package, vec![], &state)),
        ("no ledger", outcome("acme/deck", &package, bundles.clone(), &empty)),
        ("no ledger, approved before", show(load(&package, &empty, &bundles, "red"))),
    ]), @r"
    no bundles -> unsigned: the artifact has no signature that a host can use: publish it with `skillhost publish`, which signs it (signatures of cosign alone do not say for which skill they are)
    no ledger -> signed-by-stranger: the artifact is signed by the key sha256:fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2, which belongs to no known publisher: add its publisher first
    no ledger, approved before -> not-approved: sha256:8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238 is not approved as `acme/deck`: an approver accepts it with `skillhost approve`
    ");
}

#[test]
fn b14_what_is_swapped_on_disk_is_not_loaded() {
    let (package, state, bundles) = approved(Grants::default());
    let other = pack(&skill("1.1.0"));
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path()).unwrap();
    let again = || shelf.put(&pulled("acme/deck", &package, bundles.clone())).unwrap();
    let load = || -> Result<_, Error> {
        shelf
            .get(&package.digest(), "acme/deck".parse().unwrap())?
            .approved(&state, &tenant("red"))
    };
    let place = folder.path().join("sha256").join(package.digest().hex());
    let swap = |files: &[(&str, &Bytes)]| {
        again();
        for (name, bytes) in files {
            std::fs::write(place.join(name), bytes).unwrap();
        }
        show(load())
    };
    let mut late = package.component().to_vec();
    *late.last_mut().unwrap() ^= 1;
    insta::assert_snapshot!(lines([
        ("as it was", swap(&[])),
        ("the component", swap(&[("component.wasm", other.component())])),
        ("its last byte", swap(&[("component.wasm", &late.into())])),
        ("both", swap(&[("component.wasm", other.component()), ("manifest.json", other.manifest())])),
        ("put again", swap(&[])),
    ]), @r"
    as it was -> accepted
    the component -> digest-mismatch: The bytes that came for sha256:2e1aeab4cc762a1c7f059aa216d57afbdcaa110359fc6d477f1d4c07dbb1d0c0 are others: they are not used.
    its last byte -> digest-mismatch: The bytes that came for sha256:2e1aeab4cc762a1c7f059aa216d57afbdcaa110359fc6d477f1d4c07dbb1d0c0 are others: they are not used.
    both -> digest-mismatch: the artifact sha256:8396fa5512421617bd8966c9a43f2b83b2b84b64bbb497f06bba902a70115238 was changed where the host keeps it: approve it again, and it is pulled
    put again -> accepted
    ");
}

#[test]
fn b15_there_are_no_archives() {
    let package = package();
    let told = |kind: &str| {
        let changed = text(package.manifest()).replace("\"application/wasm\"", &format!("\"{kind}\""));
        let bundle = sign(&claim(Digest::of(changed.as_bytes())), &key(1));
        parts(changed, package.component(), vec![bundle], &state())
    };
    insta::assert_snapshot!(lines([
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.agentskills.skill.content.v1.tar+gzip",
        "application/zip",
    ].map(|kind| (kind, told(kind)))), @r"
    application/vnd.oci.image.layer.v1.tar -> media-type-wrong: The layer of the artifact is `application/vnd.oci.image.layer.v1.tar`, not `application/wasm`: publish it as a skill.
    application/vnd.oci.image.layer.v1.tar+gzip -> media-type-wrong: The layer of the artifact is `application/vnd.oci.image.layer.v1.tar+gzip`, not `application/wasm`: publish it as a skill.
    application/vnd.agentskills.skill.content.v1.tar+gzip -> media-type-wrong: The layer of the artifact is `application/vnd.agentskills.skill.content.v1.tar+gzip`, not `application/wasm`: publish it as a skill.
    application/zip -> media-type-wrong: The layer of the artifact is `application/zip`, not `application/wasm`: publish it as a skill.
    ");
}
