//! Several changes in one transaction.

use super::*;

#[test]
fn changes_that_belong_together_happen_together() {
    let talk = Talk::begin("composite");
    let old = Salesforce::create("Account".to_owned(), account("Old")).unwrap().id;
    let composite = |all_or_none, steps| Salesforce::composite(Changes { steps, all_or_none });
    let owner = ("AccountId", StepValue::IdFrom("acme".to_owned()));
    let good = vec![
        step(
            "acme",
            create(
                "Account",
                &[name("Acme"), ("NumberOfEmployees", StepValue::Number(7.0))],
            ),
        ),
        step(
            "kim",
            create("Contact", &[("LastName", StepValue::Text("Kim".to_owned())), owner]),
        ),
        step(
            "other",
            Action::Upsert(UpsertStep {
                object: "Account".to_owned(),
                key: by_code("a/b"),
                fields: steps(&[name("Other")]),
            }),
        ),
        step(
            "again",
            Action::Upsert(UpsertStep {
                object: "Account".to_owned(),
                key: by_code("a/b"),
                fields: steps(&[name("Another")]),
            }),
        ),
        step(
            "renamed",
            Action::Update(UpdateStep {
                object: "Account".to_owned(),
                id: old.clone(),
                fields: steps(&[name("Older")]),
            }),
        ),
        step(
            "gone",
            Action::Delete(DeleteStep {
                object: "Account".to_owned(),
                id: old,
            }),
        ),
    ];
    let needs = ("AccountId", StepValue::IdFrom("wrong".to_owned()));
    let bad = || {
        vec![
            step("first", create("Account", &[name("First")])),
            step("wrong", create("Account", &[("Industry", StepValue::Null)])),
            step(
                "needs",
                create(
                    "Contact",
                    &[("LastName", StepValue::Text("N".to_owned())), needs.clone()],
                ),
            ),
            step("last", create("Account", &[name("Last")])),
        ]
    };
    let done = composite(None, good);
    let none = composite(None, bad());
    let names = || {
        Salesforce::query(question("SELECT Name FROM Account ORDER BY Id", &[]))
            .unwrap()
            .records
            .rows
    };
    let after_none = names();
    let partly = composite(Some(false), bad());
    let after_partly = names();
    talk.order("POST /troubles", r#"{"trouble": "locked", "times": 1}"#);
    let locked = composite(Some(false), vec![step("locked", create("Account", &[name("Locked")]))]);
    insta::assert_debug_snapshot!((done, none, after_none, partly, after_partly, locked));
    talk.end();
}
