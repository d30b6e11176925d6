//! Files that a run makes: which are kept, and which are refused.

use super::*;

fn put(files: &mut Files, name: &str, media_type: &str, size: usize) -> Result<Digest, FileRefusal> {
    let content = Bytes::from(vec![7; size]);
    files
        .put(name.to_owned(), media_type.to_owned(), content)
        .map(|file| file.sha256)
}

#[test]
fn names_and_media_types_are_judged() {
    let longest = "n".repeat(255);
    let too_long = "n".repeat(256);
    let cases = [
        ("deck.pptx", "application/pdf", None),
        ("Präsentation 1.pptx", "application/vnd.ms-excel", None),
        (&longest, "text/plain; charset=utf-8", None),
        ("", "text/plain", Some("invalid-name")),
        (".", "text/plain", Some("invalid-name")),
        ("..", "text/plain", Some("invalid-name")),
        ("../deck", "text/plain", Some("invalid-name")),
        ("a\\b", "text/plain", Some("invalid-name")),
        ("a\nb", "text/plain", Some("invalid-name")),
        ("a\u{9b}b", "text/plain", Some("invalid-name")),
        (&too_long, "text/plain", Some("invalid-name")),
        ("a", "", Some("invalid-media-type")),
        ("a", "text", Some("invalid-media-type")),
        ("a", "text/", Some("invalid-media-type")),
        ("a", "/plain", Some("invalid-media-type")),
        ("a", "text/plain/x", Some("invalid-media-type")),
        ("a", "text/plain\r\nSet-Cookie: x", Some("invalid-media-type")),
        ("a", "text/pläin", Some("invalid-media-type")),
    ];
    for (name, media_type, refused) in cases {
        let mut files = Files::new(BTreeMap::new(), 100);
        let code = put(&mut files, name, media_type, 1).err().map(FileRefusal::code);
        assert_eq!(code, refused, "{name:?} {media_type:?}");
    }
}

#[test]
fn files_fill_their_room_and_no_more() {
    let mut files = Files::new(BTreeMap::new(), 100);
    assert!(put(&mut files, "a", "text/plain", 60).is_ok());
    assert_eq!(
        put(&mut files, "b", "text/plain", 41),
        Err(FileRefusal::TooLarge { room: 40 })
    );
    assert!(put(&mut files, "b", "text/plain", 40).is_ok());
    assert_eq!(put(&mut files, "b", "text/plain", 0), Err(FileRefusal::Duplicate));
    assert!(put(&mut files, "c", "text/plain", 0).is_ok());
    let sizes: Vec<usize> = files.finish().iter().map(|file| file.content.len()).collect();
    assert_eq!(sizes, [60, 40, 0]);
}

#[test]
fn a_run_makes_only_so_many_files() {
    let mut files = Files::new(BTreeMap::new(), 100);
    for index in 0..RunLimits::FILES {
        put(&mut files, &index.to_string(), "text/plain", 0).unwrap();
    }
    assert_eq!(put(&mut files, "more", "text/plain", 0), Err(FileRefusal::TooMany));
}

#[test]
fn files_are_found_by_their_content() {
    let given = Bytes::from_static(b"given");
    let mut files = Files::new(BTreeMap::from([(Digest::of(&given), given.clone())]), 100);
    let made = put(&mut files, "made", "text/plain", 3).unwrap();
    assert_eq!(files.get(&Digest::of(&given).hex()), Ok(given));
    assert_eq!(files.get(&made.hex()), Ok(Bytes::from_static(&[7, 7, 7])));
    for unknown in [Digest::of(b"other").hex(), "made".to_owned(), String::new()] {
        assert_eq!(files.get(&unknown), Err(FileRefusal::NotFound));
    }
}
