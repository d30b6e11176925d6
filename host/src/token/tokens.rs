//! All tokens in memory, by their hashes: checking one is a hash and a look-up, and revoking one is immediate.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use jiff::{SignedDuration, Timestamp};
use registry::{Digest, PublisherName, Tenant};
use uuid::Uuid;

use super::{Caller, Role, Secret};
use crate::store::{Store, StoreError, TokenRow};

/// The tokens of a host.
pub struct Tokens {
    store: Store,
    held: RwLock<HashMap<Digest, Arc<Held>>>,
}

/// What a new token is to be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What people call it: 1 to 64 characters.
    pub name: String,
    /// What its bearer may do.
    pub roles: BTreeSet<Role>,
    /// As whom it publishes; needed by the role publisher and by no other.
    pub publisher: Option<PublisherName>,
    /// For how long it holds.
    pub lasts: SignedDuration,
}

/// A new token, with the only copy of its secret.
#[derive(Clone, Debug)]
pub struct Issued {
    /// As it is kept.
    pub row: TokenRow,
    /// To be shown once.
    pub secret: Secret,
}

/// Why a token is not issued, not accepted or not revoked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TokenError {
    /// It cannot be what was wanted.
    #[error("{0}")]
    Unwanted(&'static str),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

struct Held {
    caller: Arc<Caller>,
    row: TokenRow,
    /// Whether it is in the store.
    kept: bool,
    revoked: OnceLock<Timestamp>,
    /// The second in which it was last seen, and 0 for never.
    seen: AtomicI64,
    /// What of it is in the store.
    noted: AtomicI64,
}

/// The longest that a token may hold.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366);

impl Tokens {
    /// Reads all tokens.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn load(store: Store) -> Result<Self, StoreError> {
        let rows = store.tokens().await?;
        let held = rows
            .into_iter()
            .map(|row| (row.hash, Arc::new(Held::new(row))))
            .collect();
        Ok(Self {
            store,
            held: RwLock::new(held),
        })
    }

    /// Whom this token stands for; nobody where it is unknown, ended or revoked.
    ///
    /// The look-up is by the SHA-256 of 256 random bits, so what its duration tells leads to no token.
    pub fn verify(&self, secret: &Secret, now: Timestamp) -> Option<Arc<Caller>> {
        let held = Arc::clone(self.read().get(&secret.hash())?);
        if held.revoked.get().is_some() || held.row.expires_at <= now {
            return None;
        }
        held.seen.store(now.as_second(), Ordering::Relaxed);
        Some(Arc::clone(&held.caller))
    }

    /// Issues a token; it holds, and is durable, when this returns.
    ///
    /// # Errors
    /// Where the token cannot be what was wanted, or is not recorded.
    pub async fn issue(&self, tenant: &Tenant, wanted: Wanted) -> Result<Issued, TokenError> {
        wanted.check()?;
        let secret = Secret::generate();
        let now = Timestamp::now();
        let row = TokenRow {
            tenant: tenant.clone(),
            id: Uuid::now_v7(),
            name: wanted.name,
            hash: secret.hash(),
            roles: wanted.roles,
            publisher: wanted.publisher,
            created_at: now,
            expires_at: now.checked_add(wanted.lasts).map_err(|_| TokenError::Unwanted(LASTS))?,
            revoked_at: None,
            last_used_at: None,
        };
        self.store.add_token(row.clone()).await?;
        self.hold(Held::new(row.clone()));
        Ok(Issued { row, secret })
    }

    /// A token that the host holds for itself and keeps nowhere: it reads the embedded registry, and has no role.
    pub fn own(&self, tenant: &Tenant) -> Secret {
        let secret = Secret::generate();
        let row = TokenRow {
            tenant: tenant.clone(),
            id: Uuid::now_v7(),
            name: "host".to_owned(),
            hash: secret.hash(),
            roles: BTreeSet::new(),
            publisher: None,
            created_at: Timestamp::now(),
            expires_at: Timestamp::MAX,
            revoked_at: None,
            last_used_at: None,
        };
        self.hold(Held {
            kept: false,
            ..Held::new(row)
        });
        secret
    }

    /// Revokes a token of the tenant: it holds no more, and that is durable, when this returns. Returns the token, or
    /// nothing where the tenant has none of this name.
    ///
    /// # Errors
    /// Where it is not recorded; the token is refused all the same until the host is started again.
    pub async fn revoke(&self, tenant: &Tenant, id: Uuid) -> Result<Option<TokenRow>, StoreError> {
        let Some(held) = self.find(tenant, id) else {
            return Ok(None);
        };
        let now = Timestamp::now();
        if held.revoked.set(now).is_ok() {
            self.store.revoke_token(tenant, id, now).await?;
        }
        Ok(Some(held.row()))
    }

    /// The tokens of a tenant, in the order in which they were issued.
    pub fn list(&self, tenant: &Tenant) -> Vec<TokenRow> {
        let mut rows: Vec<_> = self
            .read()
            .values()
            .filter(|held| held.kept && held.row.tenant == *tenant)
            .map(|held| held.row())
            .collect();
        rows.sort_by_key(|row| row.id);
        rows
    }

    /// Notes in the store when tokens were last seen. Called now and then, never by a request.
    ///
    /// # Errors
    /// Where it is not noted.
    pub async fn note_use(&self) -> Result<(), StoreError> {
        let held: Vec<_> = self.read().values().filter(|held| held.kept).map(Arc::clone).collect();
        for held in held {
            let seen = held.seen.load(Ordering::Relaxed);
            if held.noted.swap(seen, Ordering::Relaxed) != seen
                && let Ok(at) = Timestamp::from_second(seen)
            {
                self.store.token_used(&held.row.tenant, held.row.id, at).await?;
            }
        }
        Ok(())
    }

    fn find(&self, tenant: &Tenant, id: Uuid) -> Option<Arc<Held>> {
        self.read()
            .values()
            .find(|held| held.row.id == id && held.row.tenant == *tenant)
            .map(Arc::clone)
    }

    fn hold(&self, held: Held) {
        let mut all = self.held.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(held.row.hash, Arc::new(held));
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<Digest, Arc<Held>>> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }
}

const LASTS: &str = "a token holds for one second to 366 days";

impl Wanted {
    /// What the first administrator of a tenant holds.
    pub fn first_admin() -> Self {
        Self {
            name: "first administrator".to_owned(),
            roles: BTreeSet::from([Role::Admin]),
            publisher: None,
            lasts: SignedDuration::from_hours(24 * 365),
        }
    }

    fn check(&self) -> Result<(), TokenError> {
        let refuse = |what| Err(TokenError::Unwanted(what));
        let length = self.name.chars().count();
        if !(1..=64).contains(&length) || self.name.chars().any(char::is_control) {
            return refuse("the name of a token is 1 to 64 characters without control characters");
        }
        if self.roles.is_empty() {
            return refuse("a token needs at least one role");
        }
        if self.roles.contains(&Role::Publisher) != self.publisher.is_some() {
            return refuse("the role publisher needs the name of a publisher, and no other role takes one");
        }
        if self.lasts < SignedDuration::from_secs(1) || self.lasts > LONGEST {
            return refuse(LASTS);
        }
        Ok(())
    }
}

impl Held {
    fn new(row: TokenRow) -> Self {
        let caller = Caller {
            tenant: row.tenant.clone(),
            token: row.id,
            name: row.name.clone(),
            roles: row.roles.clone(),
            publisher: row.publisher.clone(),
            expires_at: row.expires_at,
        };
        let seen = row.last_used_at.map_or(0, Timestamp::as_second);
        let revoked = row.revoked_at.map(OnceLock::from).unwrap_or_default();
        Self {
            caller: Arc::new(caller),
            row,
            kept: true,
            revoked,
            seen: AtomicI64::new(seen),
            noted: AtomicI64::new(seen),
        }
    }

    fn row(&self) -> TokenRow {
        let seen = self.seen.load(Ordering::Relaxed);
        let last_used_at = if seen == 0 {
            None
        } else {
            Timestamp::from_second(seen).ok()
        };
        TokenRow {
            revoked_at: self.revoked.get().copied(),
            last_used_at,
            ..self.row.clone()
        }
    }
}
