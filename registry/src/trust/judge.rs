//! What each bundle beside an artifact is worth, and what all of them say together.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use crate::artifact::Pulled;
use crate::digest::Digest;
use crate::error::{Code, Error};
use crate::layout::MANIFEST;
use crate::ledger::{Signed, State};
use crate::manifest::Manifest;
use crate::name::{PublisherName, SkillName};
use crate::policy::Policy;
use crate::signature::{Bundle, Claim, Heading, PURPOSE, Statement};

/// How far the clocks of publisher and host may differ.
const CLOCKS: SignedDuration = SignedDuration::from_mins(10);

/// A bundle, once a trusted key is known to have signed it about this artifact.
pub(super) struct Vouched {
    bundle: Bytes,
    signed: Signed,
    /// What our own statement says; none of another.
    claim: Option<Claim>,
}

/// The bundles that hold, and why the nearest of the others does not.
pub(super) struct Found {
    held: Vec<Vouched>,
    nearest: Option<Error>,
}

impl Pulled {
    /// What one bundle is worth.
    pub(super) fn judge(&self, bytes: &Bytes, state: &State, now: Option<Timestamp>) -> Result<Vouched, Error> {
        let bundle = Bundle::read(bytes).ok_or_else(unsigned)?;
        if !Statement::is_ours(bundle.payload()) {
            return self.judge_other(bytes, &bundle, state, now).ok_or_else(unsigned);
        }
        // The hint only says which key to try; the signature says whether it is the one.
        let key = state.key(&bundle.hint()).ok_or_else(|| stranger(&bundle.hint()))?;
        if !bundle.is_signed_by(&key.public) {
            let told = format!(
                "the signature is not one of the key {} that it names: sign the artifact again",
                key.id
            );
            return Err(Error::new(Code::SignatureInvalid, told));
        }
        let claim =
            Claim::read(bundle.payload()).ok_or_else(|| mismatch("its statement is not of the form of version 1"))?;
        if claim.publisher != key.publisher {
            return Err(mismatch(&format!(
                "it speaks for the publisher `{}` and the key is one of `{}`",
                claim.publisher, key.publisher
            )));
        }
        state.check_trust(self.asked(), self.digest(), &claim.publisher, key.id)?;
        check_claim(&claim, self.asked(), self.digest())?;
        state.policy().check_key(&key.id, claim.issued)?;
        if let Some(now) = now {
            check_time(&claim, now)?;
            state.policy().check_key(&key.id, now)?;
        }
        Ok(Vouched {
            bundle: bytes.clone(),
            signed: Signed::ours(key.id),
            claim: Some(claim),
        })
    }

    /// A statement of another type, which only counts where a policy asks for it: by a key that is trusted, whoever's it
    /// is, and about this very artifact.
    fn judge_other(&self, bytes: &Bytes, bundle: &Bundle, state: &State, now: Option<Timestamp>) -> Option<Vouched> {
        let key = state.key(&bundle.hint())?;
        let heading = Heading::read(bundle.payload()).filter(|heading| heading.is_about(self.digest()))?;
        let signed = Signed {
            statement: heading.into_predicate_type(),
            key: key.id,
        };
        let is_in_time = now.is_none_or(|now| state.policy().check_key(&key.id, now).is_ok());
        let holds = is_in_time && state.counts(&signed) && bundle.is_signed_by(&key.public);
        holds.then(|| Vouched {
            bundle: bytes.clone(),
            signed,
            claim: None,
        })
    }
}

impl Found {
    /// Sorts what was judged.
    ///
    /// # Errors
    /// Where no statement of ours holds, the refusal of the one that came furthest: junk beside it says nothing.
    pub(super) fn of(judged: impl Iterator<Item = Result<Vouched, Error>>) -> Result<Self, Error> {
        let (mut held, mut nearest) = (Vec::new(), unsigned());
        for one in judged {
            match one {
                Ok(vouched) => held.push(vouched),
                Err(error) if rank(error.code()) > rank(nearest.code()) => nearest = error,
                Err(_) => {}
            }
        }
        if !held.iter().any(|vouched| vouched.claim.is_some()) {
            return Err(nearest);
        }
        let nearest = Some(nearest).filter(|error| error.code() != Code::Unsigned);
        Ok(Self { held, nearest })
    }

    /// Checks that it is enough.
    ///
    /// # Errors
    /// Those of [`Policy::check`], with why the nearest of those that do not count does not.
    pub(super) fn check(&self, policy: &Policy, asked: &SkillName) -> Result<(), Error> {
        let said: Vec<&Signed> = self.held.iter().map(|vouched| &vouched.signed).collect();
        policy.check(asked, &said).map_err(|error| match &self.nearest {
            Some(nearest) if error.code() == Code::SignaturesMissing => Error::new(
                error.code(),
                format!("{}; another signature does not count: {}", error.told(), nearest.told()),
            ),
            _ => error,
        })
    }

    /// Without those that say otherwise than the component itself declares.
    ///
    /// # Errors
    /// `statement-mismatch` where nothing of ours is left.
    pub(super) fn fitting(self, manifest: &Manifest) -> Result<Self, Error> {
        let mut nearest = self.nearest;
        let mut held = Vec::new();
        for vouched in self.held {
            match vouched
                .claim
                .as_ref()
                .map_or(Ok(()), |claim| check_manifest(claim, manifest))
            {
                Ok(()) => held.push(vouched),
                Err(error) => nearest = Some(error),
            }
        }
        match nearest {
            Some(error) if !held.iter().any(|vouched| vouched.claim.is_some()) => Err(error),
            nearest => Ok(Self { held, nearest }),
        }
    }

    /// Who signed our own statement, and the first key that did. The publisher owns the namespace, so there is one.
    ///
    /// # Errors
    /// `unsigned`, which does not happen: one is held from the start.
    pub(super) fn signer(&self) -> Result<(PublisherName, Digest), Error> {
        let ours = |vouched: &Vouched| Some((vouched.claim.as_ref()?.publisher.clone(), vouched.signed.key));
        self.held.iter().find_map(ours).ok_or_else(unsigned)
    }

    /// The bundles, and what they say, each thing once.
    pub(super) fn into_parts(self) -> (Vec<Bytes>, Vec<Signed>) {
        let (mut bundles, mut signed) = (Vec::new(), Vec::new());
        for vouched in self.held {
            bundles.push(vouched.bundle);
            if !signed.contains(&vouched.signed) {
                signed.push(vouched.signed);
            }
        }
        (bundles, signed)
    }
}

/// How far a bundle came before it was refused.
const fn rank(code: Code) -> u8 {
    match code {
        Code::Unsigned => 0,
        Code::SignedByStranger => 1,
        Code::SignatureInvalid => 2,
        Code::StatementExpired | Code::KeyNotValid => 4,
        _ => 3,
    }
}

fn check_claim(claim: &Claim, asked: &SkillName, digest: Digest) -> Result<(), Error> {
    if claim.skill != *asked {
        return Err(mismatch(&format!(
            "it was made for the skill `{}`, not `{asked}`",
            claim.skill
        )));
    }
    if claim.digest != digest {
        return Err(mismatch(&format!(
            "it was made for the artifact {}, not {digest}",
            claim.digest
        )));
    }
    if claim.media_type != MANIFEST {
        return Err(mismatch("it was made for another media type than an OCI manifest"));
    }
    if claim.purpose != PURPOSE {
        return Err(mismatch("it was made for another purpose than to run the skill"));
    }
    Ok(())
}

/// Compares what was signed with what the component itself declares.
fn check_manifest(claim: &Claim, manifest: &Manifest) -> Result<(), Error> {
    let about = &manifest.skill;
    if about.name != claim.skill {
        return Err(mismatch(&format!(
            "it was made for the skill `{}`, and the component says that it is `{}`",
            claim.skill, about.name
        )));
    }
    if about.version != claim.version {
        return Err(mismatch(&format!(
            "it was made for version {}, and the component says that it is {}",
            claim.version, about.version
        )));
    }
    Ok(())
}

fn check_time(claim: &Claim, now: Timestamp) -> Result<(), Error> {
    let expired = |told: String| Err(Error::new(Code::StatementExpired, told));
    if now >= claim.expires {
        return expired(format!(
            "the signature expired on {}: sign the artifact again",
            claim.expires
        ));
    }
    if now.saturating_add(CLOCKS).unwrap_or(Timestamp::MAX) < claim.issued {
        return expired(format!(
            "the signature is of {}, which is yet to come: set the clocks",
            claim.issued
        ));
    }
    Ok(())
}

fn unsigned() -> Error {
    Error::new(
        Code::Unsigned,
        "the artifact has no signature that a host can use: publish it with `skillhost publish`, which signs it \
         (signatures of cosign alone do not say for which skill they are)",
    )
}

fn stranger(key: &Digest) -> Error {
    Error::new(
        Code::SignedByStranger,
        format!(
            "the artifact is signed by the key {key}, which belongs to no known publisher: add its publisher first"
        ),
    )
}

fn mismatch(why: &str) -> Error {
    Error::new(
        Code::StatementMismatch,
        format!("the signature does not hold here: {why}"),
    )
}
