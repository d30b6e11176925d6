//! One HTTP binding as it is configured becomes one that carries calls.

use std::sync::Arc;
use std::time::Duration;

use egress::{Client, Request, Rule, RuleSettings};
use gate::call::http::{HttpRules, Key};
use gate::{Bound, Carriers, Retry, Route, Rules};
use http::{HeaderName, HeaderValue, Method};

use super::credential::{self, Read};
use super::error::{BindingError, of_egress};
use super::maker::{GRACE, Maker, roots, timed, within};
use super::settings::{HttpSettings, IdempotencySettings};
use crate::backend::HttpBackend;
use crate::run::limits::RunLimits;

impl Maker<'_> {
    /// Makes the binding, and lets its secrets be known.
    ///
    /// # Errors
    /// Where a setting cannot hold.
    pub(super) fn bound(&self, settings: &HttpSettings) -> Result<Bound, BindingError> {
        timed(settings.timeout)?;
        let key = settings.idempotency.as_ref().map(key).transpose()?;
        let rules = rules(settings, key)?;
        let rule = self.rule(settings, &rules)?;
        let login = self.login(settings)?;
        let account = self.account(&rule, &settings.url, login.iter().flat_map(|login| &login.account))?;
        let client = Client::new(rule, login.map(|login| login.credential), Arc::clone(&self.resolver));
        check_key(&client, &rules)?;
        Ok(Bound {
            carriers: Carriers::One(Route {
                backend: Arc::new(HttpBackend::new(client, rules.clone())),
                account,
            }),
            rules: Rules::Http(rules),
            timeout: settings.timeout + GRACE,
            retry: Retry::default(),
        })
    }

    fn login(&self, settings: &HttpSettings) -> Result<Option<Read>, BindingError> {
        let Some(credential) = &settings.credential else {
            return Ok(None);
        };
        let (resolver, watch) = (Arc::clone(&self.resolver), self.watch(&self.label));
        let login = Read::new(self.name, settings, credential, resolver, watch)?;
        self.known(&self.label, login).map(Some)
    }

    fn rule(&self, settings: &HttpSettings, rules: &HttpRules) -> Result<Rule, BindingError> {
        let mut rule = RuleSettings::new(self.name, &settings.url);
        rule.plain_http = settings.plain_http;
        rule.networks.clone_from(&settings.private_networks);
        rule.encoded_slashes = settings.encoded_slashes;
        rule.roots = roots(settings.roots.as_ref())?;
        rule.owned_headers = rules.key.iter().map(|key| key.header.clone()).collect();
        // What one run may send and get is the gate's to judge, up to what any may.
        let most = RunLimits::ceiling();
        rule.caps.request_body = most.request;
        (rule.caps.reply_body, rule.caps.decompressed) = (most.reply, most.reply);
        within(&mut rule.times, settings.timeout);
        Rule::new(rule).map_err(of_egress(""))
    }
}

fn key(settings: &IdempotencySettings) -> Result<Key, BindingError> {
    let header: HeaderName = settings
        .header
        .parse()
        .map_err(|_| BindingError::new("idempotency.header", "this is no name of a header"))?;
    if settings.window < Duration::from_secs(1) {
        let told = "say how long the service remembers a key, such as \"24h\"";
        return Err(BindingError::new("idempotency.window", told));
    }
    let shaped = |method: &String| !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    if settings.methods.is_empty() || !settings.methods.iter().all(shaped) {
        let told = "name at least one method, in capitals, such as \"POST\"";
        return Err(BindingError::new("idempotency.methods", told));
    }
    Ok(Key {
        header: header.as_str().to_owned(),
        window_s: settings.window.as_secs(),
        methods: settings.methods.clone(),
    })
}

/// With a credential, everything by which a skill could log in as somebody else belongs to the binding.
fn rules(settings: &HttpSettings, key: Option<Key>) -> Result<HttpRules, BindingError> {
    let mut owned: Vec<String> = Vec::new();
    if let Some(credential) = &settings.credential {
        owned.extend(["authorization", "cookie"].map(str::to_owned));
        owned.push(credential::header(credential));
        owned.sort_unstable();
        owned.dedup();
    }
    if key.as_ref().is_some_and(|key| owned.contains(&key.header)) {
        return Err(BindingError::new(
            "idempotency.header",
            "the credential is sent in this header",
        ));
    }
    Ok(HttpRules {
        read: settings.read.clone(),
        costly: settings.costly.clone(),
        key,
        owned_headers: owned,
    })
}

/// Tries what a keyed write will send, so that a header which never leaves is refused now.
fn check_key(client: &Client, rules: &HttpRules) -> Result<(), BindingError> {
    let Some(key) = &rules.key else { return Ok(()) };
    let mut request = Request::new(Method::POST, client.rule().below("/").map_err(of_egress("url"))?);
    if let Ok(name) = HeaderName::from_bytes(key.header.as_bytes()) {
        request.added.insert(name, HeaderValue::from_static("key"));
    }
    let refused = |_| {
        BindingError::new(
            "idempotency.header",
            "this header is one of the connection's; name another",
        )
    };
    client.check(&request).map_err(refused)
}
