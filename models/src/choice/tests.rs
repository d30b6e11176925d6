//! Who is asked, and in which order.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use gate::call::model::{Ask, Message, ModelCall, Part, Prompt, Role};
use gate::{Action, Backend, Carried, Choose, Cleared, Failure};

use super::breaker::Breaker;
use super::{Candidate, Choice, Member, Order};
use crate::dialect::Unfit;
use crate::residency::{Residency, Stands};

/// A backend of which only its place, its price and what it cannot do matter.
struct Fake {
    name: &'static str,
    stands: Stands,
    worst: Option<u64>,
    unfit: bool,
}

#[async_trait]
impl Backend for Fake {
    async fn carry(&self, _call: &Cleared) -> Result<Carried, Failure> {
        unreachable!("nothing is carried here")
    }

    fn worst(&self, _action: &Action) -> Option<u64> {
        self.worst
    }
}

impl Candidate for Fake {
    fn name(&self) -> &str {
        self.name
    }

    fn stands(&self) -> &Stands {
        &self.stands
    }

    fn ready(self: Arc<Self>, _call: &ModelCall) -> Result<Arc<dyn Backend>, Unfit> {
        match self.unfit {
            true => Err(Unfit::new("images", "this model takes no images; leave them out")),
            false => Ok(self),
        }
    }
}

fn fake(name: &'static str, geo: &str, worst: Option<u64>) -> Fake {
    Fake {
        name,
        stands: Stands::in_geo(geo),
        worst,
        unfit: false,
    }
}

fn member(fake: Fake, weight: u32) -> Member {
    let account = fake.name.to_owned();
    Member::new(Arc::new(fake), account, weight)
}

fn question() -> Action {
    let message = Message {
        role: Role::User,
        parts: vec![Part::Text("Hello?".to_owned())],
        cache: false,
    };
    let prompt = Prompt {
        messages: vec![message],
        ..Prompt::default()
    };
    Action::Model(ModelCall::new(Ask::Complete(Box::new(prompt))).unwrap())
}

fn asked(choice: &Choice) -> String {
    match choice.routes(&question()) {
        Ok(routes) => routes
            .iter()
            .map(|route| route.account.as_str())
            .collect::<Vec<_>>()
            .join(" "),
        Err(nobody) => format!("{}: {}", nobody.code, nobody.told),
    }
}

#[test]
fn those_that_qualify_are_asked_in_the_order_that_is_set() {
    let members = || {
        vec![
            member(fake("dear", "eu", Some(9)), 1),
            member(fake("unknown", "eu", None), 1),
            member(fake("cheap", "us", Some(1)), 1),
            member(fake("fair", "eu", Some(5)), 1),
        ]
    };
    let eu = Residency {
        geo: "eu".to_owned(),
        in_region: false,
    };
    assert_eq!(
        asked(&Choice::new(Order::Listed, None, members())),
        "dear unknown cheap fair"
    );
    assert_eq!(
        asked(&Choice::new(Order::Cheapest, None, members())),
        "cheap fair dear unknown"
    );
    assert_eq!(
        asked(&Choice::new(Order::Cheapest, Some(eu), members())),
        "fair dear unknown"
    );
}

#[test]
fn where_nobody_qualifies_each_reason_is_told() {
    let blind = Fake {
        unfit: true,
        ..fake("blind", "eu", None)
    };
    let far = fake("far", "us", None);
    let residency = Some(Residency {
        geo: "eu".to_owned(),
        in_region: false,
    });
    let choice = Choice::new(Order::Listed, residency, vec![member(blind, 1), member(far, 1)]);
    insta::assert_snapshot!(asked(&choice), @"nobody-qualifies: no backend of this binding can take the call (`blind`: this model takes no images; leave them out; `far`: answers from `us`); ask for less, or ask the operator to add one");
}

/// 2,000 draws of weights 3 and 1: the first leads 1,500 times, and the chance that it is off by more than 150 is less than
/// one in ten thousand million.
#[test]
fn weights_are_how_often_one_is_first() {
    let members = vec![
        member(fake("often", "eu", None), 3),
        member(fake("seldom", "eu", None), 1),
        member(fake("never", "eu", None), 0),
    ];
    let choice = Choice::new(Order::Weighted, None, members);
    let mut first = 0_u32;
    for _ in 0..2000 {
        let order = asked(&choice);
        assert!(order.ends_with("never"), "{order}");
        first += u32::from(order.starts_with("often"));
    }
    assert!((1350..=1650).contains(&first), "{first}");
}

#[tokio::test(start_paused = true)]
async fn who_fails_five_times_rests_and_is_tried_again_once() {
    let breaker = Breaker::default();
    let fails = || breaker.begin().failed();
    (0..4).for_each(|_| fails());
    assert!(breaker.is_closed());
    drop(breaker.begin());
    assert!(!breaker.is_closed(), "a call that was broken off counts");
    tokio::time::advance(Duration::from_secs(31)).await;
    assert!(breaker.is_closed());
    fails();
    assert!(!breaker.is_closed());
    tokio::time::advance(Duration::from_secs(31)).await;
    breaker.begin().answered();
    (0..4).for_each(|_| fails());
    assert!(breaker.is_closed());
}

#[tokio::test(start_paused = true)]
async fn who_rests_is_asked_last() {
    let members = vec![
        member(fake("tired", "eu", None), 1),
        member(fake("fresh", "eu", None), 1),
    ];
    let choice = Choice::new(Order::Listed, None, members);
    (0..5).for_each(|_| choice.members[0].breaker.begin().failed());
    assert_eq!(asked(&choice), "fresh tired");
    tokio::time::advance(Duration::from_secs(31)).await;
    assert_eq!(asked(&choice), "tired fresh");
}
