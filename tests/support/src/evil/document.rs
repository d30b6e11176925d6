//! Documents that two readers see differently, or no reader can hold.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::artifact::{INDEX, digest};

/// A list of manifests.
#[must_use]
pub fn index(manifests: impl IntoIterator<Item = Value>) -> Bytes {
    let manifests: Vec<Value> = manifests.into_iter().collect();
    json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests})
        .to_string()
        .into()
}

/// A list of so many signatures that nobody made, counted from `first`.
#[must_use]
pub fn many(first: usize, count: usize) -> Bytes {
    let entry = |number: usize| {
        json!({
            "mediaType": super::artifact::MANIFEST, "size": 500,
            "digest": digest(number.to_string().as_bytes()),
            "artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        })
    };
    index((first..first + count).map(entry))
}

/// The same document with one more key, unlike the others as deep as this and with them one mebibyte long.
#[must_use]
pub fn nested(document: &[u8], depth: usize) -> Bytes {
    let (open, close) = ("[".repeat(depth), "]".repeat(depth));
    let padding = " ".repeat((1_usize << 20).saturating_sub(document.len() + 2 * depth));
    first(document, &format!("\"nested\":{open}{padding}{close}"))
}

/// The same document with this member in front, whether or not it has one of that name.
#[must_use]
pub fn first(document: &[u8], member: &str) -> Bytes {
    let text = String::from_utf8_lossy(document);
    text.replacen('{', &format!("{{{member},"), 1).into()
}

/// The same document with one place changed.
///
/// # Panics
/// If it is no JSON or has no such place.
#[must_use]
pub fn edited(document: &[u8], pointer: &str, value: Value) -> Bytes {
    let mut document: Value = serde_json::from_slice(document).expect("a document is JSON");
    let (parent, key) = pointer.rsplit_once('/').expect("a pointer begins with a slash");
    let parent = document.pointer_mut(parent).expect("the document has the place");
    match parent {
        Value::Array(items) => {
            let place = key.parse::<usize>().ok().and_then(|index| items.get_mut(index));
            *place.expect("the list has the item") = value;
        }
        parent => drop(
            parent
                .as_object_mut()
                .expect("it is an object")
                .insert(key.to_owned(), value),
        ),
    }
    document.to_string().into()
}
