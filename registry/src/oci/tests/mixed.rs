//! Row B16: parts of two artifacts, each good where it belongs.

use super::*;
use crate::fixture;
use crate::layout::Attachment;

/// Two versions of a skill, each signed by its publisher for what it is.
fn version(version: &str) -> Artifact {
    let package = fixture::pack(&fixture::skill(version));
    let claim = crate::signature::Claim {
        version: version.parse().unwrap(),
        ..fixture::claim(package.digest())
    };
    let bundle = fixture::sign(&claim, &fixture::key(1));
    let attachment = Attachment::new(package.manifest(), bundle, fixture::now()).unwrap();
    of(&package, attachment.manifest(), attachment.bundle())
}

/// Every mixture of the answers of two registries, where one is asked for version 1: only its own six are verified.
#[tokio::test]
async fn b16_parts_of_two_artifacts_are_never_verified_together() {
    let (own, other) = (version("1.0.0"), version("2.0.0"));
    let mixtures = (0_u8..1 << Step::PULL.len()).map(|mixture| mixed(&own, &other, mixture));
    let outcomes = join_all(mixtures).await;
    let verified: Vec<usize> = (0..outcomes.len()).filter(|mixture| outcomes[*mixture]).collect();
    assert_eq!(verified, [0]);
}

/// Whether a pull is verified in which the answers of these steps are those of the other artifact.
async fn mixed(own: &Artifact, other: &Artifact, mixture: u8) -> bool {
    let mut registry = Registry::honest(own.clone());
    // The other artifact is there too, so that a mixture fails for what it is and not for what is missing.
    for step in Step::PULL.into_iter().filter(|step| *step != Step::Manifest) {
        let content = other.content(step);
        registry.set(&other.path(step), move |_| answer::document(&content));
    }
    for (bit, step) in Step::PULL.into_iter().enumerate() {
        if mixture >> bit & 1 == 1 {
            registry.put(step, &other.content(step));
        }
    }
    let digest = Digest::of(&own.manifest);
    let running = listen(registry).await;
    let pulled = pull_with(&running, settings(&running)).await;
    pulled.is_ok_and(|pulled| pulled.digest() == digest && pulled.verify(&fixture::state(), fixture::now()).is_ok())
}

/// The whole of another artifact, signed for the same name: it is verified as what it is, under its own digest.
#[tokio::test]
async fn b16_a_whole_artifact_is_verified_under_its_own_digest() {
    let (own, other) = (version("1.0.0"), version("2.0.0"));
    let mut registry = Registry::honest(other.clone());
    registry.set(&own.path(Step::Manifest), {
        let content = other.content(Step::Manifest);
        move |_| answer::document(&content)
    });
    let running = listen(registry).await;
    let pinned = reference(&running).with_digest(Digest::of(&own.manifest));
    let client = Client::new(settings(&running));
    assert_eq!(client.pull(&pinned).await.unwrap_err().code(), Code::ArtifactNotFound);
    let pulled = client.pull(&reference(&running)).await.unwrap();
    let verified = pulled.verify(&fixture::state(), fixture::now()).unwrap();
    assert_eq!(verified.declaration().manifest().skill.version.to_string(), "2.0.0");
}
