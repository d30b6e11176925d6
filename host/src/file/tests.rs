//! Names and media types of files.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::SignedDuration;
use registry::Digest;
use sqlx::ConnectOptions as _;

use super::{FileError, Files};
use crate::seal::HostKey;
use crate::store::Store;
use crate::tenant::Tenants;
use crate::token::{Caller, Role, Tokens, Wanted};

struct Kept {
    folder: tempfile::TempDir,
    store: Store,
    files: Files,
    caller: Arc<Caller>,
}

#[tokio::test]
async fn a_file_comes_back_byte_for_byte_and_no_byte_of_it_lies_open() {
    let kept = kept().await;
    for size in [0_usize, 1, 256 << 10, (256 << 10) + 1, 1_000_000] {
        let content: Vec<u8> = b"in the clear ".iter().copied().cycle().take(size).collect();
        let row = kept.upload(&content).await.unwrap();
        assert_eq!((row.sha256, row.size), (Digest::of(&content), size as u64));
        let back = kept
            .files
            .download(kept.caller.tenant(), row.sha256)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((back.name.as_str(), back.media_type.as_str()), ("a.txt", "text/plain"));
        assert_eq!(back.whole().await.unwrap(), content);
    }
    let other = "other".parse().unwrap();
    assert!(kept.files.download(&other, Digest::of(b"")).await.unwrap().is_none());
    kept.store.close().await;
    let bytes = std::fs::read(kept.folder.path().join(Store::FILE)).unwrap();
    assert!(!bytes.windows(12).any(|window| window == b"in the clear"));
}

#[tokio::test]
async fn a_file_that_was_changed_never_comes_back_whole() {
    let kept = kept().await;
    let row = kept.upload(&vec![7; 600 << 10]).await.unwrap();
    let mut connection = crate::store::options(&kept.folder.path().join(Store::FILE))
        .connect()
        .await
        .unwrap();
    let swap = "UPDATE contents SET part = CASE part WHEN 0 THEN 7 WHEN 1 THEN 0 END WHERE part < 2";
    sqlx::query(swap).execute(&mut connection).await.unwrap();
    let back = kept
        .files
        .download(kept.caller.tenant(), row.sha256)
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(back.whole().await, Err(FileError::Changed)));
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_and_leaves_nothing() {
    let kept = kept().await;
    let long = "n".repeat(256);
    let names = ["", ".", "..", "a/b", "a\\b", "a\nb", long.as_str()];
    for name in names {
        let refused = kept.files.upload(&kept.caller, name, "text/plain", ready(b"")).await;
        assert!(matches!(refused, Err(FileError::Name)), "{name:?}");
    }
    for media_type in ["", "text", "/plain", "text/", "text/pl\u{e4}in"] {
        let refused = kept.files.upload(&kept.caller, "a.txt", media_type, ready(b"")).await;
        assert!(matches!(refused, Err(FileError::MediaType)), "{media_type:?}");
    }
    let endless = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from(vec![0; 8 << 20])));
    let refused = kept.files.upload(&kept.caller, "a.txt", "text/plain", endless).await;
    assert!(matches!(refused, Err(FileError::TooLarge)));
    let broken = stream::iter([Ok(Bytes::from_static(b"half")), Err("gone")]).chain(stream::empty());
    let refused = kept.files.upload(&kept.caller, "a.txt", "text/plain", broken).await;
    assert!(matches!(refused, Err(FileError::BrokenOff(_))));
    // What broke off is forgotten by a task of its own; the next upload is behind it in the writer's queue.
    tokio::task::yield_now().await;
    kept.upload(b"").await.unwrap();
    let mut connection = crate::store::options(&kept.folder.path().join(Store::FILE))
        .connect()
        .await
        .unwrap();
    let rows = sqlx::query("SELECT content FROM contents UNION SELECT content FROM uploads");
    let left: Vec<_> = rows.fetch(&mut connection).try_collect().await.unwrap();
    assert_eq!(left.len(), 0);
}

impl Kept {
    async fn upload(&self, content: &[u8]) -> Result<crate::store::FileRow, FileError> {
        let chunks = content
            .chunks(100_000)
            .map(|chunk| Ok::<_, Infallible>(Bytes::copy_from_slice(chunk)));
        self.files
            .upload(&self.caller, "a.txt", "text/plain", stream::iter(chunks))
            .await
    }
}

async fn kept() -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join(Store::FILE)).await.unwrap();
    let host = HostKey::create(&folder.path().join("keys")).unwrap();
    let tenants = Arc::new(Tenants::load(store.clone(), host).await.unwrap());
    let acme = "acme".parse().unwrap();
    tenants.add(&acme).await.unwrap();
    let tokens = Tokens::load(store.clone()).await.unwrap();
    let wanted = Wanted {
        name: "anna".to_owned(),
        roles: BTreeSet::from([Role::Agent]),
        publisher: None,
        lasts: SignedDuration::from_hours(1),
    };
    let issued = tokens.issue(&acme, wanted).await.unwrap();
    let caller = tokens.verify(&issued.secret, issued.row.created_at).unwrap();
    let files = Files::new(store.clone(), tenants);
    Kept {
        folder,
        store,
        files,
        caller,
    }
}

fn ready(content: &'static [u8]) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> + Unpin {
    stream::iter([Ok(Bytes::from_static(content))])
}
