//! Arguments that are refused before anything is sent: no service answers in these tests.

use std::fmt::Debug;

use skillhost_sdk::ToolError;

use super::*;

fn said<T: Debug>(result: Result<T, ToolError>) -> String {
    let error = result.unwrap_err();
    let details: Vec<_> = error
        .details
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{error} [{}]", details.join(", "))
}

#[test]
fn arguments_that_cannot_be_used_are_refused() {
    let account = || "Account".to_owned();
    let id = || "001Sim000000003IAA".to_owned();
    let get = |object: &str, key, fields: Option<&[&str]>| {
        let fields = fields.map(|fields| fields.iter().map(|field| (*field).to_owned()).collect());
        said(Salesforce::get(object.to_owned(), key, fields))
    };
    let create = |object: &str, fields| said(Salesforce::create(object.to_owned(), fields));
    let query = |max_records, soql: &str| {
        said(Salesforce::query(Question {
            max_records,
            ..question(soql, &[])
        }))
    };
    let objects = |names: &[&str]| {
        names
            .iter()
            .map(|name| SearchObject {
                name: (*name).to_owned(),
                fields: None,
            })
            .collect()
    };
    let search = |term: &str, objects, max_records| {
        said(Salesforce::search(SearchRequest {
            term: term.to_owned(),
            objects,
            search_in: None,
            max_records,
        }))
    };
    let long = format!("SELECT Id FROM Account WHERE Name = '{}'", "x".repeat(20_000));
    let said = [
        get("../User", Key::Id(id()), None),
        get("Account/describe", Key::Id(id()), None),
        get("", Key::Id(id()), None),
        get("Account", Key::Id("describe".to_owned()), None),
        get("Account", Key::Id(String::new()), None),
        get("Account", Key::ExternalId(by_code("")), None),
        get("Account", Key::ExternalId(by_code("..")), None),
        get("Account", Key::Id(id()), Some(&[])),
        get("Account", Key::Id(id()), Some(&["Name,Foo"])),
        get("Account", Key::Id(id()), Some(&["Owner."])),
        create("Account", vec![]),
        create("Account", vec![field("Na me", text("x"))]),
        create("Account", vec![field("Name", text("x")), field("name", text("y"))]),
        create("Account", vec![field("Score__c", Value::Number(f64::NAN))]),
        create(
            "Account",
            vec![field("Renewal_Date__c", Value::Date("soon".to_owned()))],
        ),
        create("Account", vec![field("Account", Value::Json("{".to_owned()))]),
        said(Salesforce::upsert(
            account(),
            by_code("1"),
            vec![field("external_id__C", text("1"))],
        )),
        said(Salesforce::update(
            account(),
            id(),
            vec![field("Name", text("x"))],
            Some("yesterday".to_owned()),
        )),
        said(Salesforce::delete(account(), "001".to_owned())),
        query(Some(0), "SELECT Id FROM Account"),
        query(Some(5_001), "SELECT Id FROM Account"),
        query(None, &long),
        search("a", objects(&["Account"]), None),
        search("acme", objects(&[]), None),
        search("acme", objects(&["Account"; 21]), None),
        search("acme", objects(&["Account,User"]), None),
        search("acme", objects(&["Account"]), Some(201)),
    ];
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn steps_that_cannot_be_used_are_refused() {
    let composite = |steps| {
        said(Salesforce::composite(Changes {
            steps,
            all_or_none: None,
        }))
    };
    let one = |name: &str| step(name, create("Account", &[super::name("One")]));
    let reference = |step: &str| StepValue::IdFrom(step.to_owned());
    let contact = |value| step("kim", create("Contact", &[("AccountId", value)]));
    let json = |text: &str| StepValue::Json(text.to_owned());
    let delete = |id: &str| {
        Action::Delete(DeleteStep {
            object: "Account".to_owned(),
            id: id.to_owned(),
        })
    };
    let upsert = |value: &str| {
        Action::Upsert(UpsertStep {
            object: "Account".to_owned(),
            key: by_code(value),
            fields: steps(&[super::name("x")]),
        })
    };
    let said = [
        composite(vec![]),
        composite((0..26).map(|number| one(&format!("s{number}"))).collect()),
        composite(vec![one("a b")]),
        composite(vec![one("same"), one("same")]),
        composite(vec![contact(reference("later")), one("later")]),
        composite(vec![contact(reference("kim"))]),
        composite(vec![contact(StepValue::Text("@{kim.id}".to_owned()))]),
        composite(vec![contact(json(r#"{"Name": "\u0040\u007bkim.id}"}"#))]),
        composite(vec![step("gone", delete("@{kim.id}"))]),
        composite(vec![step("x", upsert("@{kim.id}"))]),
    ];
    insta::assert_snapshot!(said.join("\n"));
}
