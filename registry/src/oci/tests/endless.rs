//! Row B9: data without an end is cut off, wherever it comes.

use super::*;

/// What may come instead of the bytes of a step, given their media type and themselves.
type Flood = fn(&'static str, &Bytes) -> Answer;
/// Whose patience ends it: the others are cut off at once.
const WAITED_FOR: [&str; 2] = ["drips", "stalls"];

const FLOODS: [(&str, Flood); 9] = [
    ("endless", |media_type, _| answer::endless(media_type)),
    ("drips", |media_type, _| {
        answer::drip(media_type, Duration::from_millis(100))
    }),
    ("stalls", |media_type, _| answer::stall(media_type)),
    ("promises a tebibyte", |media_type, _| {
        answer::promised(media_type, 1 << 40)
    }),
    ("one byte more", |media_type, bytes| {
        answer::ok(media_type, &[bytes, &b" "[..]].concat().into())
    }),
    ("a length that is too long", |media_type, bytes| {
        answer::wrong_length(media_type, bytes, bytes.len() + 1)
    }),
    ("a length that is too short", |media_type, bytes| {
        answer::wrong_length(media_type, bytes, bytes.len() - 1)
    }),
    ("a bomb of gzip", |media_type, _| answer::gzip_bomb(media_type, 16)),
    ("a mebibyte of headers", |_, _| answer::headers(1 << 20)),
];

#[tokio::test]
async fn b9_data_without_an_end_is_cut_off_at_every_step() {
    let mut told = String::new();
    for (what, flood) in FLOODS {
        let codes = join_all(Step::PULL.map(|step| at(step, what, flood))).await;
        told.push_str(&format!("{what}: {}\n", codes.join(", ")));
    }
    insta::assert_snapshot!(told, @r"
    endless: artifact-too-large, artifact-too-large, artifact-too-large, artifact-too-large, artifact-too-large, artifact-too-large
    drips: registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable
    stalls: registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable
    promises a tebibyte: artifact-too-large, artifact-too-large, artifact-too-large, artifact-too-large, artifact-too-large, artifact-too-large
    one byte more: pulled, artifact-too-large, artifact-too-large, pulled, digest-mismatch, artifact-too-large
    a length that is too long: registry-unreachable, artifact-too-large, artifact-too-large, registry-unreachable, registry-unreachable, artifact-too-large
    a length that is too short: artifact-malformed, digest-mismatch, digest-mismatch, artifact-malformed, digest-mismatch, digest-mismatch
    a bomb of gzip: registry-misbehaved, registry-misbehaved, registry-misbehaved, registry-misbehaved, registry-misbehaved, registry-misbehaved
    a mebibyte of headers: registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable, registry-unreachable
    ");
}

async fn at(step: Step, what: &str, flood: Flood) -> String {
    let mut registry = honest();
    let content = registry.artifact().content(step);
    registry.at(step, move |_| flood(content.media_type, &content.bytes));
    let running = listen(registry).await;
    told(&running, WAITED_FOR.contains(&what)).await
}

/// Ten million signatures, each page naming the next, none of which is ever looked at.
#[tokio::test]
async fn b9_a_list_of_signatures_is_bounded() {
    let lists: [(&str, Edit); 5] = [
        ("ten million", |registry| {
            registry.at(Step::Referrers, |asked| {
                let next = format!("{}?page={}", asked.path, (asked.nth + 1) % 200_000);
                answer::page(&document::many(asked.nth * 50, 50), &next)
            });
        }),
        ("a circle of empty pages", |registry| {
            registry.at(Step::Referrers, |_| answer::page(&document::index([]), "?page=again"));
        }),
        ("51 on one page", |registry| {
            registry.at(Step::Referrers, |_| answer::ok(INDEX, &document::many(0, 51)));
        }),
        ("a page of more than four mebibytes", |registry| {
            registry.at(Step::Referrers, |_| answer::ok(INDEX, &document::many(0, 20_000)));
        }),
        ("51 in the list that clients keep", |registry| {
            registry.without_referrers();
            registry.at(Step::Fallback, |_| answer::ok(INDEX, &document::many(0, 51)));
        }),
    ];
    let mut told = String::new();
    for (what, edit) in lists {
        let mut registry = honest();
        edit(&mut registry);
        let running = listen(registry).await;
        let refused = pull_with(&running, settings(&running)).await.unwrap_err();
        let signatures = running
            .seen()
            .iter()
            .filter(|seen| seen.path.contains("manifests/sha256:"))
            .count();
        let lists = running
            .seen()
            .iter()
            .filter(|seen| seen.path.contains("/referrers/"))
            .count();
        told.push_str(&format!(
            "{what}: {}, {lists} lists, {signatures} signatures asked\n",
            refused.code()
        ));
    }
    insta::assert_snapshot!(told, @r"
    ten million: artifact-too-large, 2 lists, 0 signatures asked
    a circle of empty pages: artifact-too-large, 3 lists, 0 signatures asked
    51 on one page: artifact-too-large, 1 lists, 0 signatures asked
    a page of more than four mebibytes: artifact-too-large, 1 lists, 0 signatures asked
    51 in the list that clients keep: artifact-too-large, 1 lists, 0 signatures asked
    ");
}
