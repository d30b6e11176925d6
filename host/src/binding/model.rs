//! One model binding as it is configured becomes one that chooses among its backends.

mod login;
mod settings;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use egress::{Client, Rule, RuleSettings};
use gate::{Bound, Carriers, ModelRules, Retry, Rules};
use models::abilities::Catalog;
use models::backend::{ModelBackend, Place, Snapshot, Terms};
use models::choice::{Candidate, Choice, Member};
use models::dialect::Model;
use models::price::Pricing;
use models::provider::Provider;
use models::recorded::{Recorded, Script};
use models::residency::{Residency, Stands};

use super::error::{BindingError, of_egress};
use super::maker::{GRACE, Maker, roots, timed, within};

pub use login::{AwsSettings, EntraSettings, GoogleSettings, ModelCredentialSettings, OracleSettings};
pub use settings::{BackendSettings, ModelSettings, SnapshotSettings};

/// A stream has many more bytes than the message that it becomes.
const STREAMED: usize = 64 << 20;

/// Encoded pictures are a third larger than the gate counts them.
const ASKED: usize = 16 << 20;

impl Maker<'_> {
    /// Makes the binding, and lets its secrets be known.
    ///
    /// # Errors
    /// Where a setting cannot hold.
    pub(super) fn models(&self, settings: &ModelSettings) -> Result<Bound, BindingError> {
        timed(settings.timeout)?;
        if settings.backends.is_empty() {
            return Err(BindingError::new("backends", "name at least one backend"));
        }
        let residency = settings.residency.as_ref().map(|geo| Residency {
            geo: geo.to_ascii_lowercase(),
            in_region: settings.in_region,
        });
        let mut members = Vec::new();
        for (place, backend) in settings.backends.iter().enumerate() {
            let at = format!("backends.{}", backend.name);
            if settings
                .backends
                .iter()
                .take(place)
                .any(|other| other.name == backend.name)
            {
                return Err(BindingError::new(&at, "two backends have this name; give each its own"));
            }
            let member = self.member(settings, backend, residency.as_ref());
            members.push(member.map_err(|error| error.within(&at))?);
        }
        Ok(Bound {
            carriers: Carriers::Chosen(Arc::new(Choice::new(settings.order, residency, members))),
            rules: Rules::Model(ModelRules {
                provisional: settings.provisional,
            }),
            timeout: settings.timeout + GRACE,
            retry: Retry {
                sendings: settings.sendings,
                longest: settings.longest_pause,
                ..Retry::default()
            },
        })
    }

    fn member(
        &self,
        settings: &ModelSettings,
        backend: &BackendSettings,
        residency: Option<&Residency>,
    ) -> Result<Member, BindingError> {
        if let Provider::Recorded(recorded) = &backend.provider {
            return scripted(backend, &recorded.file, residency);
        }
        let entry = Catalog::builtin().find(backend.provider.kind(), &backend.model);
        let place = backend.provider.place(&backend.model, &entry, backend.format);
        let place = place.map_err(|error| BindingError::new(&format!("provider.{}", error.at), error.told))?;
        if let Some(residency) = residency
            && let Err(instead) = residency.allows(&place.stands)
        {
            let told = format!(
                "calls must be answered from `{}`, and this backend {instead}; leave it out",
                residency.geo
            );
            return Err(BindingError::new("provider", told));
        }
        let snapshot = backend.snapshot.as_ref().map(|snapshot| Snapshot {
            model: snapshot.model.clone(),
            otherwise: snapshot.otherwise,
        });
        let completes = place.complete.dialect.as_ref();
        if snapshot
            .as_ref()
            .is_some_and(|snapshot| !snapshot.can_be_told(completes))
        {
            let told = "no reply of this format says which model it is from, so that each would be paid and not used; \
                        say `otherwise = \"note\"`, or leave it out";
            return Err(BindingError::new("snapshot", told));
        }
        let rule = self.model_rule(settings, backend, &place)?;
        let login = self.model_login(backend, &place)?;
        let account = self.account(&rule, &place.base, login.iter().flat_map(|login| &login.account))?;
        let client = Client::new(rule, login.map(|login| login.credential), Arc::clone(&self.resolver));
        let terms = Terms {
            name: backend.name.to_string(),
            model: Model {
                name: backend.model.clone(),
                stream: backend.stream,
                can: backend.can.clone().unwrap_or(entry.can),
            },
            residency: residency.cloned(),
            snapshot,
            prices: match &backend.price {
                Some(price) => Pricing::own(price.clone()),
                None => Pricing::listed(self.prices.cloned()),
            },
        };
        let candidate: Arc<dyn Candidate> = Arc::new(ModelBackend::new(client, place, terms));
        Ok(Member::new(
            candidate,
            format!("{} {account}", backend.name),
            backend.weight,
        ))
    }

    fn model_rule(
        &self,
        settings: &ModelSettings,
        backend: &BackendSettings,
        place: &Place,
    ) -> Result<Rule, BindingError> {
        let mut rule = RuleSettings::new(format!("{}/{}", self.name, backend.name), &place.base);
        rule.plain_http = backend.plain_http;
        rule.networks.clone_from(&backend.private_networks);
        // The names of Amazon's profiles have slashes.
        rule.encoded_slashes = true;
        rule.roots = roots(backend.roots.as_ref())?;
        rule.caps.reply_body = STREAMED;
        rule.caps.decompressed = STREAMED;
        rule.caps.request_body = ASKED;
        within(&mut rule.times, settings.timeout);
        Rule::new(rule).map_err(of_egress("provider"))
    }
}

fn scripted(backend: &BackendSettings, file: &Path, residency: Option<&Residency>) -> Result<Member, BindingError> {
    if backend.price.is_some() {
        let told = "a script costs nothing; leave its price out";
        return Err(BindingError::new("price", told));
    }
    // Nothing leaves the host, so it is answered from where it must be.
    let stands = residency.map_or_else(Stands::anywhere, |residency| Stands {
        geo: Some(residency.geo.clone()),
        region: None,
        in_region: true,
    });
    let candidate: Arc<dyn Candidate> = Arc::new(script(backend, file, stands)?);
    let account = format!("{} recorded", backend.name);
    Ok(Member::new(candidate, account, backend.weight))
}

fn script(backend: &BackendSettings, file: &Path, stands: Stands) -> Result<Recorded, BindingError> {
    let wrong = |told: String| BindingError::new("provider.file", told);
    let text =
        std::fs::read_to_string(file).map_err(|cause| wrong(format!("cannot read {}: {cause}", file.display())))?;
    let script: Script = toml::from_str(&text).map_err(|error| wrong(format!("{}: {error}", file.display())))?;
    Ok(Recorded::new(backend.name.to_string(), script, stands))
}

/// What one sending may take at most by default: models think for minutes.
const fn default_timeout() -> Duration {
    Duration::from_secs(10 * 60)
}
