//! The backends that the suite asks, and how each is made as the host makes it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use async_trait::async_trait;
use egress::credential::{Token, TokenSource, Tokens};
use egress::{Client, Credential, Error, Rule, RuleSettings, Secret, SystemResolver};
use models::abilities::Catalog;
use models::backend::{ModelBackend, Place, Snapshot, Terms};
use models::credential::aws::{Aws, SigV4};
use models::credential::oracle::Signer;
use models::dialect::Model;
use models::price::Pricing;
use models::provider::{Format, Provider};
use models::residency::Residency;
use serde::Deserialize;

use crate::front::Front;

/// What logs in everywhere. It must be found in no record.
pub(crate) const KEY: &str = "canary-key-4711";
const ORACLE: &str = include_str!("../../../egress/tests/keys/client.pem");

/// One backend as it is written in `backends.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    /// The name of its records and snapshots.
    pub(crate) name: String,
    /// Its name in the table of the documentation.
    pub(crate) shown: String,
    provider: Provider,
    format: Option<Format>,
    pub(crate) model: String,
    login: Login,
    /// The model that makes vectors there.
    vectors: Option<String>,
    /// Whether that model takes one text at a time.
    #[serde(default)]
    pub(crate) singly: bool,
    /// The part of the world that it promises.
    pub(crate) geo: Option<String>,
    /// Features that it has not, and why.
    #[serde(default)]
    pub(crate) lacks: BTreeMap<String, String>,
}

/// By what a backend logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Login {
    /// A key that does not change, as the provider takes it.
    Key,
    /// A token that is fetched.
    Token,
    /// Amazon's signature.
    Aws,
    /// Oracle's.
    Oracle,
}

/// What is in force for a backend beside its settings.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) stream: bool,
    /// What the binding asks of every backend.
    pub(crate) residency: Option<Residency>,
    pub(crate) snapshot: Option<Snapshot>,
    /// How long one sending may take.
    pub(crate) timeout: Duration,
    /// What logs in, where it is not what the row says.
    pub(crate) credential: Option<Credential>,
}

impl Default for Given {
    fn default() -> Self {
        Self {
            stream: true,
            residency: None,
            snapshot: None,
            timeout: Duration::from_secs(120),
            credential: None,
        }
    }
}

/// Every backend, in the order of the table.
pub(crate) fn rows() -> &'static [Row] {
    #[derive(Deserialize)]
    struct Written {
        backend: Vec<Row>,
    }
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
        let written: Written = toml::from_str(include_str!("backends.toml")).unwrap();
        written.backend
    });
    &ROWS
}

/// The backend of this name.
pub(crate) fn row(name: &str) -> &'static Row {
    let found = rows().iter().find(|row| row.name == name);
    found.unwrap_or_else(|| panic!("no backend is called {name}"))
}

impl Row {
    /// Where it is, as its settings say.
    pub(crate) fn place(&self) -> Place {
        let entry = Catalog::builtin().find(self.provider.kind(), &self.model);
        self.provider.place(&self.model, &entry, self.format).unwrap()
    }

    /// The name of its wire format.
    pub(crate) fn format(&self) -> &'static str {
        self.place().complete.dialect.name()
    }

    /// The name of the format by which vectors are asked.
    pub(crate) fn vectors_format(&self) -> &'static str {
        self.place().embed.map_or("", |spoken| spoken.dialect.name())
    }

    /// The host of its address.
    pub(crate) fn host(&self) -> String {
        let base = self.place().base;
        let (_, rest) = base.split_once("://").unwrap();
        rest.split('/').next().unwrap_or_default().to_owned()
    }

    /// Its provider, as an operator names it.
    pub(crate) fn provider(&self) -> &'static str {
        match self.provider.kind() {
            "bedrock-mantle" => "bedrock",
            "oci" => "oracle",
            kind => kind,
        }
    }

    /// Whether it logs in with tokens that can be fetched anew.
    pub(crate) fn renews(&self) -> bool {
        self.login == Login::Token
    }

    /// The same account, asked for the model that makes vectors.
    pub(crate) fn embedding(&self) -> Self {
        Self {
            model: self.vectors.clone().unwrap_or_else(|| self.model.clone()),
            ..self.clone()
        }
    }

    /// The backend itself, with nothing changed but that it is asked at the front.
    pub(crate) fn backend(&self, front: &Front, given: &Given) -> ModelBackend {
        let mut place = self.place();
        let credential = given.credential.clone().unwrap_or_else(|| self.credential(&place));
        let (_, rest) = place.base.split_once("://").unwrap();
        place.base = format!("http://{}/{rest}", front.address());
        let entry = Catalog::builtin().find(self.provider.kind(), &self.model);
        let terms = Terms {
            name: self.name.clone(),
            model: Model {
                name: self.model.clone(),
                stream: given.stream,
                can: entry.can,
            },
            residency: given.residency.clone(),
            snapshot: given.snapshot.clone(),
            prices: Pricing::listed(None),
        };
        let client = Client::new(rule(&place, given.timeout), Some(credential), Arc::new(SystemResolver));
        ModelBackend::new(client, place, terms)
    }

    fn credential(&self, place: &Place) -> Credential {
        let key = || Secret::new(KEY);
        match self.login {
            Login::Key if place.login.key.is_empty() => Credential::bearer(key()).unwrap(),
            Login::Key => Credential::headers(place.login.key.iter().map(|name| (*name, key()))).unwrap(),
            Login::Token => {
                assert!(place.login.google || place.login.entra.is_some(), "{}", self.name);
                tokens(Always)
            }
            Login::Aws => {
                let aws = place.login.aws.as_ref().expect("Amazon's signature is taken");
                let credentials = Aws::fixed("AKIDEXAMPLE", &key(), Some(&key()));
                Credential::signed(SigV4::new(credentials, &aws.region, aws.service))
            }
            Login::Oracle => {
                assert!(place.login.oracle, "{}", self.name);
                let signer = Signer::new("ocid1.tenancy", "ocid1.user", "20:3b", &Secret::new(ORACLE));
                Credential::signed(signer.unwrap())
            }
        }
    }
}

/// Bearer tokens that are fetched from here.
pub(crate) fn tokens(from: impl Tokens + 'static) -> Credential {
    Credential::oauth(TokenSource::of("suite", from, Duration::from_secs(300), None))
}

struct Always;

#[async_trait]
impl Tokens for Always {
    async fn token(&self) -> Result<Token, Error> {
        Ok(Token {
            token: Secret::new(KEY),
            lifetime: None,
        })
    }
}

/// As the host writes it for a binding of models.
fn rule(place: &Place, timeout: Duration) -> Rule {
    let mut rule = RuleSettings::new("suite", &place.base);
    rule.plain_http = true;
    rule.networks = vec!["127.0.0.1".to_owned()];
    rule.encoded_slashes = true;
    rule.caps.request_body = 16 << 20;
    rule.times.total = timeout;
    rule.times.head = timeout;
    rule.times.connect = rule.times.connect.min(timeout);
    Rule::new(rule).unwrap()
}
