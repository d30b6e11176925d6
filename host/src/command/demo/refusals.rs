//! Four things that a host must refuse: unsigned, signed by a stranger, one byte changed, a tag that moved.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use registry::Digest;

use super::stage::Stage;
use crate::command::build::{Built, Parts};
use crate::command::output;

/// Tries each, and fails where one is not refused.
///
/// # Errors
/// Something was accepted that must not be.
pub(super) async fn show(stage: &Stage, parts: &Parts, approved: &Digest) -> Result<()> {
    output::say("\nFour refusals:");
    unsigned(stage, parts).await?;
    signed_by_a_stranger(stage, parts).await?;
    one_byte_changed(stage, parts).await?;
    a_tag_that_moved(stage, parts, approved).await
}

async fn unsigned(stage: &Stage, parts: &Parts) -> Result<()> {
    let published = stage.publish(&of_version(parts, "0.1.1")?, None).await?;
    stage.refused("unsigned", stage.try_approve(&published.reference, "demo").await?)
}

async fn signed_by_a_stranger(stage: &Stage, parts: &Parts) -> Result<()> {
    let published = stage
        .publish(&of_version(parts, "0.1.2")?, Some(&stage.stranger()?))
        .await?;
    stage.refused(
        "signed by a stranger",
        stage.try_approve(&published.reference, "demo").await?,
    )
}

async fn one_byte_changed(stage: &Stage, parts: &Parts) -> Result<()> {
    let signed = of_version(parts, "0.1.3")?;
    let mut component = signed.component.to_vec();
    let byte = component.last_mut().context("the component is empty")?;
    *byte ^= 1;
    let changed = Built {
        component: Bytes::from(component),
        declaration: signed.declaration.clone(),
    };
    let published = stage
        .publish_with_signature_of(&changed, &signed, &stage.key_of("skillhost")?)
        .await?;
    stage.refused(
        "one byte changed",
        stage.try_approve(&published.reference, "demo").await?,
    )
}

/// The tag of the approved version is made to name another artifact, properly signed. What was approved keeps running.
async fn a_tag_that_moved(stage: &Stage, parts: &Parts, approved: &Digest) -> Result<()> {
    let mut moved = parts.clone();
    let page = moved
        .files
        .iter_mut()
        .find(|file| file.path == "SKILL.md")
        .context("the skill has no SKILL.md")?;
    page.content = [page.content.as_ref(), b"\nOne line more.\n"].concat().into();
    let published = stage
        .publish(&moved.embed()?, Some(&stage.key_of("skillhost")?))
        .await?;
    let answer = stage.make_deck().await?;
    let run = stage
        .admin
        .get(&format!("v1/runs/{}", output::text(&answer, &["run"])))
        .await?;
    ensure!(
        output::text(&run, &["digest"]) == approved.to_string(),
        "the host followed the tag: {run}"
    );
    output::say(&format!(
        "   a tag moved: {} now names {}; that is not approved, and the host still ran {approved}",
        published.reference, published.digest
    ));
    Ok(())
}

fn of_version(parts: &Parts, version: &str) -> Result<Built> {
    let mut parts = parts.clone();
    parts.manifest = parts
        .manifest
        .replacen("version = \"0.1.0\"", &format!("version = \"{version}\""), 1);
    parts.embed()
}
