//! Where a call is answered, and where it must be.

#[cfg(test)]
mod tests;

use crate::price::Region;

/// Where a backend answers, as its provider promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stands {
    /// The region or location, as the provider names it.
    pub region: Option<String>,
    /// The part of the world, such as `eu`; nothing where it may be any.
    pub geo: Option<String>,
    /// Whether it is answered in that region alone, and not anywhere in that part of the world.
    pub in_region: bool,
}

/// Where calls must be answered. It is a hard rule: a backend of which it is not known does not qualify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Residency {
    /// The part of the world, such as `eu`.
    pub geo: String,
    /// Whether one region of it has to answer alone.
    pub in_region: bool,
}

impl Stands {
    /// Anywhere.
    pub const fn anywhere() -> Self {
        Self {
            region: None,
            geo: None,
            in_region: false,
        }
    }

    /// Anywhere in one part of the world.
    pub fn in_geo(geo: &str) -> Self {
        Self {
            region: None,
            geo: Some(geo.to_ascii_lowercase()),
            in_region: false,
        }
    }

    /// In one region of a cloud, whose part of the world its name says.
    pub fn in_region(region: &str) -> Self {
        Self {
            geo: geo(region).map(str::to_owned),
            region: Some(region.to_owned()),
            in_region: true,
        }
    }

    /// The same, as price lists tell places apart.
    pub(crate) fn price_region(&self) -> Region<'_> {
        match (&self.region, &self.geo) {
            (Some(region), _) if self.in_region => Region::In(region),
            (_, Some(geo)) => Region::Geo(geo),
            (_, None) => Region::Global,
        }
    }
}

impl Residency {
    /// Whether what a backend promises is enough.
    ///
    /// # Errors
    /// What it promises instead, as a part of a sentence.
    pub fn allows(&self, stands: &Stands) -> Result<(), String> {
        match &stands.geo {
            None => Err("may answer from anywhere".to_owned()),
            Some(geo) if *geo != self.geo => Err(format!("answers from `{geo}`")),
            Some(geo) if self.in_region && !stands.in_region => Err(format!("may answer from any region of `{geo}`")),
            Some(_) => Ok(()),
        }
    }

    /// Whether what a reply says of its place agrees.
    pub fn holds_for(&self, place: &str) -> bool {
        let place = place.to_ascii_lowercase();
        place == self.geo || geo(&place) == Some(self.geo.as_str())
    }
}

/// The part of the world that a region of Amazon, Google, Oracle or Azure lies in, by its name; nothing for one that says
/// nothing.
pub fn geo(region: &str) -> Option<&'static str> {
    const BY_PREFIX: [(&str, &str); 22] = [
        ("us-gov-", "us-gov"),
        ("us-", "us"),
        ("eu-", "eu"),
        ("europe-", "eu"),
        ("northamerica-", "ca"),
        ("ca-", "ca"),
        ("ap-northeast-1", "jp"),
        ("ap-northeast-3", "jp"),
        ("ap-southeast-2", "au"),
        ("ap-southeast-4", "au"),
        ("ap-south-", "in"),
        ("ap-tokyo-", "jp"),
        ("ap-osaka-", "jp"),
        ("ap-sydney-", "au"),
        ("ap-melbourne-", "au"),
        ("ap-mumbai-", "in"),
        ("ap-hyderabad-", "in"),
        ("asia-northeast1", "jp"),
        ("asia-northeast2", "jp"),
        ("asia-south", "in"),
        ("australia-", "au"),
        ("me-", "me"),
    ];
    // London and Zürich lie in Europe and not in the European Union.
    const OUTSIDE: [&str; 7] = [
        "eu-west-2",
        "eu-central-2",
        "europe-west2",
        "europe-west6",
        "eu-zurich-1",
        "uk-london-1",
        "eu-jovanovac-1",
    ];
    if OUTSIDE.contains(&region) {
        return None;
    }
    let found = BY_PREFIX.iter().find(|(prefix, _)| region.starts_with(prefix));
    found.map(|(_, geo)| *geo)
}
