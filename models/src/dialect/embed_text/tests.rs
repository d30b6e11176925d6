//! Requests, and answers. The double of the conformance suite judges them by the types of Oracle's SDK.

use gate::call::model::{Ask, Embed, Usage};
use http::HeaderMap;
use serde_json::{Value, json};

use super::EmbedText;
use crate::abilities::Catalog;
use crate::dialect::vectors::tests::embed;
use crate::dialect::{Content, Dialect, Framing, Model, Unfit, Wire};
use crate::trouble::{MALFORMED, UNAUTHORIZED};

fn sent(model: &str, embed: Embed) -> Result<Wire, Unfit> {
    let format = EmbedText {
        compartment: Some("ocid1.compartment.oc1..a".to_owned()),
    };
    format.request(&Ask::Embed(embed), &named(model))
}

fn named(model: &str) -> Model {
    Model {
        name: model.to_owned(),
        stream: true,
        can: Catalog::builtin().find("oci", model).can,
    }
}

fn two() -> Value {
    json!({
        "id": "1", "inputs": ["a", "b"], "embeddings": [[0.5, -0.25], [1.0, 2.0]],
        "modelId": "cohere.embed-v4.0", "modelVersion": "4.0",
        "usage": {"promptTokens": 8, "completionTokens": 0, "totalTokens": 8},
    })
}

#[test]
fn a_model_is_named_or_an_endpoint_of_a_cluster() {
    let wire = sent("cohere.embed-v4.0", embed(&["a", "b"])).unwrap();
    assert_eq!((wire.path.as_str(), wire.framing), ("/embedText", Framing::Whole));
    let expected = json!({
        "inputs": ["a", "b"],
        "servingMode": {"servingType": "ON_DEMAND", "modelId": "cohere.embed-v4.0"},
        "compartmentId": "ocid1.compartment.oc1..a",
        "truncate": "NONE",
    });
    assert_eq!(wire.json(), expected);

    let endpoint = "ocid1.generativeaiendpoint.oc1.eu-frankfurt-1.a";
    let query = Embed {
        dimensions: Some(256),
        options: vec![("input-type".to_owned(), "query".to_owned())],
        ..embed(&["a"])
    };
    let expected = json!({
        "inputs": ["a"],
        "servingMode": {"servingType": "DEDICATED", "endpointId": endpoint},
        "compartmentId": "ocid1.compartment.oc1..a",
        "outputDimensions": 256,
        "truncate": "NONE",
        "inputType": "SEARCH_QUERY",
    });
    assert_eq!(sent(endpoint, query).unwrap().json(), expected);
}

#[test]
fn what_cannot_be_asked_is_unfit() {
    let sized = Embed {
        dimensions: Some(1024),
        ..embed(&["a"])
    };
    for (feature, model, asked) in [
        ("inputs", "cohere.embed-v4.0", embed(&["a"; 97])),
        ("dimensions", "cohere.embed-multilingual-v3.0", sized),
    ] {
        assert_eq!(sent(model, asked).unwrap_err().feature, feature, "{model}");
    }
    assert!(sent("cohere.embed-v4.0", embed(&["a"; 96])).is_ok());
    let nowhere = EmbedText { compartment: None };
    let asked = nowhere.request(&Ask::Embed(embed(&["a"])), &named("cohere.embed-v4.0"));
    assert_eq!(asked.unwrap_err().feature, "embed");
}

#[test]
fn vectors_are_read_with_who_made_them() {
    let answer = EmbedText::default()
        .answer(&Ask::Embed(embed(&["a", "b"])), &two())
        .unwrap();
    let expected = vec![vec![0.5, -0.25], vec![1.0, 2.0]];
    assert_eq!(answer.content, Content::Vectors(expected));
    let tokens = Usage {
        input: 8,
        ..Usage::default()
    };
    assert_eq!(answer.usage, Some(tokens));
    assert_eq!(answer.model.as_deref(), Some("cohere.embed-v4.0"));

    for (place, value) in [
        ("/embeddings", Value::Null),
        ("/embeddings", json!([[0.5, 1.0]])),
        ("/embeddings/0", json!([0.5])),
        ("/usage/totalTokens", json!(9)),
    ] {
        let mut whole = two();
        *whole.pointer_mut(place).unwrap() = value;
        let answered = EmbedText::default().answer(&Ask::Embed(embed(&["a", "b"])), &whole);
        assert_eq!(answered.unwrap_err().code, MALFORMED, "{place}");
    }
}

#[test]
fn refusals_are_oracles() {
    let body = br#"{"code":"NotAuthenticated","message":"The required information was incorrect."}"#;
    let failure = EmbedText::default().trouble(401, &HeaderMap::new(), body);
    assert_eq!(failure.code, UNAUTHORIZED);
}
