//! Characters that readers see, and those that they do not.

use super::{hidden, is_line, visible};

#[test]
fn what_readers_see_is_let_through() {
    for good in [
        "",
        "plain\ttext\nof two lines",
        "\u{dc}bergr\u{f6}\u{df}e, \u{65e5}\u{672c}\u{8a9e}, \u{627}\u{644}\u{639}\u{631}\u{628}\u{64a}\u{629}",
        "\u{1f469}\u{200d}\u{1f4bb} \u{2764}\u{fe0f}",
    ] {
        assert_eq!(hidden(good), None, "{good:?}");
    }
}

#[test]
fn what_readers_do_not_see_is_found() {
    for bad in [
        '\0',
        '\u{7}',
        '\u{b}',
        '\r',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{9f}',
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{115f}',
        '\u{1160}',
        '\u{17b4}',
        '\u{17b5}',
        '\u{180b}',
        '\u{180e}',
        '\u{200b}',
        '\u{200c}',
        '\u{200e}',
        '\u{200f}',
        '\u{2028}',
        '\u{2029}',
        '\u{202a}',
        '\u{202e}',
        '\u{2060}',
        '\u{2066}',
        '\u{2069}',
        '\u{206f}',
        '\u{3164}',
        '\u{fe00}',
        '\u{fe0e}',
        '\u{feff}',
        '\u{ffa0}',
        '\u{fff0}',
        '\u{1bca0}',
        '\u{1d173}',
        '\u{e0001}',
        '\u{e0041}',
        '\u{e007f}',
        '\u{e0100}',
        '\u{e01ef}',
    ] {
        assert_eq!(hidden(&format!("before{bad}after")), Some(bad), "{bad:?}");
    }
}

#[test]
fn a_line_is_short_and_not_empty() {
    assert!(is_line("x", 1) && is_line("\u{e9}\u{e9}", 2));
    for bad in ["", "  ", "abc", "\t", "a\n", "\u{200b}"] {
        assert!(!is_line(bad, 2), "{bad:?}");
    }
}

#[test]
fn what_hides_or_poses_is_shown() {
    let cases = [
        "plain\ttext\nof two lines",
        "\u{dc}bergr\u{f6}\u{df}e, \u{65e5}\u{672c}\u{8a9e}\u{306e}, \u{627}\u{644}\u{639}, \u{43f}\u{440}\u{438}\u{432}\u{435}\u{442}",
        "\u{1f469}\u{200d}\u{1f4bb} 5 \u{b5}m, na\u{ef}ve",
        "Reads\u{202e}setirW\u{202c} issues.",
        "Reads\u{e0049}\u{e0067} issues.",
        "Reads iss\u{200b}ues.\u{1b}[2J",
        "p\u{430}ypal and \u{406}MPORTANT",
    ];
    let shown: Vec<_> = cases.iter().map(|case| visible(case)).collect();
    insta::assert_snapshot!(shown.join("\n"));
}
