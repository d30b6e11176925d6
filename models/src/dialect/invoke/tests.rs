//! Requests, which `tests/models/native` has langchain-aws judge, and answers as the guides show them.

use gate::call::model::{Ask, Embed, Usage};
use http::{HeaderMap, HeaderValue};
use insta::assert_json_snapshot;
use serde_json::{Map, json};

use super::Invoke;
use crate::abilities::Catalog;
use crate::dialect::{Content, Dialect, Framing, Model, Unfit, Wire, vectors};
use crate::trouble::{MALFORMED, RATE_LIMITED};

const COHERE: &str = "eu.cohere.embed-v4:0";
const TITAN: &str = "amazon.titan-embed-text-v2:0";
const NOVA: &str = "amazon.nova-2-multimodal-embeddings-v1:0";

fn embed(texts: &[&str], dimensions: Option<u32>, options: &[(&str, &str)]) -> Ask {
    Ask::Embed(Embed {
        dimensions,
        options: options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        ..vectors::tests::embed(texts)
    })
}

fn sent(model: &str, ask: &Ask) -> Result<Wire, Unfit> {
    Invoke.request(
        ask,
        &Model {
            name: model.to_owned(),
            stream: true,
            can: Catalog::builtin().find("bedrock", model).can,
        },
    )
}

#[test]
fn requests() {
    let two: &[&str] = &["Oslo", "Bergen"];
    let mut written = Map::new();
    for (name, model, ask) in [
        ("cohere", COHERE, embed(two, None, &[])),
        (
            "cohere sized",
            COHERE,
            embed(two, Some(256), &[("input-type", "document")]),
        ),
        (
            "cohere query",
            COHERE,
            embed(&["Oslo?"], None, &[("input-type", "query")]),
        ),
        ("cohere 3", "cohere.embed-multilingual-v3", embed(two, None, &[])),
        ("titan", TITAN, embed(&["Oslo"], None, &[])),
        ("titan sized", TITAN, embed(&["Oslo"], Some(256), &[])),
        ("titan 1", "amazon.titan-embed-text-v1", embed(&["Oslo"], None, &[])),
        ("nova", NOVA, embed(&["Oslo"], None, &[])),
        (
            "nova sized",
            NOVA,
            embed(&["Oslo"], Some(1024), &[("input-type", "document")]),
        ),
        ("nova query", NOVA, embed(&["Oslo?"], None, &[("input-type", "query")])),
    ] {
        let wire = sent(model, &ask).unwrap();
        assert_eq!((wire.framing, wire.headers.len()), (Framing::Whole, 0));
        written.insert(name.to_owned(), json!({ "path": wire.path, "body": wire.json() }));
    }
    insta::with_settings!({snapshot_path => "exchanges", prepend_module_to_snapshot => false, omit_expression => true}, {
        assert_json_snapshot!("requests", written);
    });
}

#[test]
fn what_a_model_cannot_take_is_unfit() {
    let two: &[&str] = &["a", "b"];
    for (feature, model, ask) in [
        ("inputs", COHERE, embed(&["a"; 97], None, &[])),
        ("inputs", TITAN, embed(two, None, &[])),
        ("inputs", NOVA, embed(two, None, &[])),
        ("dimensions", "cohere.embed-english-v3", embed(two, Some(1024), &[])),
        (
            "dimensions",
            "amazon.titan-embed-text-v1",
            embed(&["a"], Some(1536), &[]),
        ),
        ("input-type", TITAN, embed(&["a"], None, &[("input-type", "query")])),
        ("service-tier", COHERE, embed(two, None, &[("service-tier", "flex")])),
        ("embed", "twelvelabs.marengo-embed-2-7-v1:0", embed(two, None, &[])),
        ("embed", "anthropic.claude-opus-5-5", embed(two, None, &[])),
        ("complete", COHERE, Ask::Complete(Box::default())),
    ] {
        assert_eq!(sent(model, &ask).unwrap_err().feature, feature, "{model}");
    }
    assert!(sent(COHERE, &embed(&["a"; 96], None, &[])).is_ok());
}

#[test]
fn vectors_are_read_in_the_shape_of_each_model() {
    let (first, second) = (vec![0.5, -0.25], vec![1.0, 2.0]);
    let both = json!([first, second]);
    for (whole, vectors, counted) in [
        (
            json!({"embeddings": both, "id": "1", "response_type": "embeddings_floats"}),
            2,
            None,
        ),
        (
            json!({"embeddings": {"float": both}, "response_type": "embeddings_by_type"}),
            2,
            None,
        ),
        (
            json!({"embeddings": [{"embeddingType": "TEXT", "embedding": first}]}),
            1,
            None,
        ),
        (
            json!({"embedding": first, "embeddingsByType": {"float": first}, "inputTextTokenCount": 7}),
            1,
            Some(7),
        ),
    ] {
        let texts = &["a", "b"][..vectors];
        let answer = Invoke.answer(&embed(texts, Some(2), &[]), &whole).unwrap();
        let expected = [first.clone(), second.clone()][..vectors].to_vec();
        assert_eq!(answer.content, Content::Vectors(expected), "{whole}");
        assert_eq!(answer.usage, counted.map(tokens), "{whole}");
        assert_eq!(answer.model, None);
    }
    assert!(!Invoke.names_models());
}

#[test]
fn what_does_not_fit_the_texts_is_no_answer() {
    for whole in [
        json!({}),
        json!([]),
        json!({"message": "Down."}),
        json!({"embedding": []}),
        json!({"embedding": [0.5, "x"]}),
        json!({"embedding": [0.5, 1e300]}),
        json!({"embeddings": [[0.5], [1.0]]}),
        json!({"embeddings": {"int8": [[1]]}}),
        json!({"embeddings": [{"embeddingType": "TEXT"}]}),
    ] {
        let answered = Invoke.answer(&embed(&["a"], None, &[]), &whole);
        assert_eq!(answered.unwrap_err().code, MALFORMED, "{whole}");
    }
    let longer = Invoke.answer(&embed(&["a"], Some(3), &[]), &json!({"embedding": [0.5, 1.0]}));
    assert_eq!(longer.unwrap_err().code, MALFORMED);
}

#[test]
fn tokens_are_counted_in_a_header() {
    for (value, counted) in [
        (Some("14"), Some(tokens(14))),
        (Some("-1"), None),
        (Some("many"), None),
        (None, None),
    ] {
        let header = value.map(|value| ("x-amzn-bedrock-input-token-count", value));
        let headers = HeaderMap::from_iter(header.map(|(name, value)| {
            let value = HeaderValue::from_static(value);
            (http::HeaderName::from_static(name), value)
        }));
        assert_eq!(Invoke.counted(&headers), counted, "{value:?}");
    }
}

#[test]
fn refusals_are_those_of_the_runtime() {
    let headers = HeaderMap::from_iter([(
        http::HeaderName::from_static("x-amzn-errortype"),
        HeaderValue::from_static("ThrottlingException:http://internal.amazon.com/"),
    )]);
    let failure = Invoke.trouble(429, &headers, br#"{"message":"Too many requests."}"#);
    assert_eq!((failure.code, failure.retryable), (RATE_LIMITED, true));
}

fn tokens(input: u64) -> Usage {
    Usage {
        input,
        ..Usage::default()
    }
}
