//! What is found, and described.

use super::*;

#[test]
fn a_query_answers_rows() {
    let talk = Talk::begin("query");
    for (name, industry, revenue) in [("Acme", "Energy", 1_500_000.0), ("Bravo", "Banking", 250_000.5)] {
        let fields = [
            account(name),
            vec![
                field("Industry", text(industry)),
                field("AnnualRevenue", Value::Number(revenue)),
            ],
        ];
        let id = Salesforce::create("Account".to_owned(), fields.concat()).unwrap().id;
        let contact = vec![field("LastName", text("Kim")), field("AccountId", text(&id))];
        Salesforce::create("Contact".to_owned(), contact).unwrap();
    }
    Salesforce::create("Account".to_owned(), account("Charlie")).unwrap();
    let day = Argument::Date("2026-01-01".to_owned());
    let questions = [
        question(
            "SELECT Id, Name, AnnualRevenue, Vip__c, Owner.Name, Parent.Name, (SELECT LastName FROM Contacts) \
             FROM Account",
            &[],
        ),
        question(
            "SELECT Name FROM Account WHERE Industry IN :in AND AnnualRevenue >= :least AND Vip__c = :vip \
             AND Renewal_Date__c = :none AND CreatedDate > :since",
            &[
                ("in", Argument::Texts(vec!["Energy".to_owned(), "Banking".to_owned()])),
                ("least", Argument::Number(250_000.5)),
                ("vip", Argument::Boolean(false)),
                ("none", Argument::Null),
                ("since", Argument::DateTime("2026-01-01T01:00:00+01:00".to_owned())),
            ],
        ),
        question(
            "SELECT Account.Name, LastName FROM Contact ORDER BY Account.Name DESC",
            &[],
        ),
        question(
            "SELECT Industry, COUNT(Id) n FROM Account GROUP BY Industry ORDER BY Industry NULLS LAST",
            &[],
        ),
        question(
            "SELECT COUNT() FROM Account WHERE Renewal_Date__c < :day",
            &[("day", day)],
        ),
        question("SELECT Id FROM Account WHERE Renewal_Date__c = '2026-01-01'", &[]),
        question("SELECT Id FORM Account", &[]),
    ];
    let answers: Vec<_> = questions.into_iter().map(Salesforce::query).collect();
    insta::assert_debug_snapshot!(answers);
    talk.end();
}

#[test]
fn a_value_finds_the_record_that_holds_it_and_no_other() {
    let talk = Talk::begin("injection");
    Salesforce::create("Account".to_owned(), account("Innocent")).unwrap();
    let nasty = [
        "' OR Name != '",
        "\\",
        "\\' OR Name != '",
        "\"",
        "%",
        "_",
        "50%_off",
        ":name",
        "a\nb\t\r",
        "'--",
        "@{x.id}",
        "ü 🦀",
        "\u{8}\u{c}\u{1f}",
        "\u{2028}",
        "') OR (Name != '",
    ];
    for name in nasty {
        Salesforce::create("Account".to_owned(), account(name)).unwrap();
    }
    let found = |soql: &str, value: Argument| {
        let found = Salesforce::query(question(soql, &[("name", value)])).unwrap();
        found
            .records
            .rows
            .into_iter()
            .map(|row| row[0].clone().unwrap())
            .collect::<Vec<_>>()
    };
    for name in nasty {
        let name = name.to_owned();
        let same = "SELECT Name FROM Account WHERE Name = :name";
        assert_eq!(found(same, Argument::Text(name.clone())), std::slice::from_ref(&name));
        let among = "SELECT Name FROM Account WHERE Name IN :name";
        assert_eq!(
            found(among, Argument::Texts(vec![name.clone()])),
            std::slice::from_ref(&name)
        );
        let like = "SELECT Name FROM Account WHERE Name LIKE :name";
        let begins: Vec<_> = nasty
            .iter()
            .filter(|own| own.starts_with(&name))
            .map(|own| (*own).to_owned())
            .collect();
        assert_eq!(found(like, Argument::Prefix(name.clone())), begins, "{name}");
        let contains: Vec<_> = nasty
            .iter()
            .filter(|own| own.contains(&name))
            .map(|own| (*own).to_owned())
            .collect();
        assert_eq!(found(like, Argument::Containing(name.clone())), contains, "{name}");
    }
    talk.end();
}

#[test]
fn a_long_answer_is_read_in_batches_up_to_a_limit() {
    let talk = Talk::begin("batches");
    talk.load((0..250).map(|number| format!("{number:03}")));
    let ask = |most| {
        let asked = question("SELECT Name FROM Account ORDER BY Name", &[]);
        let found = Salesforce::query(Question {
            max_records: Some(most),
            ..asked
        })
        .unwrap();
        let last = found.records.rows.last().and_then(|row| row[0].clone());
        (found.total, found.complete, found.records.rows.len(), last)
    };
    let name = |text: &str| Some(text.to_owned());
    assert_eq!(ask(10), (250, false, 10, name("009")));
    assert_eq!(ask(200), (250, false, 200, name("199")));
    assert_eq!(ask(250), (250, true, 250, name("249")));
    talk.end();
}

#[test]
fn deleted_records_are_found_on_request() {
    let talk = Talk::begin("deleted");
    let id = Salesforce::create("Account".to_owned(), account("Gone")).unwrap().id;
    Salesforce::delete("Account".to_owned(), id).unwrap();
    let ask = |deleted| {
        let asked = question("SELECT Name, IsDeleted FROM Account", &[]);
        Salesforce::query(Question {
            include_deleted: Some(deleted),
            ..asked
        })
        .unwrap()
    };
    insta::assert_debug_snapshot!((ask(false), ask(true)));
    talk.end();
}

#[test]
fn words_are_found_in_several_objects() {
    let talk = Talk::begin("search");
    Salesforce::create("Account".to_owned(), account("Acme")).unwrap();
    for (last, email) in [("Kim", "kim@acme.example"), ("Acme", "a@example.com")] {
        let fields = vec![field("LastName", text(last)), field("Email", text(email))];
        Salesforce::create("Contact".to_owned(), fields).unwrap();
    }
    let object = |name: &str, fields: Option<&[&str]>| SearchObject {
        name: name.to_owned(),
        fields: fields.map(|fields| fields.iter().map(|field| (*field).to_owned()).collect()),
    };
    let search = |term: &str, objects, search_in, max_records| {
        Salesforce::search(SearchRequest {
            term: term.to_owned(),
            objects,
            search_in,
            max_records,
        })
    };
    let both = || {
        vec![
            object("Contact", Some(&["LastName", "Account.Name"])),
            object("Account", None),
        ]
    };
    let answers = [
        search("acme", both(), None, None),
        search("acme", both(), Some(SearchIn::Email), None),
        search("ac*", both(), Some(SearchIn::Name), Some(1)),
        search("} RETURNING User(Id) {", both(), None, None),
        search("a", both(), None, None),
        search("acme", vec![object("Nothing", None)], None, None),
        search("acme", vec![object("Account", Some(&["Foo"]))], None, None),
    ];
    insta::assert_debug_snapshot!(answers);
    talk.end();
}

#[test]
fn an_object_says_what_it_holds() {
    let talk = Talk::begin("describe");
    let listed = Salesforce::list_objects(Some("INVOICE".to_owned()));
    let stage = Salesforce::describe("Opportunity".to_owned(), Some("stage".to_owned()));
    let all = Salesforce::describe("Invoice__c".to_owned(), None);
    let unknown = Salesforce::describe("Nothing".to_owned(), None);
    insta::assert_debug_snapshot!((listed, stage, all, unknown));
    talk.end();
}
