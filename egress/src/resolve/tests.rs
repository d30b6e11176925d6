//! What a resolver answers and what is connected to.

use proptest::prelude::*;

use super::*;
use crate::rule::RuleSettings;

/// Answers always the same.
struct Fixed(Vec<IpAddr>);

#[async_trait]
impl Resolve for Fixed {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(self.0.clone())
    }
}

fn judged(answer: Vec<IpAddr>) -> Result<Judged, Error> {
    let mut settings = RuleSettings::new("test", "https://api.example.test/");
    settings.networks = vec!["10.0.0.0/8".to_owned()];
    let rule = Rule::new(settings).unwrap();
    let target = rule.below("/").unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(Judged::new(&rule, &target, &Fixed(answer)))
}

fn address() -> impl Strategy<Value = IpAddr> {
    let known = [
        "8.8.8.8",
        "10.1.2.3",
        "127.0.0.1",
        "169.254.169.254",
        "2606:4700::1111",
        "::1",
        "::ffff:10.0.0.1",
        "fd00::1",
    ];
    let known = proptest::sample::select(known.to_vec()).prop_map(|text| text.parse().unwrap());
    prop_oneof![2 => known, 1 => any::<IpAddr>()]
}

#[test]
fn no_answer_is_no_address() {
    assert_eq!(judged(Vec::new()).unwrap_err().code(), Code::NameUnresolved);
}

proptest! {
    /// Whatever is connected to is in the answer and allowed, and one forbidden address forbids all.
    #[test]
    fn only_allowed_addresses_are_connected_to(answer in proptest::collection::vec(address(), 1..12)) {
        let networks = crate::address::Networks::parse(&["10.0.0.0/8".to_owned()]).unwrap();
        let allowed = answer.iter().all(|address| networks.judge(*address).is_ok());
        match judged(answer.clone()) {
            Ok(judged) => {
                prop_assert!(allowed);
                let addresses: Vec<IpAddr> = judged.addresses().iter().map(SocketAddr::ip).collect();
                prop_assert_eq!(&addresses[..], &answer[..answer.len().min(TRIED)]);
                prop_assert!(judged.addresses().iter().all(|address| address.port() == 443));
            }
            Err(error) => {
                prop_assert!(!allowed);
                prop_assert_eq!(error.code(), Code::AddressForbidden);
            }
        }
    }
}
