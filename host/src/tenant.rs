//! Whose things this host keeps: the tenants, each with its key opened.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use registry::Tenant;

use crate::seal::{HostKey, OpenError, TenantKey};
use crate::store::{Store, StoreError, TenantRow};

/// The tenants of a host.
pub struct Tenants {
    store: Store,
    host: HostKey,
    keys: RwLock<HashMap<Tenant, Arc<TenantKey>>>,
}

/// Why the tenants cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TenantError {
    /// The host's key is not the one that this data was sealed with.
    #[error("the host's key does not open the tenant `{0}`: use the keys folder that belongs to this data folder")]
    Key(Tenant, #[source] OpenError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Tenants {
    /// Opens the key of every tenant, so that a host with the wrong key does not start.
    ///
    /// # Errors
    /// Where one of them does not open, or the store cannot be read.
    pub async fn load(store: Store, host: HostKey) -> Result<Self, TenantError> {
        let mut keys = HashMap::new();
        for row in store.tenants().await? {
            let key = host
                .open(row.tenant.as_str(), &row.key)
                .map_err(|error| TenantError::Key(row.tenant.clone(), error))?;
            keys.insert(row.tenant, Arc::new(key));
        }
        Ok(Self {
            store,
            host,
            keys: RwLock::new(keys),
        })
    }

    /// Adds a tenant with a key of its own; durable when it returns.
    ///
    /// # Errors
    /// [`StoreError::Exists`] where the name is taken.
    pub async fn add(&self, tenant: &Tenant) -> Result<TenantRow, StoreError> {
        let (key, wrapped) = self.host.tenant_key(tenant.as_str());
        let row = TenantRow {
            tenant: tenant.clone(),
            created_at: Timestamp::now(),
            key: wrapped,
        };
        self.store.add_tenant(row.clone()).await?;
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.insert(tenant.clone(), Arc::new(key));
        Ok(row)
    }

    /// The key of a tenant; none where there is no such tenant.
    pub fn key(&self, tenant: &Tenant) -> Option<Arc<TenantKey>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(tenant).map(Arc::clone)
    }

    /// The names of all tenants, sorted.
    pub fn names(&self) -> Vec<Tenant> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let mut names: Vec<_> = keys.keys().cloned().collect();
        names.sort();
        names
    }
}
