//! Conversations with an instance, each kept whole: what was asked, what was answered.

mod http;
mod tokens;

use std::fmt::Write as _;

use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use super::exchange::{Answer, Request, Target};
use super::instance::Instance;
use super::{Trouble, USERNAME};

/// An instance and all that was said to it.
struct Talk {
    instance: Instance,
    version: u32,
    said: String,
}

impl Talk {
    fn begin() -> Self {
        Self {
            instance: Instance::new(USERNAME).unwrap(),
            version: 66,
            said: String::new(),
        }
    }

    /// Asks `METHOD /path?query`, perhaps with ` | name: value` headers behind it, keeps what was said, and answers the
    /// body.
    #[expect(clippy::needless_pass_by_value, reason = "every caller makes the body where it asks")]
    fn ask(&mut self, line: &str, body: Value) -> Value {
        let answer = self.send(line, &body);
        let shown = if body.is_null() {
            String::new()
        } else {
            format!(" {body}")
        };
        writeln!(
            self.said,
            "> {line}{shown}\n{} {}\n",
            answer.status,
            pretty(&answer.body)
        )
        .unwrap();
        answer.body
    }

    fn send(&mut self, line: &str, body: &Value) -> Answer {
        let (method, rest) = line.split_once(' ').unwrap();
        let mut rest = rest.split(" | ");
        let target = Target::read(rest.next().unwrap()).unwrap();
        let headers = rest.map(|header| header.split_once(": ").unwrap());
        let request = Request {
            method: method.to_owned(),
            version: self.version,
            path: target.path,
            parameters: target.parameters,
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: Some(body.clone()).filter(|body| !body.is_null()),
        };
        self.instance.answer(&request)
    }

    fn get(&mut self, path: &str) -> Value {
        self.ask(&format!("GET {path}"), Value::Null)
    }

    /// Asks with the text in a parameter; what is kept is the text.
    fn say(&mut self, resource: &str, text: &str) -> Value {
        let encoded: String = byte_serialize(text.as_bytes()).collect();
        let answer = self.send(&format!("GET /{resource}?q={encoded}"), &Value::Null);
        writeln!(self.said, "> {text}\n{} {}\n", answer.status, pretty(&answer.body)).unwrap();
        answer.body
    }

    fn query(&mut self, soql: &str) -> Value {
        self.say("query", soql)
    }

    fn create(&mut self, object: &str, values: Value) -> String {
        let body = self.ask(&format!("POST /sobjects/{object}"), values);
        body["id"].as_str().unwrap_or_default().to_owned()
    }
}

fn pretty(body: &Value) -> String {
    let one = |line: &Value| format!("\n  {line}");
    match body
        .get("records")
        .or(body.get("compositeResponse"))
        .or(body.get("searchRecords"))
        .or(Some(body))
    {
        Some(Value::Array(lines)) if body.is_object() => {
            let mut head = body.clone();
            head.as_object_mut().unwrap().retain(|_, value| !value.is_array());
            format!("{head}{}", lines.iter().map(one).collect::<String>())
        }
        Some(Value::Array(lines)) => lines.iter().map(one).collect::<String>().trim_start().to_owned(),
        _ => body.to_string(),
    }
}

/// Three accounts with what they own.
fn stocked() -> Talk {
    let mut talk = Talk::begin();
    let rows = [
        json!({
            "Name": "Acme", "Industry": "Energy", "AnnualRevenue": 1_500_000, "NumberOfEmployees": 12, "Vip__c": true,
            "Regions__c": "EMEA;NA", "Renewal_Date__c": "2026-01-01", "Last_Visit__c": "2025-12-24T18:00:00+01:00",
            "External_Id__c": "A-1", "Legacy_Code__c": "old", "Score__c": 7.256, "Description": "Long words",
        }),
        json!({
            "Name": "O'Neil & Söhne", "Industry": "Banking", "AnnualRevenue": 250_000, "External_Id__c": "A-2",
            "Legacy_Code__c": "old", "Renewal_Date__c": "2026-03-31", "Regions__c": "APAC",
        }),
        json!({ "Name": "50% off_shop", "Industry": "Energy" }),
    ];
    let ids: Vec<_> = rows.into_iter().map(|row| talk.create("Account", row)).collect();
    for (last, email, account) in [
        ("Zhang", "z@acme.example", &ids[0]),
        ("Adams", "a@acme.example", &ids[0]),
    ] {
        talk.create(
            "Contact",
            json!({ "FirstName": "Kim", "LastName": last, "Email": email, "AccountId": account }),
        );
    }
    talk.create(
        "Invoice__c",
        json!({ "Name": "I-1", "Number__c": "1", "Account__c": ids[1], "Amount__c": 9.99 }),
    );
    talk.said.clear();
    talk
}

#[test]
fn queries() {
    let mut talk = stocked();
    for soql in include_str!("tests/queries.soql")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        talk.query(soql);
    }
    insta::assert_snapshot!(talk.said);
}

#[test]
fn flaws_of_queries() {
    let mut talk = stocked();
    for soql in include_str!("tests/flaws.soql")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let body = talk.query(soql);
        assert!(body[0]["errorCode"].is_string(), "{soql} was not refused");
    }
    insta::assert_snapshot!(talk.said);
}

#[test]
fn long_answers_come_in_batches() {
    let mut talk = Talk::begin();
    for number in 0..450 {
        talk.instance
            .seed("Account", &json!({ "Name": format!("Account {number:03}") }))
            .unwrap();
    }
    let ask = |talk: &mut Talk, path: &str| talk.get(&format!("{path} | sforce-query-options: batchSize=200"));
    let below = |body: &Value| {
        body["nextRecordsUrl"]
            .as_str()
            .unwrap()
            .replace("/services/data/v66.0", "")
    };
    let first = ask(&mut talk, "/query?q=SELECT+Name+FROM+Account");
    let second = ask(&mut talk, &below(&first));
    let third = ask(&mut talk, &below(&second));
    let bodies = [&first, &second, &third];
    let sizes = bodies.map(|body| body["records"].as_array().unwrap().len());
    assert_eq!((sizes, third["done"].clone()), ([200, 200, 50], json!(true)));
    let names = bodies
        .iter()
        .flat_map(|body| body["records"].as_array().unwrap())
        .map(|record| record["Name"].clone());
    assert_eq!(
        names.collect::<Vec<_>>(),
        (0..450).map(|n| json!(format!("Account {n:03}"))).collect::<Vec<_>>()
    );

    let whole = talk.get("/query?q=SELECT+Name+FROM+Account");
    assert_eq!(
        (whole["records"].as_array().unwrap().len(), whole["done"].clone()),
        (450, json!(true))
    );

    for _ in 0..10 {
        ask(&mut talk, "/query?q=SELECT+Id+FROM+Account");
    }
    assert_eq!(
        ask(&mut talk, &below(&first))[0]["errorCode"],
        "INVALID_QUERY_LOCATOR",
        "the eleventh cursor"
    );
}

#[test]
fn records() {
    let mut talk = Talk::begin();
    let id = talk.create("Account", json!({ "Name": "Acme", "External_Id__c": "A 1/2" }));
    talk.get(&format!("/sobjects/Account/{id}"));
    talk.get(&format!("/sobjects/Account/{}?fields=Name,Owner.Name", &id[..15]));
    talk.ask(
        &format!("PATCH /sobjects/Account/{id}"),
        json!({ "Vip__c": true, "Phone": "" }),
    );
    talk.get("/sobjects/Account/External_Id__c/A%201%2F2?fields=Vip__c,Phone");
    talk.ask(
        "PATCH /sobjects/Account/External_Id__c/A%201%2F2",
        json!({ "Name": "Acme 2" }),
    );
    talk.ask("PATCH /sobjects/Account/External_Id__c/new", json!({ "Name": "New" }));
    talk.ask(
        "PATCH /sobjects/Account/External_Id__c/none?updateOnly=true",
        json!({ "Name": "None" }),
    );
    talk.version = 45;
    talk.ask("PATCH /sobjects/Account/External_Id__c/new", json!({ "Name": "Newer" }));
    talk.version = 66;
    for _ in 0..2 {
        talk.create("Account", json!({ "Name": "Twice", "Legacy_Code__c": "same" }));
    }
    talk.ask(
        "PATCH /sobjects/Account/Legacy_Code__c/same",
        json!({ "Name": "Which?" }),
    );
    let old = "if-unmodified-since: Thu, 01 Jan 2026 00:00:01 GMT";
    talk.ask(
        &format!("PATCH /sobjects/Account/{id} | {old}"),
        json!({ "Name": "Late" }),
    );
    let contact = talk.create(
        "Contact",
        json!({ "LastName": "Adams", "Account": { "External_Id__c": "A 1/2" } }),
    );
    talk.create(
        "Contact",
        json!({ "LastName": "Nobody", "Account": { "External_Id__c": "none" } }),
    );
    talk.get(&format!("/sobjects/Contact/{contact}?fields=AccountId"));
    talk.ask(&format!("DELETE /sobjects/Account/{id}"), Value::Null);
    talk.ask(&format!("DELETE /sobjects/Account/{id}"), Value::Null);
    talk.get(&format!("/sobjects/Contact/{contact}"));
    talk.get("/queryAll?q=SELECT+IsDeleted,Name+FROM+Account");
    insta::assert_snapshot!(talk.said);
}

#[test]
fn what_cannot_be_written() {
    let mut talk = Talk::begin();
    let id = talk.create("Account", json!({ "Name": "Acme", "External_Id__c": "A-1" }));
    let bad = [
        json!({}),
        json!({ "Name": "" }),
        json!({ "Name": 5 }),
        json!({ "Name": "x".repeat(256) }),
        json!({ "Name": "A", "Foo": 1 }),
        json!({ "Name": "A", "CreatedDate": "2026-01-01T00:00:00Z" }),
        json!({ "Name": "A", "Id": id }),
        json!({ "Name": "A", "External_Id__c": "a-1" }),
        json!({ "Name": "A", "ParentId": "003Sim000000001" }),
        json!({ "Name": "A", "ParentId": "001Sim0000000zzAAA" }),
        json!({ "Name": "A", "ParentId": "001Sim0000000zz" }),
        json!({ "Name": "A", "NumberOfEmployees": 1.5 }),
        json!({ "Name": "A", "NumberOfEmployees": "12" }),
        json!({ "Name": "A", "NumberOfEmployees": 1_000_000_000 }),
        json!({ "Name": "A", "Vip__c": "yes" }),
        json!({ "Name": "A", "Renewal_Date__c": "31.12.2026" }),
        json!({ "Name": "A", "Last_Visit__c": "2026-01-01" }),
        json!({ "Name": "A", "Regions__c": "EMEA;Moon" }),
        json!([1]),
    ];
    for body in bad {
        talk.ask("POST /sobjects/Account", body);
    }
    talk.ask("POST /sobjects/Contact", json!({ "LastName": "A", "Email": "nobody" }));
    talk.ask(
        "POST /sobjects/Opportunity",
        json!({ "Name": "A", "StageName": "Dreaming", "CloseDate": "2026-01-01" }),
    );
    talk.ask("POST /sobjects/Organization", json!({ "Name": "A" }));
    talk.ask("POST /sobjects/Nothing", json!({ "Name": "A" }));
    talk.ask(&format!("PUT /sobjects/Account/{id}"), json!({ "Name": "A" }));
    talk.ask(&format!("PATCH /sobjects/Account/{id}"), json!({ "Name": null }));
    talk.ask(
        "PATCH /sobjects/Account/External_Id__c/A-1",
        json!({ "External_Id__c": "A-1" }),
    );
    talk.ask("PATCH /sobjects/Account/Name/A-1", json!({ "Vip__c": true }));
    talk.get("/sobjects/Account/001");
    talk.get("/sobjects/Account/001Sim0000000zz");
    talk.get("/nowhere");
    talk.instance.troubles.extend([Trouble::Locked, Trouble::NoAccess]);
    for _ in 0..3 {
        talk.ask(&format!("PATCH /sobjects/Account/{id}"), json!({ "Vip__c": true }));
    }
    insta::assert_snapshot!(talk.said);
}

#[test]
fn composites() {
    let mut talk = Talk::begin();
    let part = |method: &str, path: &str, name: &str, body: Value| {
        let url = format!("/services/data/v66.0{path}");
        json!({ "method": method, "url": url, "referenceId": name, "body": body })
    };
    let good = [
        part("POST", "/sobjects/Account", "acme", json!({ "Name": "Acme" })),
        part(
            "POST",
            "/sobjects/Contact",
            "kim",
            json!({ "LastName": "Kim", "AccountId": "@{acme.id}" }),
        ),
        part(
            "GET",
            "/query?q=SELECT+Id,Account.Name+FROM+Contact",
            "found",
            Value::Null,
        ),
        part(
            "PATCH",
            "/sobjects/Contact/@{found.records[0].Id}",
            "named",
            json!({ "FirstName": "Min" }),
        ),
    ];
    let bad = [
        part("POST", "/sobjects/Account", "first", json!({ "Name": "First" })),
        part("POST", "/sobjects/Account", "wrong", json!({ "Foo": 1 })),
        part(
            "POST",
            "/sobjects/Contact",
            "needs",
            json!({ "LastName": "N", "AccountId": "@{wrong.id}" }),
        ),
        part("POST", "/sobjects/Account", "last", json!({ "Name": "Last" })),
    ];
    talk.ask(
        "POST /composite",
        json!({ "allOrNone": true, "compositeRequest": good }),
    );
    talk.ask("POST /composite", json!({ "allOrNone": true, "compositeRequest": bad }));
    talk.query("SELECT Name FROM Account");
    talk.ask("POST /composite", json!({ "compositeRequest": bad }));
    talk.query("SELECT Name FROM Account");
    talk.ask("POST /composite", json!({ "compositeRequest": [good[0], good[0]] }));
    talk.ask(
        "POST /composite",
        json!({ "compositeRequest": [part("GET", "/limits", "a b", Value::Null)] }),
    );
    let many: Vec<_> = (0..26)
        .map(|n| part("GET", "/limits", &format!("r{n}"), Value::Null))
        .collect();
    let refused = talk.send("POST /composite", &json!({ "compositeRequest": many }));
    assert_eq!(refused.body[0]["errorCode"], "LIMIT_EXCEEDED");
    insta::assert_snapshot!(talk.said);
}

#[test]
fn collections() {
    let mut talk = Talk::begin();
    let record = |values: Value| {
        let mut record = json!({ "attributes": { "type": "Account" } });
        record
            .as_object_mut()
            .unwrap()
            .extend(values.as_object().unwrap().clone());
        record
    };
    let three = [
        json!({ "Name": "One" }),
        json!({ "Foo": 2 }),
        json!({ "Name": "Three", "External_Id__c": "3" }),
    ];
    let records: Vec<_> = three.into_iter().map(record).collect();
    talk.ask(
        "POST /composite/sobjects",
        json!({ "allOrNone": true, "records": records }),
    );
    talk.query("SELECT COUNT() FROM Account");
    let made = talk.ask("POST /composite/sobjects", json!({ "records": records }));
    let id = made[0]["id"].as_str().unwrap();
    talk.ask(
        "PATCH /composite/sobjects",
        json!({ "records": [
        record(json!({ "id": id, "Vip__c": true })), record(json!({ "id": "001", "Vip__c": true })),
    ] }),
    );
    talk.ask(
        "PATCH /composite/sobjects/Account/External_Id__c",
        json!({ "records": [
        record(json!({ "External_Id__c": "3", "Vip__c": true })),
        record(json!({ "External_Id__c": "4", "Name": "Four" })),
    ] }),
    );
    talk.ask(
        "POST /composite/sobjects/Account",
        json!({ "ids": [id, "001Sim0000000zz"], "fields": ["Name", "Vip__c"] }),
    );
    talk.get(&format!("/composite/sobjects/Account?ids={id}&fields=Name"));
    talk.ask(&format!("DELETE /composite/sobjects?ids={id},nothing"), Value::Null);
    let many = vec![record(json!({ "Name": "Many" })); 201];
    let refused = talk.send("POST /composite/sobjects", &json!({ "records": many }));
    assert_eq!(refused.body[0]["errorCode"], "EXCEEDED_ID_LIMIT");
    insta::assert_snapshot!(talk.said);
}

#[test]
fn searches() {
    let mut talk = stocked();
    for sosl in include_str!("tests/searches.sosl").lines() {
        talk.say("search", sosl);
    }
    talk.get("/parameterizedSearch?q=acme&sobject=Contact&Contact.fields=Name,Email&Contact.limit=1");
    talk.ask(
        "POST /parameterizedSearch",
        json!({
            "q": "kim", "fields": ["Id", "Name"], "sobjects": [{ "name": "Contact", "where": "LastName = 'Zhang'" }],
        }),
    );
    talk.ask(
        "POST /parameterizedSearch",
        json!({ "q": "acme", "in": "EMAIL", "overallLimit": 1 }),
    );
    talk.ask("POST /parameterizedSearch", json!({ "q": "a" }));
    talk.ask("POST /parameterizedSearch", json!({ "q": "acme", "in": "TOES" }));
    insta::assert_snapshot!(talk.said);
}

#[test]
fn descriptions() {
    let mut talk = Talk::begin();
    let global = talk.get("/sobjects");
    assert_eq!(global["sobjects"].as_array().unwrap().len(), 6);
    insta::assert_json_snapshot!(talk.get("/sobjects/Invoice__c/describe"));
    let account = talk.get("/sobjects/Account/describe");
    let names = account["childRelationships"]
        .as_array()
        .unwrap()
        .iter()
        .map(|child| &child["relationshipName"]);
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["ChildAccounts", "Contacts", "Opportunities", "Invoices__r"]
    );
}
