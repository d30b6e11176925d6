//! Where each provider's settings lead.

use gate::call::model::Ask;
use serde_json::{Map, Value};

use super::{Format, KINDS, Provider};
use crate::abilities::Catalog;
use crate::backend::Place;
use crate::dialect::Model;

/// Kind, base, dialect, place, ways to log in and fixed headers of what these settings say; or why they cannot hold.
fn led(settings: &str, model: &str, format: Option<Format>) -> String {
    let provider: Provider = match toml::from_str(settings) {
        Ok(provider) => provider,
        Err(error) => return format!("unreadable: {}", error.message()),
    };
    let entry = Catalog::builtin().find(provider.kind(), model);
    let place = match provider.place(model, &entry, format) {
        Ok(place) => place,
        Err(error) => return format!("{}: {error}", error.at),
    };
    assert!(KINDS.contains(&place.kind), "no price list can name {}", place.kind);
    let (stands, login) = (&place.stands, &place.login);
    let headers: Vec<String> = place
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let ways = [
        Some(if login.key.is_empty() {
            "bearer".to_owned()
        } else {
            login.key.join("+")
        }),
        login.aws.as_ref().map(|aws| format!("sigv4 {}", aws.service)),
        login.entra.map(|scope| format!("entra {scope}")),
        login.google.then(|| "google".to_owned()),
        login.oracle.then(|| "oracle".to_owned()),
    ];
    let ways: Vec<String> = ways.into_iter().flatten().collect();
    format!(
        "{} {} by {}{}, geo {} region {} alone {}; {} {:?} {}",
        place.kind,
        format_args!("{}{}", place.base, place.complete.below),
        place.complete.dialect.name(),
        vectors(&place),
        stands.geo.as_deref().unwrap_or("any"),
        stands.region.as_deref().unwrap_or("any"),
        stands.in_region,
        ways.join(", "),
        headers,
        serde_json::Value::Object(fixed(&place)),
    )
}

/// By which format vectors are asked, if they are.
fn vectors(place: &Place) -> String {
    let spoken = place.embed.as_ref();
    let shown = spoken.map(|spoken| match spoken.below {
        "" => format!(" and vectors by {}", spoken.dialect.name()),
        below => format!(" and vectors by {} below {below}", spoken.dialect.name()),
    });
    shown.unwrap_or_default()
}

/// What stands in every body because the settings say so.
fn fixed(place: &Place) -> Map<String, Value> {
    let model = Model {
        name: "m".to_owned(),
        stream: true,
        can: crate::dialect::Abilities::default(),
    };
    let wire = place
        .complete
        .dialect
        .request(&Ask::Complete(Box::default()), &model)
        .unwrap();
    let Value::Object(mut body) = wire.json() else {
        unreachable!("bodies are objects")
    };
    body.retain(|name, _| name == "inference_geo");
    body
}

#[test]
fn settings_lead_where_providers_are() {
    let mut shown = Vec::new();
    for (settings, model, format) in [
        ("kind = 'openai'", "gpt-6.1-sol", None),
        (
            "kind = 'openai'\ngeo = 'eu'\norganization = 'org'\nproject = 'p'",
            "gpt-6.1-sol",
            Some(Format::Chat),
        ),
        ("kind = 'azure'\nresource = 'acme'", "gpt", None),
        (
            "kind = 'azure'\nresource = 'acme'\nfoundry = true\ndeployment = 'data-zone'\ngeo = 'EU'",
            "claude-opus-5-5",
            Some(Format::Messages),
        ),
        (
            "kind = 'azure'\nresource = 'acme'\ndeployment = 'regional'\nregion = 'swedencentral'\ngeo = 'eu'",
            "gpt",
            None,
        ),
        (
            "kind = 'bedrock'\nregion = 'eu-central-1'",
            "anthropic.claude-opus-5-5",
            Some(Format::Converse),
        ),
        (
            "kind = 'bedrock'\nregion = 'eu-central-1'",
            "eu.anthropic.claude-opus-5-5",
            Some(Format::Converse),
        ),
        (
            "kind = 'bedrock'\nregion = 'us-east-1'",
            "global.openai.gpt-6.1-sol",
            Some(Format::Responses),
        ),
        (
            "kind = 'bedrock'\nregion = 'eu-west-1'",
            "arn:aws:bedrock:eu-west-1:1:application-inference-profile/a",
            Some(Format::Converse),
        ),
        (
            "kind = 'bedrock'\nregion = 'eu-central-1'\nmantle = true\nproject = 'p'",
            "openai.gpt-6.1-sol",
            Some(Format::Responses),
        ),
        (
            "kind = 'bedrock'\nregion = 'eu-central-1'\nmantle = true",
            "anthropic.claude-opus-5-5",
            Some(Format::Messages),
        ),
        (
            "kind = 'vertex'\nproject = 'p'\nlocation = 'global'",
            "gemini-3.8-flash",
            Some(Format::Gemini),
        ),
        (
            "kind = 'vertex'\nproject = 'p'\nlocation = 'eu'",
            "claude-opus-5-5",
            Some(Format::Messages),
        ),
        (
            "kind = 'vertex'\nproject = 'p'\nlocation = 'europe-west4'",
            "gpt-6.1-sol",
            Some(Format::Responses),
        ),
        (
            "kind = 'vertex'\nproject = 'p'\nlocation = 'us'",
            "google/gemini-3.8-flash",
            Some(Format::Chat),
        ),
        ("kind = 'anthropic'\ngeo = 'us'", "claude-opus-5-5", None),
        (
            "kind = 'claude-aws'\nregion = 'us-west-2'\nworkspace = 'w'",
            "claude-opus-5-5",
            None,
        ),
        (
            "kind = 'oracle'\nregion = 'eu-frankfurt-1'\ncompartment = 'ocid1'",
            "openai.gpt-6.1-sol",
            None,
        ),
        ("kind = 'compatible'\nurl = 'http://127.0.0.1:11434/v1/'", "llama", None),
        (
            "kind = 'compatible'\nurl = 'https://models.example/v1'\ngeo = 'eu'\nregion = 'eu-1'",
            "llama",
            Some(Format::Messages),
        ),
    ] {
        shown.push(led(settings, model, format));
    }
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn settings_that_lead_nowhere_say_what_to_change() {
    let mut shown = Vec::new();
    for (settings, format) in [
        ("kind = 'openai'\ngeo = 'moon'", None),
        ("kind = 'openai'\nregion = 'eu'", None),
        ("kind = 'openai'", Some(Format::Messages)),
        ("kind = 'azure'\nresource = 'acme/evil'", None),
        ("kind = 'azure'\nresource = 'acme'", Some(Format::Messages)),
        ("kind = 'azure'\nresource = 'acme'\ndeployment = 'data-zone'", None),
        ("kind = 'bedrock'\nregion = 'eu-central-1.evil.example/'", None),
        ("kind = 'bedrock'\nregion = 'eu-central-1'", Some(Format::Gemini)),
        ("kind = 'vertex'\nproject = 'p'\nlocation = '../x'", None),
        ("kind = 'anthropic'", Some(Format::Chat)),
        ("kind = 'oracle'\nregion = ''", None),
        ("kind = 'telepathy'", None),
        ("kind = 'compatible'", None),
    ] {
        shown.push(led(settings, "model", format));
    }
    insta::assert_snapshot!(shown.join("\n"));
}

/// The page for operators names every kind, and no format that nobody speaks.
#[test]
fn the_page_about_models_names_every_provider() {
    let page = include_str!("../../../docs/models.md");
    let unknown = toml::from_str::<Provider>("kind = '?'").unwrap_err();
    let kinds: Vec<&str> = unknown.message().split('`').skip(3).step_by(2).collect();
    assert!(kinds.len() > 8, "{kinds:?}");
    for kind in kinds.into_iter().chain(Format::ALL.map(|(_, name)| name)) {
        assert!(page.contains(&format!("`{kind}`")), "{kind}");
    }
}
