//! The tools, run without a host.

use super::*;

#[test]
fn somebody_is_greeted() {
    let greeting = Hello::greet("Zoë".to_owned()).unwrap();
    assert_eq!(
        greeting,
        Greeting {
            message: "Hello, Zoë!".to_owned(),
            characters: 3
        }
    );
}

#[test]
fn a_name_has_1_to_100_characters() {
    for name in [String::new(), "é".repeat(101)] {
        let error = Hello::greet(name).unwrap_err();
        assert_eq!(error.code, "invalid-argument");
        assert_eq!(error.details, [("field".to_owned(), "name".to_owned())]);
    }
    assert!(Hello::greet("é".repeat(100)).is_ok());
}

#[test]
fn a_written_greeting_can_be_read() {
    let file = Hello::greet_in_writing("Ada".to_owned()).unwrap();
    assert_eq!(
        (file.name.as_str(), file.media_type.as_str()),
        ("greeting.txt", "text/plain")
    );
    assert_eq!(Hello::read(file).unwrap(), "Hello, Ada!");
}
