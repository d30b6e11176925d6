//! The time of a site: it stands still, and goes on by a second with each change.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// When the first change happens.
const START: i64 = 1_767_225_600;

#[derive(Clone, Copy, Debug)]
pub(super) struct Clock(Timestamp);

impl Clock {
    pub(super) fn new() -> Self {
        Self(Timestamp::from_second(START).unwrap_or_default())
    }

    pub(super) const fn now(self) -> Timestamp {
        self.0
    }

    /// The time of a change, which takes a second.
    pub(super) fn tick(&mut self) -> Timestamp {
        let now = self.0;
        self.0 = now.saturating_add(SignedDuration::from_secs(1)).unwrap_or(now);
        now
    }
}

/// As Jira writes it, such as `2026-01-01T00:00:00.000+0000`.
pub(super) fn written(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string()
}

/// As HTTP writes it (RFC 9110, section 5.6.7).
pub(super) fn http(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC)
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}

/// A time as JQL names it: so long before now (`-2h`), a day, or a minute of a day.
pub(super) fn named(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Some(ago) = text.strip_prefix('-') {
        let unit = ago.chars().last()?;
        let seconds = match unit {
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        let count: i64 = ago.strip_suffix(unit)?.parse().ok()?;
        return now
            .checked_sub(SignedDuration::from_secs(count.checked_mul(seconds)?))
            .ok();
    }
    let text = text.replace('/', "-");
    let day = format!("{text} 00:00");
    ["%Y-%m-%d %H:%M"].iter().find_map(|form| {
        let read = |text: &str| {
            jiff::civil::DateTime::strptime(form, text)
                .ok()?
                .to_zoned(TimeZone::UTC)
                .ok()
        };
        Some(read(&text).or_else(|| read(&day))?.timestamp())
    })
}
