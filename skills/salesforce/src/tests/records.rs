//! Single records.

use super::*;

#[test]
fn a_record_is_made_read_changed_and_deleted() {
    let talk = Talk::begin("record");
    let fields = vec![
        field("Name", text("O'Neil & Söhne")),
        field("NumberOfEmployees", Value::Number(12.0)),
        field("Score__c", Value::Number(7.25)),
        field("Vip__c", Value::Boolean(true)),
        field("Renewal_Date__c", Value::Date("2026-05-31".to_owned())),
        field("Last_Visit__c", Value::DateTime("2026-05-31T12:00:00+02:00".to_owned())),
        field("Phone", Value::Null),
        field("External_Id__c", text("A 1/2")),
    ];
    let made = Salesforce::create("Account".to_owned(), fields).unwrap();
    let names = [
        "Name",
        "NumberOfEmployees",
        "Score__c",
        "Vip__c",
        "Renewal_Date__c",
        "Last_Visit__c",
        "Phone",
    ];
    let names = names
        .iter()
        .chain(&["LastModifiedDate", "Owner.Name", "Parent.Name"])
        .map(|name| (*name).to_owned());
    let names: Vec<_> = names.collect();
    let key = Key::ExternalId(by_code("A 1/2"));
    let read = Salesforce::get("Account".to_owned(), key, Some(names.clone())).unwrap();
    let moment = "2026-01-01T00:00:03.000+0000";
    let update = |fields, since: Option<&str>| {
        Salesforce::update("Account".to_owned(), made.id.clone(), fields, since.map(str::to_owned))
    };
    let changed = update(
        vec![field("Name", text("O'Neil")), field("Vip__c", Value::Null)],
        Some(moment),
    );
    let late = update(account("Too late"), Some(moment));
    let again = Salesforce::get("Account".to_owned(), Key::Id(made.id.clone()), Some(names)).unwrap();
    let whole = Salesforce::get("Account".to_owned(), Key::Id(made.id.clone()), None).unwrap();
    let deleted = Salesforce::delete("Account".to_owned(), made.id.clone());
    let gone = Salesforce::delete("Account".to_owned(), made.id.clone());
    insta::assert_debug_snapshot!((made, read, changed, late, again, whole.fields.len(), deleted, gone));
    talk.end();
}

#[test]
fn an_external_id_decides_whether_a_record_is_made() {
    let talk = Talk::begin("upsert");
    let upsert = |key, name| Salesforce::upsert("Account".to_owned(), key, account(name));
    let made = upsert(by_code("ü/1"), "One");
    let changed = upsert(by_code("ü/1"), "Uno");
    for _ in 0..2 {
        let fields = vec![field("Name", text("Twice")), field("Legacy_Code__c", text("same"))];
        Salesforce::create("Account".to_owned(), fields).unwrap();
    }
    let legacy = ExternalId {
        field: "Legacy_Code__c".to_owned(),
        value: "same".to_owned(),
    };
    let ambiguous = upsert(legacy, "Which?");
    let referring = vec![
        field("LastName", text("Kim")),
        field("Account", Value::Json(r#"{"External_Id__c": "ü/1"}"#.to_owned())),
    ];
    let kim = Salesforce::create("Contact".to_owned(), referring).unwrap();
    let owner = Salesforce::get(
        "Contact".to_owned(),
        Key::Id(kim.id),
        Some(vec!["Account.Name".to_owned()]),
    );
    insta::assert_debug_snapshot!((made, changed, ambiguous, owner));
    talk.end();
}

#[test]
fn refusals_of_the_service_have_codes() {
    let talk = Talk::begin("refusals");
    let create = |fields| Salesforce::create("Account".to_owned(), fields);
    let long = create(account(&"x".repeat(256)));
    let missing = create(vec![field("Phone", text("1"))]);
    let unknown = create(vec![field("Name", text("A")), field("Foo", text("B"))]);
    let picklist = create(vec![field("Name", text("A")), field("Regions__c", text("EMEA;Moon"))]);
    let read_only = Salesforce::create("Organization".to_owned(), account("A"));
    let nothing = Salesforce::get("Account".to_owned(), Key::Id("001Sim0000000zz".to_owned()), None);
    talk.order("POST /troubles", r#"{"trouble": "locked", "times": 1}"#);
    let locked = create(account("A"));
    talk.order("POST /troubles", r#"{"trouble": "no-access", "times": 1}"#);
    let denied = create(account("A"));
    talk.order("PUT /usage", r#"{"used": 9, "max": 9}"#);
    let limited = create(account("A"));
    talk.order("DELETE /sessions", "");
    let expired = create(account("A"));
    insta::assert_debug_snapshot!((
        long, missing, unknown, picklist, read_only, nothing, locked, denied, limited, expired
    ));
    talk.end();
}
