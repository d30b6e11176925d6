//! Writes into a component what a skill declares.

use std::borrow::Cow;

use bytes::Bytes;
use wasm_encoder::{ComponentSection, CustomSection, RawSection};
use wasm_metadata::{AddMetadata, AddMetadataField, Description, Licenses, Source, Version};
use wasmparser::{Parser, Payload};

use super::{Component, SECTION, not_a_component};
use crate::declaration::{Declaration, SkillFile, write};
use crate::error::{Code, Error};
use crate::manifest::{About, Manifest};

/// The sections of `wasm-metadata` that the manifest answers for: what a build left there would say something else.
const REPLACED: [&str; 6] = [
    SECTION,
    "component-name",
    "description",
    "licenses",
    "source",
    "version",
];

/// The component with its declaration: `skill.toml`, the WIT that [`crate::interface::gather`] wrote, `SKILL.md` and its
/// files. Earlier declarations are replaced. The same input gives the same bytes.
///
/// Name, version, description, licence and source are written for other tools too, in the sections of `wasm-metadata`.
///
/// # Errors
/// Whatever [`Declaration::read`] refuses: the result was read back.
pub fn embed(component: &[u8], manifest: &str, wit: &str, files: &[SkillFile]) -> Result<Bytes, Error> {
    // Says what the bytes are instead, where they are no component.
    Component::read(component)?;
    let about = Manifest::parse(manifest)?.skill;
    let section = write(manifest, wit, files)?;
    let mut written = name(&without(component, &REPLACED)?, &about)?;
    CustomSection {
        name: Cow::Borrowed(SECTION),
        data: Cow::Owned(section),
    }
    .append_to_component(&mut written);
    let written = Bytes::from(written);
    Declaration::read(&written)?;
    Ok(written)
}

/// The component without some of its outer custom sections.
fn without(component: &[u8], names: &[&str]) -> Result<Vec<u8>, Error> {
    let invalid = || not_a_component("the component cannot be rewritten: build it again");
    let mut kept = wasm_encoder::Component::HEADER.to_vec();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload.map_err(|_| invalid())?;
        let section = payload.as_section();
        let outer = depth == 0;
        match &payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::CustomSection(section) if outer && names.contains(&section.name()) => continue,
            _ => {}
        }
        if let Some((id, range)) = section.filter(|_| outer) {
            let data = component.get(range).ok_or_else(invalid)?;
            RawSection { id, data }.append_to_component(&mut kept);
        }
    }
    Ok(kept)
}

fn name(component: &[u8], about: &About) -> Result<Vec<u8>, Error> {
    let invalid = |cause| {
        Error::new(
            Code::ManifestInvalid,
            "`skill.license` must be an SPDX expression and `skill.source` a URL",
        )
        .keep(cause)
    };
    let mut add = AddMetadata::default();
    add.name = AddMetadataField::Set(about.name.to_string());
    add.version = AddMetadataField::Set(Version::new(about.version.to_string()));
    add.description = AddMetadataField::Set(Description::new(about.summary.clone()));
    add.licenses = AddMetadataField::Set(Licenses::new(&about.license).map_err(invalid)?);
    if let Some(source) = &about.source {
        add.source = AddMetadataField::Set(Source::new(source).map_err(invalid)?);
    }
    add.to_wasm(component)
        .map_err(|cause| not_a_component("the component cannot be rewritten: build it again").keep(cause))
}
