//! The table of backends by features in the documentation, made of what the suite found out.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::report::{Feature, Report};

const BEGIN: &str = "<!-- The suite of conformance writes this table: models/tests/it -->\n";
const END: &str = "<!-- The end of the table -->\n";

/// Holds the documentation to the reports, or writes it.
///
/// # Panics
/// Where it says something else.
pub(crate) fn hold(reports: &[&Report], write: bool) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/models.md");
    let text = std::fs::read_to_string(&file).unwrap();
    let (before, rest) = text
        .split_once(BEGIN)
        .expect("docs/models.md says where the table begins");
    let (_, after) = rest.split_once(END).expect("docs/models.md says where the table ends");
    let fresh = format!("{before}{BEGIN}{}{END}{after}", table(reports));
    if write {
        std::fs::write(&file, fresh).unwrap();
    } else {
        assert!(
            text == fresh,
            "the table of docs/models.md is stale; run the test with SKILLHOST_BLESS=1"
        );
    }
}

/// Columns that every backend has in the same way are one sentence; reasons are notes below.
fn table(reports: &[&Report]) -> String {
    let same = |feature: &Feature| reports.iter().all(|report| report.cell(*feature) == Some("yes"));
    let (everywhere, columns): (Vec<_>, Vec<_>) = Feature::ALL.into_iter().partition(same);
    let names = |features: &[Feature]| features.iter().map(|feature| feature.name()).collect::<Vec<_>>();
    let mut text = format!("\nEvery backend: {}.\n\n", names(&everywhere).join(", "));
    writeln!(text, "| backend | {} |", names(&columns).join(" | ")).unwrap();
    writeln!(text, "|{}", "---|".repeat(columns.len() + 1)).unwrap();
    let mut notes: Vec<&str> = Vec::new();
    for report in reports {
        write!(text, "| {} |", report.row.shown).unwrap();
        for column in &columns {
            match (report.cell(*column), report.row.lacks.get(column.name())) {
                (Some(cell), _) => write!(text, " {cell} |").unwrap(),
                (None, reason) => write!(text, " no ({}) |", note(&mut notes, reason.unwrap())).unwrap(),
            }
        }
        text.push('\n');
    }
    text.push('\n');
    for (place, note) in notes.iter().enumerate() {
        writeln!(text, "{}. {note}", place + 1).unwrap();
    }
    text.push('\n');
    text
}

/// The number of a reason.
fn note<'a>(notes: &mut Vec<&'a str>, reason: &'a str) -> usize {
    let known = notes.iter().position(|note| *note == reason);
    known.unwrap_or_else(|| {
        notes.push(reason);
        notes.len() - 1
    }) + 1
}
