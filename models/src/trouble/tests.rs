//! What headers ask for.

use std::time::Duration;

use http::HeaderMap;

use super::{retry_after, should_retry};

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    pairs.collect()
}

#[test]
fn milliseconds_go_before_seconds_and_both_before_dates() {
    for (pairs, expected) in [
        (&[][..], None),
        (
            &[("retry-after-ms", "250"), ("retry-after", "7")][..],
            Some(Duration::from_millis(250)),
        ),
        (&[("retry-after", "7")][..], Some(Duration::from_secs(7))),
        (&[("retry-after", "1.5")][..], Some(Duration::from_millis(1500))),
        (
            &[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")][..],
            Some(Duration::ZERO),
        ),
        (&[("retry-after", "1e30")][..], Some(Duration::MAX)),
        (&[("retry-after", "soon")][..], None),
        (&[("retry-after", "-1")][..], None),
        (&[("retry-after", "NaN")][..], None),
    ] {
        assert_eq!(retry_after(&headers(pairs)), expected, "{pairs:?}");
    }
    let later = httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(90));
    let asked = retry_after(&headers(&[("retry-after", &later)])).unwrap();
    assert!((80..=90).contains(&asked.as_secs()), "{asked:?}");
}

#[test]
fn a_provider_may_overrule_its_status() {
    assert_eq!(should_retry(&headers(&[])), None);
    assert_eq!(should_retry(&headers(&[("x-should-retry", "true")])), Some(true));
    assert_eq!(should_retry(&headers(&[("x-should-retry", "false")])), Some(false));
    assert_eq!(should_retry(&headers(&[("x-should-retry", "maybe")])), None);
}
