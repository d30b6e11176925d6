//! Mirrors: places that may hold what a registry holds. They are asked by digest only, so that none of them decides what
//! a tag names.

use super::pull::{self, Parts};
use super::{Client, Mirror};
use crate::error::Error;
use crate::layout::MANIFEST;
use crate::reference::Reference;

/// Reads an artifact from the first place that has it with a signature; the registry itself is the last.
pub(super) async fn parts(client: &Client, reference: &Reference) -> Result<Parts, Error> {
    let mirrors = client.settings.mirrors.iter();
    let mirrors: Vec<&Mirror> = mirrors.filter(|mirror| mirror.registry == reference.host()).collect();
    if mirrors.is_empty() {
        return from(client, reference).await;
    }
    let pinned = pin(client, reference).await?;
    for mirror in mirrors {
        let at = mirror.at(&pinned)?;
        match from(client, &at).await {
            // A mirror may have been filled by somebody who copies artifacts alone.
            Ok(parts) if parts.signatures.is_empty() => tracing::info!(%at, "the mirror has no signature"),
            Ok(parts) => return Ok(parts),
            Err(error) => tracing::info!(%at, code = %error.code(), %error, "the mirror does not serve"),
        }
    }
    from(client, &pinned).await
}

impl Mirror {
    /// The same artifact there.
    fn at(&self, reference: &Reference) -> Result<Reference, Error> {
        let digest = reference
            .digest()
            .map(|digest| format!("@{digest}"))
            .unwrap_or_default();
        format!("{}/{}{digest}", self.place, reference.repository()).parse()
    }
}

/// The reference by digest: a tag is asked of the registry itself.
async fn pin(client: &Client, reference: &Reference) -> Result<Reference, Error> {
    if reference.digest().is_some() {
        return Ok(reference.clone());
    }
    let session = client.session(reference, "pull")?;
    let wanted = reference.wanted();
    let read = pull::manifest(&session, &wanted, None, MANIFEST);
    let manifest = client.in_time(reference, read).await?;
    Ok(reference.with_digest(manifest.digest))
}

/// Each place has the whole time: a slow mirror does not take it from the next.
async fn from(client: &Client, reference: &Reference) -> Result<Parts, Error> {
    let session = client.session(reference, "pull")?;
    client.in_time(reference, pull::parts(&session)).await
}
