//! Which promises are enough.

use super::{Residency, Stands, geo};

fn residency(geo: &str, in_region: bool) -> Residency {
    Residency {
        geo: geo.to_owned(),
        in_region,
    }
}

#[test]
fn only_what_is_promised_counts() {
    for (stands, geo_alone, one_region) in [
        (
            Stands::anywhere(),
            "may answer from anywhere",
            "may answer from anywhere",
        ),
        (Stands::in_geo("eu"), "", "may answer from any region of `eu`"),
        (Stands::in_geo("EU"), "", "may answer from any region of `eu`"),
        (Stands::in_geo("us"), "answers from `us`", "answers from `us`"),
        (Stands::in_region("eu-central-1"), "", ""),
        (Stands::in_region("us-east-1"), "answers from `us`", "answers from `us`"),
        // London and Zürich are not in the Union, and a name that says nothing promises nothing.
        (
            Stands::in_region("eu-west-2"),
            "may answer from anywhere",
            "may answer from anywhere",
        ),
        (
            Stands::in_region("europe-west6"),
            "may answer from anywhere",
            "may answer from anywhere",
        ),
        (
            Stands::in_region("swedencentral"),
            "may answer from anywhere",
            "may answer from anywhere",
        ),
    ] {
        let against = |residency: Residency| residency.allows(&stands).err().unwrap_or_default();
        assert_eq!(against(residency("eu", false)), geo_alone, "{stands:?}");
        assert_eq!(against(residency("eu", true)), one_region, "{stands:?}");
    }
}

#[test]
fn what_a_reply_says_of_its_place_is_believed_only_where_it_agrees() {
    let eu = residency("eu", false);
    for (place, holds) in [
        ("eu", true),
        ("EU", true),
        ("eu-west-1", true),
        ("us", false),
        ("global", false),
        ("", false),
    ] {
        assert_eq!(eu.holds_for(place), holds, "{place}");
    }
}

#[test]
fn the_longest_name_decides() {
    for (region, expected) in [
        ("us-gov-west-1", Some("us-gov")),
        ("us-west-2", Some("us")),
        ("ap-northeast-1", Some("jp")),
        ("ap-northeast-2", None),
        ("asia-northeast1", Some("jp")),
        ("asia-northeast3", None),
        ("europe-west4", Some("eu")),
        ("eu-frankfurt-1", Some("eu")),
        ("uk-london-1", None),
    ] {
        assert_eq!(geo(region), expected, "{region}");
    }
}
