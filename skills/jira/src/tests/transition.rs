//! Steps through a workflow.

use serde_json::{Value, json};

use super::service::{answer, assert_kept, raw, reply};
use crate::Jira;
use crate::exports::skillhost::jira::issues::{Field, Guest, Step};

fn ways() -> Value {
    json!({"expand": "transitions", "transitions": [
        {"id": "11", "name": "Start", "to": {"name": "In Progress", "id": "3"}},
        {"id": "21", "name": "Close issue", "to": {"name": "Done", "id": "5"}, "hasScreen": true},
        {"id": "31", "name": "Done", "to": {"name": "Archived"}},
        {"id": "41", "name": "Ask", "to": {"name": "Waiting"}},
        {"id": "51", "name": "Beg", "to": {"name": "waiting"}},
        {"id": "61", "name": "41", "to": {"name": "Lost"}},
        {"id": "71", "name": "Ärger"},
    ]})
}

#[test]
fn a_step_is_found_by_its_number_its_name_or_where_it_leads() {
    let cases = [
        ("21", "Close issue", Some("Done")),
        (" close ISSUE ", "Close issue", Some("Done")),
        ("in progress", "Start", Some("In Progress")),
        // The number goes before the name, and the name before the status.
        ("41", "Ask", Some("Waiting")),
        ("Done", "Done", Some("Archived")),
        ("ÄRGER", "Ärger", None),
    ];
    for (to, transition, status) in cases {
        let asked = answer(vec![reply(200, &ways()), raw(204, &[], "")]);
        let step = Jira::transition("ED-1".to_owned(), to.to_owned(), None).unwrap();
        let expected = Step {
            transition: transition.to_owned(),
            status: status.map(str::to_owned),
        };
        assert_eq!(step, expected);
        assert_eq!(asked.all().len(), 2);
    }
}

#[test]
fn a_step_carries_its_fields_and_the_mark_of_the_run() {
    let asked = answer(vec![reply(200, &ways()), raw(204, &[], "")]);
    let resolution = Field {
        id: "resolution".to_owned(),
        value: "{\"name\": \"Fixed\"}".to_owned(),
    };
    Jira::transition("ED-1".to_owned(), "Close issue".to_owned(), Some(vec![resolution])).unwrap();
    let [list, step] = &asked.all()[..] else { panic!() };
    assert_kept("transitions", list);
    assert_kept("transition", step);
}

#[test]
fn where_no_step_fits_those_that_are_possible_are_told() {
    for to in ["Waiting", "Reopen"] {
        let asked = answer(vec![reply(200, &ways())]);
        let error = Jira::transition("ED-1".to_owned(), to.to_owned(), None).unwrap_err();
        assert_eq!((error.code.as_str(), asked.all().len()), ("invalid-argument", 1));
        let told = error.message.strip_prefix(&format!("`{to}` is not one of ")).unwrap();
        insta::allow_duplicates! { insta::assert_snapshot!(told, @"the steps that are possible now: `Start` (11) leads to `In Progress`, `Close issue` (21) leads to `Done`, `Done` (31) leads to `Archived`, `Ask` (41) leads to `Waiting`, `Beg` (51) leads to `waiting`, `41` (61) leads to `Lost`, `Ärger` (71)."); }
    }
    answer(vec![reply(200, &json!({"transitions": []}))]);
    let error = Jira::transition("ED-1".to_owned(), "Done".to_owned(), None).unwrap_err();
    assert_eq!(error.code, "denied");
}
