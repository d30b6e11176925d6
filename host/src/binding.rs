//! What skills reach outside: from the configuration and the ledger to what the gate judges and carries by.

mod credential;
mod error;
mod grants;
mod hosts;
mod http;
mod maker;
mod model;
mod settings;
#[cfg(test)]
mod tests;
mod tokens;

use std::collections::BTreeMap;
use std::sync::Arc;

use egress::SystemResolver;
use gate::call::http::HttpCall;
use gate::call::model::ModelCall;
use gate::{Bindings, Dlp, Policies};
use models::price::Prices;
use registry::ledger::{Scope, State};
use registry::{Label, Tenant};
use ring::hmac;

use maker::Maker;

pub(crate) use grants::check as check_grants;

pub use error::BindingError;
pub use model::{
    AwsSettings, BackendSettings, EntraSettings, GoogleSettings, ModelCredentialSettings, ModelSettings,
    OracleSettings, SnapshotSettings,
};
pub use settings::{
    ClientAuthSettings, CredentialSettings, HttpSettings, IdempotencySettings, Oauth2Settings, PolicySettings,
    TenantSettings, TextFile,
};

/// The bindings, policies and secrets of every tenant: what a gate is made of. Cheap to clone.
#[derive(Clone)]
pub struct Outside {
    /// What bindings reach.
    pub bindings: Arc<Bindings>,
    /// Who may call what.
    pub policies: Arc<Policies>,
    /// What must not leave.
    pub dlp: Arc<Dlp>,
    configured: Arc<BTreeMap<Tenant, Configured>>,
}

/// What is configured of one tenant, beside its bindings.
struct Configured {
    /// The operator's policies in Cedar.
    cedar: String,
    /// The names of HTTP bindings, each with the real hosts that mean it too.
    http: BTreeMap<String, Vec<String>>,
}

impl Outside {
    /// Reads every secret and makes every binding, priced by the list that is built in. Nothing is granted before
    /// [`Self::follow`].
    ///
    /// # Errors
    /// [`BindingError`], with the key of the configuration that cannot hold.
    pub fn open(settings: &BTreeMap<Tenant, TenantSettings>, account_key: &[u8; 32]) -> Result<Self, BindingError> {
        Self::priced(settings, account_key, None)
    }

    /// The same, priced by the operator's list where it knows a model.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn priced(
        settings: &BTreeMap<Tenant, TenantSettings>,
        account_key: &[u8; 32],
        prices: Option<&Arc<Prices>>,
    ) -> Result<Self, BindingError> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, account_key);
        let (bindings, dlp) = (Bindings::default(), Arc::new(Dlp::default()));
        let mut configured = BTreeMap::new();
        for (tenant, settings) in settings {
            let at = format!("tenants.{tenant}");
            let bound = bound(tenant, settings, (&dlp, prices), &key).map_err(|error| error.within(&at))?;
            bindings.replace(tenant.as_str(), bound);
            let http = hosts::names(&settings.http).map_err(|error| error.within("http").within(&at))?;
            let cedar = cedar(&settings.policy).map_err(|error| error.within(&at))?;
            configured.insert(tenant.clone(), Configured { cedar, http });
        }
        Ok(Self {
            bindings: Arc::new(bindings),
            policies: Arc::default(),
            dlp,
            configured: Arc::new(configured),
        })
    }

    /// Names of a tenant's HTTP bindings, each with the real hosts that mean it too.
    pub fn http(&self, tenant: &Tenant) -> BTreeMap<String, Vec<String>> {
        let configured = self.configured.get(tenant);
        configured.map(|configured| configured.http.clone()).unwrap_or_default()
    }

    /// Grants what the ledger says now to those whom a decision of this scope concerns: one tenant, or each.
    pub fn follow(&self, state: &State, scope: &Scope) {
        match scope {
            Scope::Tenant(tenant) => self.grant(state, tenant),
            Scope::Host => state.tenants().for_each(|tenant| self.grant(state, tenant)),
        }
    }

    fn grant(&self, state: &State, tenant: &Tenant) {
        let grants = grants::standing(state, tenant);
        let cedar = self.configured.get(tenant).map_or("", |configured| &configured.cedar);
        if let Err(error) = self.policies.replace(tenant.as_str(), &grants, cedar) {
            tracing::error!(%tenant, error = &error as &dyn std::error::Error, "nothing is granted until this is corrected");
            // Those before may grant what was taken back.
            let _set = self.policies.replace(tenant.as_str(), &[], "");
        }
        for grant in grants {
            if self.bindings.find(tenant.as_str(), &grant.binding).is_none() {
                tracing::warn!(%tenant, skill = grant.skill, binding = %grant.binding, "a binding is granted and not configured");
            }
        }
    }
}

fn bound(
    tenant: &Tenant,
    settings: &TenantSettings,
    (dlp, prices): (&Arc<Dlp>, Option<&Arc<Prices>>),
    account_key: &hmac::Key,
) -> Result<Vec<(gate::Binding, gate::Bound)>, BindingError> {
    let maker = |kind: &str, name| Maker {
        label: format!("{tenant}/{kind}/{name}"),
        name,
        resolver: Arc::new(SystemResolver),
        dlp,
        prices,
        account_key,
    };
    let named = |kind: &'static str, name: &Label, made: Result<gate::Bound, BindingError>| {
        let binding = gate::Binding {
            kind: kind.to_owned(),
            name: name.to_string(),
        };
        let made = made.map_err(|error| error.within(name.as_str()).within(kind))?;
        Ok((binding, made))
    };
    let http = settings.http.iter().map(|(name, settings)| {
        let made = maker(HttpCall::KIND, name.as_str()).bound(settings);
        named(HttpCall::KIND, name, made)
    });
    let models = settings.model.iter().map(|(name, settings)| {
        let made = maker(ModelCall::KIND, name.as_str()).models(settings);
        named(ModelCall::KIND, name, made)
    });
    http.chain(models).collect()
}

/// The operator's policies, tried before anything rests on them.
fn cedar(settings: &PolicySettings) -> Result<String, BindingError> {
    let Some(file) = &settings.cedar else {
        return Ok(String::new());
    };
    let cedar = text("policy.cedar", file)?;
    let tried = Policies::default().replace("new", &[], &cedar);
    tried.map_err(|error| BindingError::new("policy.cedar", format!("{}: {error}", file.file.display())))?;
    Ok(cedar)
}

fn text(at: &str, file: &TextFile) -> Result<String, BindingError> {
    std::fs::read_to_string(&file.file)
        .map_err(|cause| BindingError::new(at, format!("cannot read {}: {cause}", file.file.display())))
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outside")
    }
}
