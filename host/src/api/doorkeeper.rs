//! Who may read and write the embedded registry: any valid token reads, publishers write their namespaces.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use registry::server::{Access, Action, Credentials, Denial, Doorkeeper, Who};

use crate::token::{Caller, Role, Secret, Tokens};
use crate::trust::Trust;

/// The door of the embedded registry.
pub struct Door {
    /// Who may ask.
    pub tokens: Arc<Tokens>,
    /// Whose namespaces are whose.
    pub trust: Arc<Trust>,
}

#[async_trait]
impl Doorkeeper for Door {
    async fn admit(&self, credentials: Option<Credentials>, action: Action) -> Result<Who, Denial> {
        let secret: Secret = credentials
            .ok_or(Denial::Unknown)?
            .secret()
            .parse()
            .map_err(|_| Denial::Unknown)?;
        let caller = self.tokens.verify(&secret, Timestamp::now()).ok_or(Denial::Unknown)?;
        if action.access == Access::Read || self.may_write(&caller, &action) {
            Ok(Who(caller.name().to_owned()))
        } else {
            Err(Denial::Forbidden)
        }
    }
}

impl Door {
    fn may_write(&self, caller: &Caller, action: &Action) -> bool {
        let (Some(publisher), Some(repository)) = (caller.publisher(), &action.repository) else {
            return false;
        };
        let state = self.trust.state();
        let owner = state.owner(repository.namespace());
        caller.roles().contains(&Role::Publisher)
            && owner.is_some_and(|owner| owner.name == *publisher && owner.revoked.is_none())
    }
}
