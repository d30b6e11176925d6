//! What a registry offers of a skill now, asked for by whoever watches it.

use registry::{Code, Digest, Error, Reference, Resolved, SkillName, Tenant};
use semver::Version;

use super::inspection::Inspection;
use super::{Skills, blocking};

/// What a registry offers of a skill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What is under the tag, or of the highest version; none where there is none.
    pub named: Option<Named>,
    /// Whether it offers no longer what the tenant runs.
    pub gone: bool,
}

/// A tag, and what it named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The tag.
    pub tag: String,
    /// What it named.
    pub resolved: Resolved,
}

impl Skills {
    /// What a registry offers under a tag, or as the highest version where the reference has no tag. Nothing is pulled,
    /// and what was named before is not sent again.
    ///
    /// # Errors
    /// Those of a pull, but for `artifact-not-found`.
    pub async fn offered(
        &self,
        tenant: &Tenant,
        reference: &Reference,
        before: Option<&Named>,
    ) -> Result<Offer, Error> {
        let offer = match reference.tag() {
            Some(tag) => self.named(reference, tag, before).await.map(|named| Offer {
                named: Some(named),
                gone: false,
            }),
            None => self.highest(tenant, reference, before).await,
        };
        match offer {
            Err(error) if error.code() == Code::ArtifactNotFound => Ok(Offer {
                named: None,
                gone: true,
            }),
            offer => offer,
        }
    }

    async fn highest(&self, tenant: &Tenant, reference: &Reference, before: Option<&Named>) -> Result<Offer, Error> {
        let tags = self.client.tags(reference).await?;
        let runs = self.current(tenant, reference.name()).ok();
        let gone = runs.is_some_and(|runs| !tags.contains(&runs.version.to_string()));
        let versions = tags.iter().filter_map(|tag| tag.parse::<Version>().ok());
        let named = match versions.filter(|version| version.pre.is_empty()).max() {
            Some(highest) => Some(self.named(reference, &highest.to_string(), before).await?),
            None => None,
        };
        Ok(Offer { named, gone })
    }

    async fn named(&self, reference: &Reference, tag: &str, before: Option<&Named>) -> Result<Named, Error> {
        let before = before.filter(|before| before.tag == tag);
        let etag = before.and_then(|before| before.resolved.etag.as_ref());
        let resolved = self.client.resolve_tag(&reference.with_tag(tag)?, etag).await?;
        let named = match (resolved, before) {
            (None, Some(before)) => Some(before.clone()),
            (resolved, _) => resolved.map(|resolved| Named {
                tag: tag.to_owned(),
                resolved,
            }),
        };
        // It was not asked whether it knows a mark again, so no honest registry says that it does.
        named.ok_or_else(|| {
            let told = format!("the registry does not say what `{tag}` names: ask who runs it");
            Error::new(Code::RegistryMisbehaved, told)
        })
    }

    /// Pulls an artifact, verifies it and keeps it, so that it can be compared; it runs no more than before.
    ///
    /// # Errors
    /// Those of pulling and verifying.
    pub async fn keep(&self, reference: &Reference) -> Result<Version, Error> {
        let verified = self.verify(reference).await?;
        let version = verified.declaration().manifest().skill.version.clone();
        let shelf = self.shelf.clone();
        blocking(move || shelf.put(verified.pulled())).await?;
        Ok(version)
    }

    /// An artifact that is kept and was not approved, as its approver sees it: verified again, because its key may have
    /// been revoked since.
    ///
    /// # Errors
    /// Those of verifying; `artifact-not-found` where it is not kept.
    pub async fn inspect_kept(&self, tenant: &Tenant, name: &SkillName, digest: Digest) -> Result<Inspection, Error> {
        let (shelf, state, name) = (self.shelf.clone(), self.trust.state(), name.clone());
        let verified = blocking(move || shelf.get(&digest, name)?.verify(&state, jiff::Timestamp::now())).await?;
        self.seen(tenant, verified.into(), None).await
    }

    /// Whether a tenant ever decided about an artifact.
    pub fn decided(&self, tenant: &Tenant, name: &SkillName, digest: Digest) -> bool {
        let state = self.trust.state();
        let approvals = state.approvals_of(tenant, name);
        approvals.iter().any(|approval| approval.digest == digest)
    }
}
