//! One model at one provider: carries what the gate cleared, and writes down who served it.

mod exchange;
pub mod place;
mod ready;
#[cfg(test)]
mod tests;
mod worst;

use std::sync::Arc;

use async_trait::async_trait;
use egress::Client;
use gate::call::model::{Ask, Completion, Embeddings, ModelCall, ModelReply, Served};
use gate::{Action, Backend, Carried, Cleared, Code, Failure, Reply};
use http::HeaderMap;
use jiff::Zoned;

use crate::choice::Candidate;
use crate::dialect::{Answer, Content, Dialect, Model, Unfit, Wire};
use crate::price::{Pricing, Sold};
use crate::residency::{Residency, Stands};
use crate::trouble;

pub use place::Place;
use place::Spoken;
use ready::Ready;

/// What is in force for a backend beside its place.
#[derive(Clone)]
pub struct Terms {
    /// Its name in the binding.
    pub name: String,
    /// What the model there is and can do.
    pub model: Model,
    /// Where calls must be answered.
    pub residency: Option<Residency>,
    /// The snapshot that has to answer.
    pub snapshot: Option<Snapshot>,
    /// What calls cost.
    pub prices: Pricing,
}

/// A snapshot of a model that is pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its name, as replies spell it.
    pub model: String,
    /// What is done where another one answers, or the reply does not say which one did.
    pub otherwise: Otherwise,
}

impl Snapshot {
    /// Whether replies of this format can be used: not those that name no model, where only the pinned one may answer.
    pub fn can_be_told(&self, format: &dyn Dialect) -> bool {
        self.otherwise != Otherwise::Refuse || format.names_models()
    }
}

/// What is done where another snapshot answers than the one that is pinned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// The answer is not used, and the next backend is asked.
    #[default]
    Refuse,
    /// The operator's log says so, and the journal.
    Warn,
    /// The journal says so.
    Note,
}

/// The provider answered with another snapshot than the one that is pinned.
pub const ANOTHER_SNAPSHOT: Code = Code::new("model-another-snapshot");
/// The provider says that it answered from where it must not.
pub const ANOTHER_PLACE: Code = Code::new("model-another-place");

/// Asks one model at one provider.
pub struct ModelBackend {
    client: Client,
    place: Place,
    terms: Terms,
}

impl ModelBackend {
    /// Asks there, on these terms, by a client whose rule ends at the place's base.
    pub const fn new(client: Client, place: Place, terms: Terms) -> Self {
        Self { client, place, terms }
    }

    fn spoken(&self, ask: &Ask) -> Result<&Spoken, Unfit> {
        match ask {
            Ask::Complete(_) => Ok(&self.place.complete),
            Ask::Embed(_) => self.place.embed.as_ref().ok_or_else(|| {
                let told = "this backend makes no vectors; name one that does in the binding";
                Unfit::new("embed", told)
            }),
        }
    }

    /// A pinned snapshot can be found out after the call alone, which is paid by then.
    fn check_named(&self, spoken: &Spoken) -> Result<(), Unfit> {
        let pinned = self.terms.snapshot.as_ref();
        if pinned.is_some_and(|snapshot| !snapshot.can_be_told(spoken.dialect.as_ref())) {
            let told = "a snapshot is pinned, and no such reply of this backend says which model it is from; pin it with \
                        `otherwise = \"note\"`, or ask another backend";
            return Err(Unfit::new("snapshot", told));
        }
        Ok(())
    }

    /// What is sent for a question.
    fn wire(&self, ask: &Ask) -> Result<Wire, Unfit> {
        let spoken = self.spoken(ask)?;
        // Completions that name no model are refused where the backend is configured.
        if matches!(ask, Ask::Embed(_)) {
            self.check_named(spoken)?;
        }
        let mut wire = spoken.dialect.request(ask, &self.terms.model)?;
        wire.path.insert_str(0, spoken.below);
        Ok(wire)
    }

    async fn send(&self, wire: Wire, call: &Cleared) -> Result<Carried, Failure> {
        let ask = asked(call)?.ask();
        let dialect = self.spoken(ask).map_err(Unfit::failure)?.dialect.as_ref();
        let got = exchange::exchange(self, dialect, wire, call).await;
        let got = got.map_err(trouble::anywhere_else)?;
        let mut answer = dialect.answer(ask, &got.whole).map_err(trouble::anywhere_else)?;
        answer.usage = answer.usage.or_else(|| dialect.counted(&got.headers));
        self.reply(answer, &got.headers)
    }

    fn sold<'a>(&'a self, tier: Option<&'a str>) -> Sold<'a> {
        Sold {
            backend: self.place.kind,
            model: &self.terms.model.name,
            tier,
            region: self.place.stands.price_region(),
            at: Zoned::now().with_time_zone(jiff::tz::TimeZone::UTC).date(),
        }
    }

    fn served(&self, answer: &Answer, headers: &HeaderMap) -> Served {
        let request = answer.request.clone().or_else(|| request_id(headers));
        let model = answer.model.clone();
        let sold = self.sold(answer.tier.as_deref());
        let cost = answer
            .usage
            .as_ref()
            .and_then(|usage| self.terms.prices.cost(&sold, model.as_deref(), usage));
        Served {
            backend: self.terms.name.clone(),
            asked: self.terms.model.name.clone(),
            region: answer.region.clone().or_else(|| self.place.stands.region.clone()),
            tier: answer.tier.clone(),
            usage: answer.usage,
            notes: Vec::new(),
            model,
            request,
            cost,
        }
    }

    /// Holds the answer against what was promised.
    fn promised(&self, answer: &Answer, served: &mut Served) -> Result<(), Failure> {
        let told = answer.region.as_deref();
        if let (Some(residency), Some(place)) = (&self.terms.residency, told)
            && !residency.holds_for(place)
        {
            let told =
                format!("the provider says that it answered from `{place}`, where it must not; the answer is not used");
            tracing::error!(
                backend = self.terms.name,
                place,
                "a provider answered from where it must not"
            );
            return Err(Failure::perhaps_sent(ANOTHER_PLACE, told));
        }
        let Some(pinned) = &self.terms.snapshot else {
            return Ok(());
        };
        let (backend, expected) = (&self.terms.name, &pinned.model);
        let (note, told) = match answer.model.as_deref() {
            Some(model) if model == expected => return Ok(()),
            Some(model) => ("another-model", format!("`{model}` answered")),
            None => (
                "unnamed-model",
                "the reply does not say which model answered".to_owned(),
            ),
        };
        served.notes.push(note.to_owned());
        match pinned.otherwise {
            Otherwise::Note => Ok(()),
            Otherwise::Warn => {
                tracing::warn!(backend, expected, told, "a pinned snapshot of a model did not answer");
                Ok(())
            }
            Otherwise::Refuse => {
                let told = format!("{told} and `{expected}` is pinned; the answer is not used");
                Err(Failure::perhaps_sent(ANOTHER_SNAPSHOT, told).elsewhere())
            }
        }
    }

    fn reply(&self, answer: Answer, headers: &HeaderMap) -> Result<Carried, Failure> {
        let mut served = self.served(&answer, headers);
        self.promised(&answer, &mut served)?;
        let spent = served.cost.as_ref().map(|cost| cost.nano_dollars);
        let reply = match answer.content {
            Content::Message { parts, stop } => ModelReply::Completion(Completion { parts, stop, served }),
            Content::Vectors(vectors) => ModelReply::Embeddings(flat(&vectors, served)?),
        };
        Ok(Carried {
            reply: Reply::Model(Box::new(reply)),
            spent,
        })
    }
}

/// The question of a call.
fn asked(call: &Cleared) -> Result<&ModelCall, Failure> {
    match call.action() {
        Action::Model(asked) => Ok(asked),
        Action::Http(_) => Err(Failure::nothing_sent(
            trouble::INVALID,
            "a model carries questions to models only",
        )),
    }
}

#[async_trait]
impl Backend for ModelBackend {
    async fn carry(&self, call: &Cleared) -> Result<Carried, Failure> {
        let wire = self.wire(asked(call)?.ask()).map_err(Unfit::failure)?;
        self.send(wire, call).await
    }

    fn worst(&self, action: &Action) -> Option<u64> {
        let Action::Model(asked) = action else { return None };
        let output = match asked.ask() {
            Ask::Complete(prompt) => prompt.max_tokens.or(self.terms.model.can.most_tokens).map(u64::from)?,
            Ask::Embed(_) => 0,
        };
        let input = worst::most_input(asked.ask(), action.size(), &self.terms.model.can);
        let worst = self.terms.prices.worst(&self.sold(None), input, output);
        worst.map(|cost| cost.nano_dollars)
    }

    fn model(&self) -> Option<(&str, &str)> {
        Some((&self.terms.name, &self.terms.model.name))
    }
}

impl Candidate for ModelBackend {
    fn name(&self) -> &str {
        &self.terms.name
    }

    fn stands(&self) -> &Stands {
        &self.place.stands
    }

    fn ready(self: Arc<Self>, call: &ModelCall) -> Result<Arc<dyn Backend>, Unfit> {
        Ok(Arc::new(Ready::new(self, call)?))
    }
}

/// By what a provider's support finds a request, as the headers of each call it.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let names = [
        "x-request-id",
        "request-id",
        "x-amzn-requestid",
        "apim-request-id",
        "opc-request-id",
    ];
    let found = names.into_iter().find_map(|name| headers.get(name));
    found.and_then(|id| id.to_str().ok()).map(str::to_owned)
}

fn flat(vectors: &[Vec<f32>], served: Served) -> Result<Embeddings, Failure> {
    let width = vectors.first().map_or(0, Vec::len);
    if vectors.iter().any(|vector| vector.len() != width) {
        return Err(trouble::malformed("vectors of several lengths"));
    }
    let bytes: Vec<u8> = vectors
        .iter()
        .flatten()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    Ok(Embeddings {
        dimensions: u32::try_from(width).map_err(trouble::malformed)?,
        vectors: bytes.into(),
        served,
    })
}

impl Unfit {
    /// The failure that it is where nobody asked before: nothing was sent, and another backend may do.
    pub(crate) fn failure(self) -> Failure {
        Failure::nothing_sent(trouble::INVALID, self.told).elsewhere()
    }
}

impl std::fmt::Debug for ModelBackend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "ModelBackend({}: {} at {})",
            self.terms.name, self.terms.model.name, self.place.base
        )
    }
}
