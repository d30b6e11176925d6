//! What is known of each model, and that each row is there for one.

use super::Catalog;
use crate::price::Prices;

/// What a test asks of an entry.
fn asked(backend: &str, model: &str) -> (Option<String>, Option<String>, bool) {
    let entry = Catalog::builtin().find(backend, model);
    (entry.dialect, entry.base_path, entry.profile_only)
}

#[test]
fn models_are_asked_as_they_have_to_be() {
    let cases = [
        // (backend, model, dialect, base path, profile only)
        ("bedrock-mantle", "openai.gpt-6.1-sol", "responses", "/openai/v1", false),
        ("bedrock-mantle", "openai.gpt-7-sol", "responses", "/openai/v1", false),
        ("bedrock-mantle", "google.gemma-4-31b", "responses", "/openai/v1", false),
        ("bedrock-mantle", "openai.gpt-oss-120b", "responses", "/v1", false),
        ("bedrock-mantle", "openai.gpt-oss-safeguard-120b", "chat", "/v1", false),
        ("bedrock-mantle", "openai.gpt-oss-500b", "chat", "/v1", false),
        ("bedrock-mantle", "qwen.qwen3-32b", "chat", "/v1", false),
        (
            "bedrock-mantle",
            "anthropic.claude-opus-5-5",
            "messages",
            "/anthropic",
            false,
        ),
        (
            "bedrock-mantle",
            "anthropic.claude-opus-9",
            "messages",
            "/anthropic",
            false,
        ),
        ("bedrock", "us.openai.gpt-6.1-sol", "responses", "/openai/v1", false),
        ("bedrock", "eu.openai.gpt-6.9", "responses", "/openai/v1", false),
        ("bedrock", "openai.gpt-6.1-sol", "responses", "/openai/v1", true),
        ("bedrock", "openai.gpt-oss-120b-1:0", "converse", "", false),
        ("bedrock", "amazon.nova-pro-v1:0", "converse", "", false),
        ("bedrock", "us.anthropic.claude-opus-5-5", "converse", "", false),
        ("openai", "gpt-6.1-sol-2026-05-01", "responses", "", false),
        ("openai", "text-embedding-3-small", "", "", false),
        ("azure", "our-deployment", "chat", "", false),
        ("azure", "claude-opus-5-5", "messages", "", false),
        ("anthropic", "claude-opus-5-5-20260918", "messages", "", false),
        ("claude-aws", "claude-new", "messages", "", false),
        ("vertex", "gemini-3.8-flash", "gemini", "", false),
        ("vertex", "claude-opus-5-5@20260918", "messages", "", false),
        ("vertex", "meta/llama-3.3-70b-instruct-maas", "chat", "", false),
        ("vertex", "gpt-6.1-sol", "responses", "", false),
        ("oci", "cohere.command-a-03-2025", "", "", false),
        ("oci", "xai.grok-4", "responses", "", false),
        ("oci", "meta.llama-3.3-70b-instruct", "chat", "", false),
        ("nowhere", "gpt-6.1-sol", "", "", false),
    ];
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    for (backend, model, dialect, base, profile_only) in cases {
        let expected = (some(dialect), some(base), profile_only);
        assert_eq!(asked(backend, model), expected, "{backend} {model}");
    }
}

#[test]
fn what_newer_models_refuse_is_known() {
    let cases = [
        // (backend, model, takes a temperature, can be made to use a tool, the most effort)
        ("openai", "gpt-6.1-sol", false, true, "max"),
        ("openai", "gpt-5.4", true, true, "xhigh"),
        ("openai", "gpt-5.5", false, true, "xhigh"),
        ("openai", "gpt-4.1", true, true, ""),
        ("anthropic", "claude-opus-5-5", false, false, "max"),
        ("anthropic", "claude-opus-5", false, true, "max"),
        ("anthropic", "claude-sonnet-4-5", true, true, ""),
        ("bedrock", "us.anthropic.claude-opus-5-5", false, false, "max"),
        ("vertex", "claude-opus-5-5@20260918", false, false, "max"),
        ("vertex", "gemini-3.8-flash", false, true, "high"),
        ("vertex", "gemini-2.5-pro", true, true, ""),
        // Nobody knows it, so it is assumed to be able to.
        ("azure", "our-deployment", true, true, ""),
    ];
    for (backend, model, temperature, forced, effort) in cases {
        let can = Catalog::builtin().find(backend, model).can;
        let most = can.efforts.last().map_or("", String::as_str);
        assert_eq!(
            (can.temperature, can.forced_tools, most),
            (temperature, forced, effort),
            "{backend} {model}"
        );
    }
}

/// Each row is for models that have a price, or says why it is there; no row is hidden by those before it, and every
/// model that has a price is asked somehow or is known not to be.
#[test]
fn the_catalog_and_the_price_list_know_each_other() {
    let catalog = Catalog::builtin();
    let listed: Vec<(&str, &str)> = Prices::builtin().models().collect();
    let named = |row: &super::Row| {
        let mine = listed.iter().filter(|(backend, _)| *backend == row.backend);
        mine.map(|(_, model)| Prices::builtin().candidates(model))
            .any(|names| row.is_for(&names))
    };
    for row in &catalog.rows {
        assert!(
            row.reason.is_some() || named(row),
            "{row:?} matches no model that has a price"
        );
        for model in row
            .models
            .iter()
            .map(ToString::to_string)
            .filter(|model| !model.contains('*'))
        {
            assert_eq!(
                catalog.find(&row.backend, &model),
                row.entry,
                "{model} of {} is hidden",
                row.backend
            );
        }
    }
    for (backend, model) in listed {
        let entry = catalog.find(backend, model);
        let vectors = model.contains("embed") || (backend == "oci" && model.starts_with("cohere."));
        assert!(
            entry.dialect.is_some() || vectors,
            "{backend} {model} is asked by no dialect"
        );
    }
}

#[test]
fn dialects_and_paths_are_those_that_there_are() {
    for row in &Catalog::builtin().rows {
        let dialects = [
            None,
            Some("responses"),
            Some("chat"),
            Some("messages"),
            Some("gemini"),
            Some("converse"),
        ];
        assert!(dialects.contains(&row.entry.dialect.as_deref()), "{row:?}");
        let bases = [None, Some("/openai/v1"), Some("/v1"), Some("/anthropic")];
        assert!(bases.contains(&row.entry.base_path.as_deref()), "{row:?}");
        let words = ["minimal", "low", "medium", "high", "xhigh", "max"];
        let order = row
            .entry
            .can
            .efforts
            .iter()
            .map(|word| words.iter().position(|one| one == word));
        let order: Option<Vec<usize>> = order.collect();
        assert!(order.is_some_and(|order| order.is_sorted()), "{row:?}");
    }
}

#[test]
fn what_is_wrong_with_a_catalog_is_said() {
    let told = Catalog::parse("[[entry]]\nbackend = \"openai\"\nmodels = [\"a\"]\nspeaks = \"chat\"").unwrap_err();
    let told = told.to_string();
    assert!(
        told.starts_with("the catalog of models cannot be read: ") && told.contains("`speaks`"),
        "{told}"
    );
}
