//! What logs in at a provider of models.

use egress::{Credential, Secret};
use models::backend::Place;
use serde::Deserialize;

use super::settings::BackendSettings;
use crate::binding::credential::{Read, known, read};
use crate::binding::error::{BindingError, of_egress};
use crate::binding::maker::Maker;
use crate::config;

/// What logs in at a provider of models.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum ModelCredentialSettings {
    /// The provider's own key, sent as the provider takes it.
    ApiKey(config::Secret),
}

impl Maker<'_> {
    /// Reads what logs in, and lets its secrets be known.
    pub(super) fn model_login(&self, backend: &BackendSettings, place: &Place) -> Result<Option<Read>, BindingError> {
        let Some(credential) = &backend.credential else {
            return Ok(None);
        };
        let mut login = match credential {
            ModelCredentialSettings::ApiKey(key) => api_key(key, place)?,
        };
        let label = format!("{}/{}", self.label, backend.name);
        let secrets = std::mem::take(&mut login.secrets);
        let known = self.dlp.know(&label, secrets);
        known.map_err(|error| BindingError::new("credential", error.to_string()))?;
        Ok(Some(login))
    }
}

fn api_key(key: &config::Secret, place: &Place) -> Result<Read, BindingError> {
    let key = read("credential.api-key", key)?;
    let credential = match place.login.key {
        [] => Credential::bearer(Secret::new(&*key)),
        names => Credential::headers(names.iter().map(|name| (*name, Secret::new(&*key)))),
    };
    Ok(Read {
        credential: credential.map_err(of_egress("credential.api-key"))?,
        secrets: known(&key),
        account: vec!["api-key".to_owned(), key],
    })
}
