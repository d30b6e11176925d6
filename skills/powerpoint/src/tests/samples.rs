//! Outlines that between them use everything a deck can show.

use super::{Bullet, Outline, Section, Slide, Table};

pub(super) fn all() -> Vec<(&'static str, Outline)> {
    vec![
        ("everything", everything()),
        (
            "smallest",
            outline("One slide", vec![section(None, vec![slide("Nothing more")])]),
        ),
        ("overflow", overflow()),
        ("scripts", scripts()),
        (
            "yellow",
            Outline {
                theme_colour: Some("#FFD60A".to_owned()),
                ..everything()
            },
        ),
        (
            "wine",
            Outline {
                theme_colour: Some("7A1F3D".to_owned()),
                ..everything()
            },
        ),
    ]
}

/// What `tests/pptx/everything.json` says too.
pub(super) fn everything() -> Outline {
    let points = Slide {
        bullets: Some(vec![
            bullet("Subscriptions carry the growth", 0),
            bullet("Two large renewals in August", 1),
            bullet("One of them for three years", 2),
            bullet("Services are flat, as planned", 0),
            bullet("Churn fell below 2 % for the first time", 0),
        ]),
        notes: Some("Thank the renewals team by name.\nThen pause.".to_owned()),
        ..slide("Revenue grew by a fifth")
    };
    let compared = Slide {
        table: Some(table(
            &["Region", "Lead", "Q2 (M€)", "Q3 (M€)", "Change"],
            &[
                &["North", "Aino Virtanen", "1.9", "2.4", "+26 %"],
                &["South", "Beatriz Costa", "1.1", "1.3", "+18 %"],
                &["East", "Kim Seo-yeon", "0.8", "0.7", "−12 %"],
                &["West", "", "1.5", "1.9", "+27 %"],
            ],
        )),
        ..slide("Every region but one contributed")
    };
    let both = Slide {
        bullets: Some(vec![
            bullet("Hiring follows bookings by one quarter", 0),
            bullet("Tools & <licences> are in \"other\"", 0),
        ]),
        table: Some(table(
            &["Cost", "Plan", "Actual"],
            &[
                &["People", "3,100", "2,950"],
                &["Cloud", "420", "465"],
                &["Other", "180", "171"],
            ],
        )),
        notes: Some("The cloud figure includes the migration.".to_owned()),
        ..slide("Costs stayed within plan")
    };
    let next = Slide {
        bullets: Some(vec![
            bullet("Decide on the Lisbon office by 15 October", 0),
            bullet("Approve two more engineers for the platform", 0),
        ]),
        ..slide("What we ask of you today")
    };
    Outline {
        subtitle: Some("Board meeting, 2 October".to_owned()),
        author: Some("Finance".to_owned()),
        theme_colour: Some("#0F766E".to_owned()),
        ..outline(
            "Third quarter in review",
            vec![
                section(Some("Where we stand"), vec![points, compared]),
                section(Some("Where we go"), vec![both, next]),
            ],
        )
    }
}

/// More than fits: long titles, many points, long tables.
pub(super) fn overflow() -> Outline {
    let long = "A point that is long enough to take more than one line on a slide, because somebody pasted a whole \
                sentence, or rather two, from a report";
    let many = (0..22).map(|number| bullet(&format!("{number}: {long}"), u8::from(number % 3 > 0)));
    let rows: Vec<Vec<String>> = (1..=45)
        .map(|row| {
            vec![
                format!("Item {row}"),
                "A remark about it that is rather long".to_owned(),
                format!("{}", row * 37),
            ]
        })
        .collect();
    let wide = [
        "Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta", "Theta", "Iota", "Kappa",
    ];
    outline(
        &format!(
            "{} and so on",
            "The title of this deck is far too long for anybody to read aloud in one breath".repeat(2)
        ),
        vec![section(
            Some(&"A section whose title takes several lines as well ".repeat(3)),
            vec![
                Slide {
                    bullets: Some(many.collect()),
                    notes: Some("Notes are on the first part only.".to_owned()),
                    ..slide(&"A title that goes on and on ".repeat(7))
                },
                Slide {
                    bullets: Some((0..9).map(|_| bullet(long, 0)).collect()),
                    ..slide("Slightly too much is shrunk")
                },
                Slide {
                    table: Some(Table {
                        header: vec!["Name".to_owned(), "Remark".to_owned(), "Amount".to_owned()],
                        rows,
                    }),
                    ..slide("A long table")
                },
                Slide {
                    table: Some(table(&wide, &[&["1000000"; 10], &["a few words here"; 10]])),
                    ..slide("A wide table")
                },
            ],
        )],
    )
}

/// Scripts from right to left, without spaces, and emoji.
pub(super) fn scripts() -> Outline {
    let points = |texts: &[&str]| Some(texts.iter().map(|text| bullet(text, 0)).collect());
    outline(
        "Languages 🌍",
        vec![section(
            None,
            vec![
                Slide {
                    bullets: points(&["مرحبا بالعالم", "ثلاث نقاط تكفي", "شكرا 🙏"]),
                    notes: Some("تحدث ببطء".to_owned()),
                    ..slide("نمت الإيرادات بمقدار الخمس")
                },
                Slide {
                    table: Some(table(&["שם", "סכום"], &[&["צפון", "12"], &["דרום", "7"]])),
                    ..slide("כל האזורים תרמו")
                },
                Slide {
                    bullets: points(&["売上は五分の一増加しました", "解約率は初めて二パーセントを下回りました"]),
                    ..slide("第三四半期の振り返り")
                },
                Slide {
                    bullets: points(&[
                        "Family: 👨‍👩‍👧‍👦, flag: 🇵🇹, thumbs: 👍🏽",
                        "a < b && c > d; it's \"quoted\"",
                        "Two\nlines",
                    ]),
                    ..slide("Emoji & <markup> survive")
                },
            ],
        )],
    )
}

pub(super) fn outline(title: &str, sections: Vec<Section>) -> Outline {
    Outline {
        title: title.to_owned(),
        subtitle: None,
        author: None,
        theme_colour: None,
        sections,
    }
}

pub(super) fn section(title: Option<&str>, slides: Vec<Slide>) -> Section {
    Section {
        title: title.map(str::to_owned),
        slides,
    }
}

pub(super) fn slide(title: &str) -> Slide {
    Slide {
        title: title.to_owned(),
        bullets: None,
        table: None,
        notes: None,
    }
}

pub(super) fn bullet(text: &str, level: u8) -> Bullet {
    Bullet {
        text: text.to_owned(),
        level: Some(level),
    }
}

pub(super) fn table(header: &[&str], rows: &[&[&str]]) -> Table {
    let cells = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
    Table {
        header: cells(header),
        rows: rows.iter().map(|row| cells(row)).collect(),
    }
}
