//! What models used and cost.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use jiff::Zoned;
use jiff::tz::TimeZone;
use registry::Tenant;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::App;
use super::body::Query;
use super::problem::{Answer, Problem, ProblemBody};
use crate::json::MAX_SAFE;
use crate::token::Caller;
use crate::usage::{Dimension, Period, Sums, Usage, UsageError, dollars};

/// What is summed.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The first day, in UTC: `2026-11-01`. The first of the last day's month where nothing is said.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<String>,
    /// The last day, which is summed too. Today where nothing is said.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<String>,
    /// By what sums are told apart, with commas between: `skill`, `agent`, `model`, `asked`, `backend`, `binding`, `day`;
    /// for the whole host `tenant`, `model`, `asked`, `backend`, `binding`, `day`.
    by: Option<String>,
}

/// What models used and cost in some days.
#[derive(Serialize, ToSchema)]
#[schema(as = Usage)]
pub(super) struct UsageView {
    /// The first day, in UTC.
    #[schema(format = Date)]
    from: String,
    /// The last day.
    #[schema(format = Date)]
    to: String,
    /// By what the sums are told apart.
    by: Vec<&'static str>,
    /// The sums, in the order of what tells them apart.
    sums: Vec<SumView>,
    /// All of it.
    total: AmountsView,
}

/// What some calls used and cost.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageSum)]
pub(super) struct SumView {
    #[serde(flatten)]
    of: OfView,
    #[serde(flatten)]
    amounts: AmountsView,
}

/// Which calls. What does not tell the sums apart is missing.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = UsageOf)]
pub(super) struct OfView {
    /// Whose they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    /// When, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    day: Option<String>,
    /// Which skill asked: `namespace/name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    skill: Option<String>,
    /// Who invoked it: the name of a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<String>,
    /// Which binding was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    binding: Option<String>,
    /// Which backend of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    backend: Option<String>,
    /// Which model was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<String>,
    /// Which model answered, or was asked for where none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
}

/// What calls used and cost. What nobody knows of any of them is null, and never nothing.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageAmounts)]
pub(super) struct AmountsView {
    /// Calls that were answered.
    calls: Count,
    /// Those of them whose tokens nobody counted.
    uncounted: Count,
    /// Tokens of the input at the base rate.
    input: Option<Count>,
    /// Tokens of the input that were read from a cache.
    cache_read: Option<Count>,
    /// Tokens of the input that were written to a cache.
    cache_write: Option<Count>,
    /// Tokens of the output, thoughts included.
    output: Option<Count>,
    /// Tokens of the output that are thoughts.
    reasoning: Option<Count>,
    /// What the calls cost whose price is known, in US dollars: exact, with nine decimals.
    dollars: Option<String>,
    /// The same in billionths of a US dollar.
    nano_dollars: Option<Count>,
    /// Calls whose price is unknown: what they cost comes on top.
    unpriced: Count,
    /// Attempts that may have reached a provider and have no answer.
    lost: Count,
    /// What was reserved for them, in US dollars: the most that they can have cost.
    lost_dollars: Option<String>,
    /// The same in billionths of a US dollar.
    lost_nano_dollars: Option<Count>,
    /// Those of them for which nobody knew what to reserve: what they cost comes on top.
    lost_unpriced: Count,
    /// The versions of the price lists by which calls were priced.
    prices: Vec<String>,
}

/// A number that JSON's readers agree on: one above 2^53 - 1 is a string.
#[derive(Clone, Copy)]
pub(super) struct Count(u128);

impl From<UsageError> for Problem {
    fn from(error: UsageError) -> Self {
        Self::input("usage-query-invalid", error.to_string())
    }
}

impl UsageView {
    fn of(usage: &Usage, period: Period) -> Self {
        let (from, to) = period.days();
        let sums = usage.groups().map(|(group, sums)| SumView {
            of: OfView::of(usage.by(), group),
            amounts: AmountsView::of(sums),
        });
        Self {
            from: from.to_string(),
            to: to.to_string(),
            by: usage.by().iter().map(|dimension| dimension.as_str()).collect(),
            sums: sums.collect(),
            total: AmountsView::of(usage.total()),
        }
    }
}

impl OfView {
    fn of(by: &[Dimension], group: &[String]) -> Self {
        let mut of = Self::default();
        for (dimension, value) in by.iter().zip(group) {
            let place = match dimension {
                Dimension::Tenant => &mut of.tenant,
                Dimension::Day => &mut of.day,
                Dimension::Skill => &mut of.skill,
                Dimension::Agent => &mut of.agent,
                Dimension::Binding => &mut of.binding,
                Dimension::Backend => &mut of.backend,
                Dimension::Asked => &mut of.asked,
                Dimension::Model => &mut of.model,
            };
            *place = Some(value.clone());
        }
        of
    }
}

impl AmountsView {
    fn of(sums: &Sums) -> Self {
        let tokens = |count| sums.counted().then_some(Count(count));
        Self {
            calls: Count(sums.calls),
            uncounted: Count(sums.uncounted),
            input: tokens(sums.input),
            cache_read: tokens(sums.cache_read),
            cache_write: tokens(sums.cache_write),
            output: tokens(sums.output),
            reasoning: tokens(sums.reasoning),
            dollars: sums.known().map(dollars),
            nano_dollars: sums.known().map(Count),
            unpriced: Count(sums.unpriced),
            lost: Count(sums.lost),
            lost_dollars: sums.lost_known().map(dollars),
            lost_nano_dollars: sums.lost_known().map(Count),
            lost_unpriced: Count(sums.lost_unpriced),
            prices: sums.prices.iter().cloned().collect(),
        }
    }
}

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match u64::try_from(self.0) {
            Ok(count) if count <= MAX_SAFE => serializer.serialize_u64(count),
            _ => serializer.collect_str(&self.0),
        }
    }
}

impl PartialSchema for Count {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let text = ObjectBuilder::new().schema_type(Type::String);
        let text = text.description(Some("The digits of a number above 2^53 - 1."));
        OneOfBuilder::new().item(number).item(text).into()
    }
}

impl ToSchema for Count {}

/// What a tenant may ask.
const OWN: [Dimension; 7] = [
    Dimension::Skill,
    Dimension::Agent,
    Dimension::Model,
    Dimension::Asked,
    Dimension::Backend,
    Dimension::Binding,
    Dimension::Day,
];

/// What the operator may ask: whom to bill and what was configured. Skills and agents are a tenant's own affair.
const HOST: [Dimension; 6] = [
    Dimension::Tenant,
    Dimension::Model,
    Dimension::Asked,
    Dimension::Backend,
    Dimension::Binding,
    Dimension::Day,
];

/// What models used and cost for the tenant.
#[utoipa::path(get, path = "/v1/usage", tag = "usage", operation_id = "show-usage", params(Wanted), responses(
    (status = 200, description = "The sums", body = UsageView),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn own(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Arc<Caller>>,
    Query(wanted): Query<Wanted>,
) -> Answer<axum::Json<UsageView>> {
    sum(&app, &wanted, &OWN, &[caller.tenant().clone()]).await
}

/// What models used and cost for every tenant.
#[utoipa::path(get, path = "/v1/tenants/usage", tag = "usage", operation_id = "show-usage-of-tenants", params(Wanted),
    responses(
    (status = 200, description = "The sums", body = UsageView),
    (status = "default", description = "A refusal", body = ProblemBody, content_type = "application/problem+json"),
))]
pub(super) async fn all(State(app): State<Arc<App>>, Query(wanted): Query<Wanted>) -> Answer<axum::Json<UsageView>> {
    let tenants: Vec<Tenant> = app.store.tenants().await?.into_iter().map(|row| row.tenant).collect();
    sum(&app, &wanted, &HOST, &tenants).await
}

/// Where nothing is said, the first of what may be asked tells the sums apart.
async fn sum(app: &App, wanted: &Wanted, allowed: &[Dimension], tenants: &[Tenant]) -> Answer<axum::Json<UsageView>> {
    let today = Zoned::now().with_time_zone(TimeZone::UTC).date();
    let period = Period::read(wanted.from.as_deref(), wanted.to.as_deref(), today)?;
    let first = allowed.first().map_or("", |dimension| dimension.as_str());
    let by = Dimension::list(wanted.by.as_deref().unwrap_or(first), allowed)?;
    let mut usage = Usage::new(by);
    for tenant in tenants {
        app.store.usage(tenant, period.days(), |row| usage.add(&row)).await?;
    }
    Ok(axum::Json(UsageView::of(&usage, period)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{AmountsView, Count};
    use crate::usage::Sums;

    #[test]
    fn a_number_that_readers_would_change_is_a_string() {
        let shown = [0, (1 << 53) - 1, 1 << 53, u128::MAX].map(Count);
        let expected = json!([0, 9_007_199_254_740_991_u64, "9007199254740992", u128::MAX.to_string()]);
        assert_eq!(serde_json::to_value(shown).unwrap(), expected);
    }

    #[test]
    fn what_nobody_knows_is_null() {
        let (unknown, nothing) = (2, Sums::default());
        let sums = Sums {
            calls: unknown,
            unpriced: unknown,
            uncounted: unknown,
            lost: unknown,
            lost_unpriced: unknown,
            ..Sums::default()
        };
        insta::assert_json_snapshot!([AmountsView::of(&sums), AmountsView::of(&nothing)]);
    }
}
