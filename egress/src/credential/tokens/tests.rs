//! How long a token is kept, by a clock that the test moves.

use tokio::time::advance;

use super::*;

/// Nobody is asked here.
struct Nobody;

#[async_trait]
impl Tokens for Nobody {
    async fn token(&self) -> Result<Token, Error> {
        unreachable!("tokens are handed over by hand")
    }
}

fn source() -> TokenSource {
    TokenSource::of("tokens", Nobody, Duration::from_secs(100), None)
}

fn fetched(source: &TokenSource, seconds: Option<u64>) {
    let token = Token {
        token: Secret::new("s3cret"),
        lifetime: seconds.map(Duration::from_secs),
    };
    source.0.finish(Ok(token)).unwrap();
}

fn at_hand(source: &TokenSource) -> bool {
    source.0.state().at_hand().is_some()
}

/// Said life, last second in which it is used.
#[tokio::test(start_paused = true)]
async fn a_token_is_used_until_shortly_before_it_ends() {
    for (said, last) in [
        (Some(3600), 3539),
        (Some(300), 239),
        (Some(100), 79),
        (Some(5), 3),
        (None, 79),
    ] {
        let source = source();
        assert!(!at_hand(&source));
        fetched(&source, said);
        assert!(at_hand(&source));
        advance(Duration::from_secs(last)).await;
        assert!(at_hand(&source), "{said:?}");
        advance(Duration::from_secs(1)).await;
        assert!(!at_hand(&source), "{said:?}");
    }
    let source = source();
    fetched(&source, Some(0));
    assert!(!at_hand(&source));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_remembered_for_a_while_and_a_failure_is_not() {
    let source = source();
    let error = |code| source.0.finish(Err(Error::new(code, "No."))).map(|_| ()).unwrap_err();
    error(Code::TokenUnavailable);
    assert!(!at_hand(&source));
    error(Code::TokenRefused);
    assert!(at_hand(&source));
    advance(REFUSED).await;
    assert!(!at_hand(&source));
}

/// A reply that came late does not take a newer token away.
#[tokio::test(start_paused = true)]
async fn only_the_token_that_was_used_is_forgotten() {
    let source = source();
    fetched(&source, Some(3600));
    let first = source.applied().await.unwrap().stamp().unwrap();
    fetched(&source, Some(3600));
    source.invalidate(first);
    let second = source.applied().await.unwrap().stamp().unwrap();
    assert_ne!(first, second);
    source.invalidate(second);
    assert!(!at_hand(&source));
}
