//! Where an artifact lies: a registry, a repository that ends in the skill's name, a tag or a digest.

use std::fmt;
use std::str::FromStr;

use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::name::SkillName;

#[cfg(test)]
mod tests;

/// `host[:port]/[path/]namespace/name[:tag][@sha256:digest]`.
///
/// The grammar is that of the distribution-spec, with three differences: the host is always written, the last two parts
/// of the repository are the skill's name, and a digest is SHA-256. Where there is a digest, the tag is a comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    host: String,
    repository: String,
    name: SkillName,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl Reference {
    /// The registry: a host, and a port where it is not the usual one.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The repository within the registry.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The skill that is asked for.
    pub const fn name(&self) -> &SkillName {
        &self.name
    }

    /// The tag, where one is written.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, where one is written.
    pub const fn digest(&self) -> Option<Digest> {
        self.digest
    }

    /// The same repository under this tag.
    ///
    /// # Errors
    /// `reference-malformed` where no tag can be spelled like this.
    pub fn with_tag(&self, tag: &str) -> Result<Self, Error> {
        format!("{}/{}:{tag}", self.host, self.repository).parse()
    }

    /// The same repository at this digest.
    #[must_use]
    pub fn with_digest(&self, digest: Digest) -> Self {
        Self {
            tag: None,
            digest: Some(digest),
            ..self.clone()
        }
    }

    /// What a manifest is asked by: the digest, else the tag, else `latest`.
    pub(crate) fn wanted(&self) -> String {
        match (self.digest, &self.tag) {
            (Some(digest), _) => digest.to_string(),
            (None, Some(tag)) => tag.clone(),
            (None, None) => "latest".to_owned(),
        }
    }
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let parsed: oci_client::Reference = text
            .parse()
            .map_err(|cause: oci_client::ParseError| malformed(text, &cause.to_string()))?;
        let (host, repository) = (parsed.registry(), parsed.repository());
        if !text.starts_with(&format!("{host}/{repository}")) {
            return Err(malformed(text, "the registry's host comes first"));
        }
        let digest = parsed.digest().map(Digest::from_str).transpose()?;
        let written = parsed.whole() == text;
        Ok(Self {
            host: host.to_owned(),
            repository: repository.to_owned(),
            name: name(text, repository)?,
            tag: parsed.tag().filter(|_| written).map(str::to_owned),
            digest,
        })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

fn name(text: &str, repository: &str) -> Result<SkillName, Error> {
    let ends = repository.rmatch_indices('/').nth(1).map_or(0, |(slash, _)| slash + 1);
    repository
        .get(ends..)
        .unwrap_or(repository)
        .parse()
        .map_err(|cause: Error| malformed(text, cause.told()))
}

fn malformed(text: &str, why: &str) -> Error {
    let shown: String = text.chars().take(160).flat_map(char::escape_debug).collect();
    Error::new(
        Code::ReferenceMalformed,
        format!("`{shown}` is not a reference ({why}): write `host[:port]/namespace/name[:tag][@sha256:digest]`."),
    )
}
