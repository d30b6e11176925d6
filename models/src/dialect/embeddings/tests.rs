//! Requests by OpenAI's schemas, and answers.

use gate::call::model::{Ask, Embed, Usage};
use serde_json::{Value, json};

use super::Embeddings;
use crate::dialect::openai::judge::{event_of, faults_of_reply, gathered, greeting, model, sent};
use crate::dialect::vectors::tests::embed;
use crate::dialect::{Answer, Content, Dialect, Framing, Model};
use crate::trouble::{CUT, FAILED, MALFORMED};

fn answered(embed: Embed, whole: &Value) -> Result<Answer, gate::Failure> {
    Embeddings.answer(&Ask::Embed(embed), whole)
}

fn two() -> Value {
    json!({
        "object": "list", "model": "text-embedding-3-small",
        "data": [
            {"object": "embedding", "index": 1, "embedding": [0.25, -1]},
            {"object": "embedding", "index": 0, "embedding": [0.1, 3.5e-3]},
        ],
        "usage": {"prompt_tokens": 8, "total_tokens": 8},
    })
}

#[test]
fn vectors_are_asked_whole() {
    let ask = Ask::Embed(Embed {
        dimensions: Some(256),
        options: vec![("service-tier".to_owned(), "standard".to_owned())],
        ..embed(&["a", "b"])
    });
    let streams = Model {
        stream: true,
        ..model()
    };
    let wire = sent(&Embeddings, &ask, &streams).unwrap();
    assert_eq!((wire.path.as_str(), wire.framing), ("/embeddings", Framing::Whole));
    let expected = json!({"model": "gpt-5.6-sol", "input": ["a", "b"], "encoding_format": "float", "dimensions": 256});
    assert_eq!(wire.json(), expected);
}

#[test]
fn what_the_format_cannot_say_is_unfit() {
    let option = |name: &str, value: &str| {
        Ask::Embed(Embed {
            options: vec![(name.to_owned(), value.to_owned())],
            ..embed(&["a"])
        })
    };
    let most = Ask::Embed(embed(&["a"; 2048]));
    assert!(sent(&Embeddings, &most, &model()).is_ok());
    for (feature, ask) in [
        ("inputs", Ask::Embed(embed(&["a"; 2049]))),
        ("input-type", option("input-type", "query")),
        ("service-tier", option("service-tier", "flex")),
        ("complete", Ask::Complete(Box::new(greeting()))),
    ] {
        assert_eq!(sent(&Embeddings, &ask, &model()).unwrap_err().feature, feature);
    }
}

#[test]
fn vectors_come_in_the_order_of_their_texts() {
    assert_eq!(faults_of_reply("CreateEmbeddingResponse", &two()), Vec::<String>::new());
    let answer = answered(embed(&["a", "b"]), &two()).unwrap();
    assert_eq!(
        answer.content,
        Content::Vectors(vec![vec![0.1, 0.0035], vec![0.25, -1.0]])
    );
    let expected = Usage {
        input: 8,
        ..Usage::default()
    };
    assert_eq!(answer.usage, Some(expected));
    assert_eq!(answer.model.as_deref(), Some("text-embedding-3-small"));
}

#[test]
fn what_does_not_fit_the_texts_is_no_answer() {
    for (place, value) in [
        ("/data", json!([])),
        ("/data", json!(null)),
        ("/data/0/index", json!(0)),
        ("/data/0/index", json!(2)),
        ("/data/0/embedding", json!([1])),
        ("/data/0/embedding", json!([1, "x"])),
        ("/data/0/embedding", json!([1, 1e300])),
        ("/usage/total_tokens", json!(9)),
    ] {
        let mut whole = two();
        *whole.pointer_mut(place).unwrap() = value;
        assert_eq!(
            answered(embed(&["a", "b"]), &whole).unwrap_err().code,
            MALFORMED,
            "{place}"
        );
    }
    assert_eq!(answered(embed(&["a"]), &two()).unwrap_err().code, MALFORMED);
    let longer = Embed {
        dimensions: Some(3),
        ..embed(&["a", "b"])
    };
    assert_eq!(answered(longer, &two()).unwrap_err().code, MALFORMED);
    let error = json!({"error": {"message": "Down."}});
    assert_eq!(answered(embed(&["a"]), &error).unwrap_err().code, FAILED);
    assert_eq!(
        gathered(&Embeddings, &[event_of(&two())]).1.unwrap_err().code,
        MALFORMED
    );
    assert_eq!(gathered(&Embeddings, &[]).1.unwrap_err().code, CUT);
    assert!(!Embeddings.gather().is_complete());
}
