//! What is made of the model's answers.

use serde_json::{Value, json};
use skillhost_sdk::model::testing::{asked, completion, says};
use skillhost_sdk::model::{Completion, Part, Role, Usage};

use super::{answered, brief, good, nothing, told, with};
use crate::exports::skillhost::brief::briefs::{Action, Author, Cited, Point, Tokens};

#[test]
fn a_good_answer_becomes_a_brief() {
    let brief = brief([answered(&good())]).unwrap();
    assert_eq!(brief.title, "Release of Friday");
    assert_eq!(
        brief.summary,
        "The release is on Friday.\n\nA failure at the checkout endangers it."
    );
    let point = |text: &str, sources: &[u32]| Point {
        text: text.to_owned(),
        sources: sources.to_vec(),
    };
    assert_eq!(
        brief.key_points,
        [
            point("Orders over 10,000 fail.", &[1]),
            point("The release is on Friday.", &[1, 2])
        ]
    );
    assert_eq!(
        brief.open_questions,
        ["PROJ-2 says that nothing blocks the release; does PROJ-1?"]
    );
    let action = |what: &str, who: Option<&str>, due: Option<&str>, source| Action {
        what: what.to_owned(),
        who: who.map(str::to_owned),
        due: due.map(str::to_owned),
        sources: vec![source],
    };
    assert_eq!(
        brief.actions,
        [
            action("Fix the checkout.", Some("Ada"), Some("by Friday"), 1),
            action("Release.", None, None, 2)
        ]
    );
    let cited = |number, title: &str, link: Option<&str>| Cited {
        number,
        title: title.to_owned(),
        link: link.map(str::to_owned),
    };
    assert_eq!(
        brief.sources,
        [
            cited(1, "PROJ-1 Checkout fails", Some("https://acme.example/browse/PROJ-1")),
            cited(2, "PROJ-2 Release", None)
        ]
    );
    let author = Author {
        model: "model-1".to_owned(),
        backend: "scripted".to_owned(),
        questions: 1,
        tokens: Some(Tokens { input: 100, output: 10 }),
    };
    assert_eq!(brief.author, author);
}

/// What can be mended without asking again, is.
#[test]
fn small_faults_cost_no_second_answer() {
    let fenced = |fence: &str| Ok(says(format!("{fence}\n{}\n```\n", good())));
    let whole = [
        answered(&good()),
        fenced("```json"),
        fenced("```"),
        answered(&with(
            "/key_points/1/sources",
            json!([2, 1, 2, 4, 0, -1, 5_000_000_000u64]),
        )),
        answered(&with("/title", json!("  Release\nof   Friday "))),
        answered(&with("/actions/1/who", json!(" "))),
        Ok(completion("some-word", vec![Part::Text(good().to_string())])),
    ];
    let expected = brief([answered(&good())]).unwrap();
    for answer in whole {
        assert_eq!(brief([answer]).unwrap(), expected);
    }
}

#[test]
fn nothing_found_is_an_answer() {
    let brief = brief([answered(&nothing())]).unwrap();
    assert_eq!((brief.key_points.len(), brief.sources.len()), (0, 0));
}

fn without(place: &str, name: &str) -> Value {
    let mut answer = good();
    let object = answer.pointer_mut(place).unwrap().as_object_mut().unwrap();
    object.shift_remove(name).unwrap();
    answer
}

/// Each is asked for once more, with what is wrong; a third time nobody asks.
#[test]
fn an_answer_that_cannot_be_used_is_told_why() {
    let point = json!({"text": "x", "sources": [1]});
    let bad: [Completion; 17] = [
        says(""),
        completion("end", Vec::new()),
        says("Here is your brief: it is all fine."),
        says(&good().to_string()[..100]),
        says("[]"),
        says(without("", "actions").to_string()),
        says(without("/actions/1", "due").to_string()),
        says(with("/key_points", json!("none")).to_string()),
        says(with("/key_points/0/sources", json!(["PROJ-1"])).to_string()),
        says(with("/key_points/0/text", json!(" \n")).to_string()),
        says(with("/key_points/0/text", json!("é".repeat(1_001))).to_string()),
        says(with("/key_points/0/sources", json!([4, 0, -1])).to_string()),
        says(with("/actions/1/sources", json!([])).to_string()),
        says(with("/actions/0/due", json!("é".repeat(201))).to_string()),
        says(with("/summary", json!("é".repeat(6_001))).to_string()),
        says(with("/open_questions", json!([""])).to_string()),
        says(with("/key_points", json!(vec![point; 31])).to_string()),
    ];
    let faults = bad.map(|bad| {
        let error = brief([Ok(bad.clone()), Ok(bad.clone()), answered(&good())]).unwrap_err();
        assert_eq!(error.code, "upstream");
        let asked = asked();
        assert_eq!(asked.len(), 2);
        let fault = error.details[0].1.clone();
        let last = asked[1].1.messages.last().unwrap();
        let correction = crate::prompt::correction(&fault);
        assert_eq!(
            (last.role, &last.parts[..]),
            (Role::User, &[Part::Text(correction)][..])
        );
        let repaired = brief([Ok(bad), answered(&good())]).unwrap();
        assert_eq!(repaired.author.questions, 2);
        assert_eq!(repaired.author.tokens, Some(Tokens { input: 200, output: 20 }));
        fault
    });
    insta::assert_snapshot!(faults.join("\n"));
}

/// The model sees its own answer between the question and the correction.
#[test]
fn the_second_question_is_the_first_conversation_carried_on() {
    let bad = says("No.");
    brief([Ok(bad.clone()), answered(&good())]).unwrap();
    let asked = asked();
    let [(_, first), (_, second)] = &asked[..] else {
        panic!()
    };
    let correction = "This answer cannot be used: it is not the JSON that the schema asks for (expected value at line 1 \
                      column 1). Answer the request again, with the whole JSON object and nothing besides.";
    assert_eq!(second, &first.clone().said(bad).user(correction));
}

#[test]
fn a_model_that_fails_twice_is_named() {
    let error = brief([Ok(says("No.")), Ok(says("No!"))]).unwrap_err();
    insta::assert_snapshot!(told(&error), @"upstream: The model was asked twice and did not write a usable brief: try again, or give fewer sources. None fault=it is not the JSON that the schema asks for (expected value at line 1 column 1) stop=end model=model-1 backend=scripted");
}

#[test]
fn a_fault_that_quotes_the_model_is_cut() {
    let bad = || answered(&with("/key_points", json!("é".repeat(5_000))));
    let error = brief([bad(), bad()]).unwrap_err();
    assert!(error.details[0].1.chars().count() < 300);
}

/// The first three counts add up to all input; what one of two answers does not count is not counted.
#[test]
fn tokens_are_added_up_where_they_are_known() {
    let counted = |usage: Option<Usage>, model: Option<&str>, text: &str| {
        let mut answer = says(text);
        answer.served.usage = usage;
        answer.served.model = model.map(str::to_owned);
        Ok(answer)
    };
    let usage = Some(Usage {
        input: 1,
        cache_read: 20,
        cache_write: 300,
        cache_write_long: 300,
        output: 4_000,
        reasoning: 3_000,
    });
    let good = good().to_string();
    let cases = [
        (vec![counted(usage, None, &good)], Some((321, 4_000))),
        (vec![counted(None, None, &good)], None),
        (
            vec![counted(usage, None, "x"), counted(usage, None, &good)],
            Some((642, 8_000)),
        ),
        (vec![counted(None, None, "x"), counted(usage, None, &good)], None),
        (vec![counted(usage, None, "x"), counted(None, None, &good)], None),
    ];
    for (answers, expected) in cases {
        let author = brief(answers).unwrap().author;
        let tokens = author.tokens.map(|tokens| (tokens.input, tokens.output));
        assert_eq!(tokens, expected);
        assert_eq!(author.model, "model");
    }
}
