//! Which facts of a call the policies of a slice name: no others are put before Cedar.

use cedar_policy::{Policy, RestrictedExpression};
use serde_json::Value;

use super::compile::ended;
use super::judge::Question;
use crate::call::Action;

/// A fact of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Attribute {
    Method,
    Path,
    /// The path with a slash at its end, so that one comparison finds a path and everything below it.
    Within,
    Query,
    Function,
    Effect,
    Size,
    Tool,
    By,
    Digest,
}

/// What an operator's policies may name, in Cedar's schema language. Everything else is refused when it is loaded.
pub(super) const SCHEMA: &str = r#"
entity Skill;
entity Binding;
action "http" appliesTo {
    principal: [Skill],
    resource: [Binding],
    context: {
        method: String,
        path: String,
        within: String,
        query: String,
        effect: String,
        size: Long,
        tool: String,
        by: String,
        digest: String,
    },
};
action "model" appliesTo {
    principal: [Skill],
    resource: [Binding],
    context: {
        function: String,
        effect: String,
        size: Long,
        tool: String,
        by: String,
        digest: String,
    },
};
"#;

impl Attribute {
    const ALL: [Self; 10] = [
        Self::Method,
        Self::Path,
        Self::Within,
        Self::Query,
        Self::Function,
        Self::Effect,
        Self::Size,
        Self::Tool,
        Self::By,
        Self::Digest,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Method => "method",
            Self::Path => "path",
            Self::Within => "within",
            Self::Query => "query",
            Self::Function => "function",
            Self::Effect => "effect",
            Self::Size => "size",
            Self::Tool => "tool",
            Self::By => "by",
            Self::Digest => "digest",
        }
    }

    /// None for what calls of this kind do not have: a policy that names it is scoped to the kind that does.
    pub(super) fn of(self, question: &Question<'_>) -> Option<RestrictedExpression> {
        let text = |text: &str| Some(RestrictedExpression::new_string(text.to_owned()));
        match (self, question.action) {
            (Self::Method, Action::Http(http)) => text(http.method()),
            (Self::Path, Action::Http(http)) => text(http.path()),
            (Self::Within, Action::Http(http)) => text(&ended(http.path())),
            (Self::Query, Action::Http(http)) => text(http.query().unwrap_or_default()),
            (Self::Function, Action::Model(model)) => text(model.function()),
            (Self::Method | Self::Path | Self::Within | Self::Query | Self::Function, _) => None,
            (Self::Effect, _) => text(question.effect.as_str()),
            (Self::Size, action) => Some(RestrictedExpression::new_long(
                i64::try_from(action.size()).unwrap_or(i64::MAX),
            )),
            (Self::Tool, _) => text(question.tool),
            (Self::By, _) => text(question.by),
            (Self::Digest, _) => text(question.digest),
        }
    }
}

/// The attributes of the context that these policies name, in order; all of them where one uses the context whole.
pub(super) fn named<'a>(policies: impl IntoIterator<Item = &'a Policy>) -> Vec<Attribute> {
    let mut names = Vec::new();
    for policy in policies {
        let whole = policy.to_json().map_or(true, |json| collect(&json, &mut names));
        if whole {
            return Attribute::ALL.to_vec();
        }
    }
    Attribute::ALL
        .into_iter()
        .filter(|attribute| names.iter().any(|name| name == attribute.name()))
        .collect()
}

/// Collects `context.x` and `context has x`; says whether the context stands anywhere else.
fn collect(json: &Value, names: &mut Vec<String>) -> bool {
    match json {
        Value::Object(object) => object.iter().any(|(operator, operands)| {
            if (operator == "." || operator == "has") && is_context(operands.get("left")) {
                let name = operands.get("attr").and_then(Value::as_str);
                names.extend(name.map(str::to_owned));
                return name.is_none();
            }
            is_context(Some(json)) || collect(operands, names)
        }),
        Value::Array(items) => items.iter().any(|item| collect(item, names)),
        _ => false,
    }
}

fn is_context(json: Option<&Value>) -> bool {
    json.and_then(|json| json.get("Var")).and_then(Value::as_str) == Some("context")
}
