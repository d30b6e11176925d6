//! Grants and limits as the API spells them.

use std::collections::BTreeMap;

use registry::ledger::{Grant, Grants};
use registry::{Label, Limits};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an approved skill may do.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[schema(as = Grants)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GrantsBody {
    /// The bindings that it may use.
    bindings: Vec<GrantBody>,
    /// Limits that differ from the host's defaults.
    limits: LimitsBody,
    /// What `configuration` answers.
    configuration: BTreeMap<String, String>,
}

/// Leave to use one binding.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(as = Grant)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantBody {
    /// Such as `http` or `model`.
    #[schema(value_type = String)]
    kind: Label,
    /// The name that the skill uses.
    #[schema(value_type = String)]
    name: Label,
    /// Whether a person allows each call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ask: bool,
    /// The methods that may be used, such as `GET`; any where none is named. Of `http` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    methods: Vec<String>,
    /// The paths that may be used, each with everything below it; any where none is named. Of `http` only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    paths: Vec<String>,
}

/// How much one run may use; what is absent keeps the host's default.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[schema(as = Limits)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct LimitsBody {
    /// Memory of the instance, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_mib: Option<u32>,
    /// Time that the guest itself computes, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    guest_ms: Option<u32>,
    /// Instructions that the guest may execute, in millions of fuel units.
    #[serde(skip_serializing_if = "Option::is_none")]
    fuel_millions: Option<u32>,
    /// From start to end, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline_ms: Option<u32>,
    /// Content of all files that the run makes together, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    files_mib: Option<u32>,
    /// Log lines of the run together, in KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    logs_kib: Option<u32>,
    /// Calls to the outside, refused ones included.
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<u32>,
    /// What one call sends, in KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_kib: Option<u32>,
    /// What one call is answered, in KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_kib: Option<u32>,
}

impl From<GrantsBody> for Grants {
    fn from(body: GrantsBody) -> Self {
        Self {
            bindings: body.bindings.into_iter().map(Grant::from).collect(),
            limits: body.limits.into(),
            configuration: body.configuration,
        }
    }
}

impl From<Grants> for GrantsBody {
    fn from(grants: Grants) -> Self {
        Self {
            bindings: grants.bindings.into_iter().map(GrantBody::from).collect(),
            limits: grants.limits.into(),
            configuration: grants.configuration,
        }
    }
}

/// A body and what is kept of it have the same fields, and neither can get one that the other has not.
macro_rules! mirrored {
    ($body:ident, $kept:ident { $($field:ident),+ }) => {
        impl From<$body> for $kept {
            fn from(body: $body) -> Self {
                let $body { $($field),+ } = body;
                Self { $($field),+ }
            }
        }

        impl From<$kept> for $body {
            fn from(kept: $kept) -> Self {
                let $kept { $($field),+ } = kept;
                Self { $($field),+ }
            }
        }
    };
}

mirrored!(
    GrantBody,
    Grant {
        kind,
        name,
        ask,
        methods,
        paths
    }
);
mirrored!(
    LimitsBody,
    Limits {
        memory_mib,
        guest_ms,
        fuel_millions,
        deadline_ms,
        files_mib,
        logs_kib,
        calls,
        request_kib,
        reply_kib
    }
);
