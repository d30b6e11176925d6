//! Repositories that are watched: what is new there is pending, and nothing of it runs before somebody approves it.

mod settings;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use registry::{Code, Error, Reference, SkillName, Tenant};

use crate::binding::TenantSettings;
use crate::skills::{Inspection, Named, Offer, Skills, Warning};
use crate::store::{FoundRow, Store, StoreError};

pub use settings::{WatchError, WatchSettings};

/// The repositories that the tenants of a host watch.
pub struct Watch {
    store: Store,
    skills: Arc<Skills>,
    watched: Vec<Watched>,
    /// When each was last looked at, by its place in `watched`.
    looked: Mutex<HashMap<usize, Looked>>,
    /// What the tag of each named then, by its place in `watched`.
    named: Mutex<HashMap<usize, Named>>,
}

/// One repository that a tenant watches.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Who watches it.
    pub tenant: Tenant,
    /// The repository as it is configured.
    pub text: String,
    /// How often it is looked at.
    pub every: Duration,
    reference: Reference,
    /// Held while it is looked at, so that of two looks the later is what is kept.
    turn: Turn,
}

type Turn = Arc<tokio::sync::Mutex<()>>;

/// How a repository was last looked at.
#[derive(Clone, Debug)]
pub struct Looked {
    /// When.
    pub at: Timestamp,
    /// Why nothing was seen: a code, and a sentence.
    pub refused: Option<(&'static str, String)>,
}

/// A version that somebody may approve.
pub struct Pending {
    /// Where it was found, and when.
    pub found: FoundRow,
    /// What it is; refused where it is not trusted any more.
    pub seen: Result<Inspection, Error>,
}

/// Why a look came to nothing.
#[derive(Debug, thiserror::Error)]
enum LookError {
    #[error(transparent)]
    Refused(#[from] Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// For so long a registry may be silent before somebody is told: whoever keeps a host from hearing of a new version, or
/// of one that was withdrawn, is seen after that.
const SILENCE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A host that starts does not ask all registries at once.
const FIRST: Duration = Duration::from_secs(10);

impl Watch {
    /// Reads what is watched.
    ///
    /// # Errors
    /// [`WatchError`], with the tenant whose configuration cannot hold.
    pub fn new(
        settings: &BTreeMap<Tenant, TenantSettings>,
        home: &str,
        store: Store,
        skills: Arc<Skills>,
    ) -> Result<Self, WatchError> {
        Ok(Self {
            store,
            skills,
            watched: read(settings, home)?,
            looked: Mutex::default(),
            named: Mutex::default(),
        })
    }

    /// Looks at each repository again and again, and never ends.
    pub async fn keep_looking(&self) {
        let following = (0..self.watched.len()).map(|place| self.follow(place));
        futures_util::future::join_all(following).await;
    }

    /// Looks at each repository of a tenant now.
    pub async fn look_now(&self, tenant: &Tenant) {
        let of_tenant = self
            .watched
            .iter()
            .enumerate()
            .filter(|(_, watched)| watched.tenant == *tenant);
        futures_util::future::join_all(of_tenant.map(|(place, watched)| self.look(place, watched))).await;
    }

    /// What a tenant watches, and how each was last looked at since the host started.
    pub fn watched(&self, tenant: &Tenant) -> Vec<(&Watched, Option<Looked>)> {
        let looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let of_tenant = self
            .watched
            .iter()
            .enumerate()
            .filter(|(_, watched)| watched.tenant == *tenant);
        of_tenant
            .map(|(place, watched)| (watched, looked.get(&place).cloned()))
            .collect()
    }

    /// What was found for a tenant and nobody decided about.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn pending(&self, tenant: &Tenant) -> Result<Vec<Pending>, StoreError> {
        let mut pending = Vec::new();
        for found in self.found(tenant).await? {
            if self.skills.decided(tenant, &found.skill, found.digest) {
                continue;
            }
            let seen = self.skills.inspect_kept(tenant, &found.skill, found.digest).await;
            pending.push(Pending { found, seen });
        }
        Ok(pending)
    }

    /// What to tell of a skill that runs and that its registry offers no longer, or of which nothing was heard for long.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn warnings(&self, tenant: &Tenant, skill: &SkillName) -> Result<Vec<Warning>, StoreError> {
        let (found, now) = (self.found(tenant).await?.into_iter(), Timestamp::now());
        let of_skill = found.filter(|found| found.skill == *skill);
        Ok(of_skill
            .flat_map(|found| [withdrawn(&found), silent(&found, now)])
            .flatten()
            .collect())
    }

    /// What was found where the tenant still looks.
    async fn found(&self, tenant: &Tenant) -> Result<Vec<FoundRow>, StoreError> {
        let mut found = self.store.found(tenant).await?;
        found.retain(|row| {
            self.watched
                .iter()
                .any(|watched| watched.text == row.reference && watched.tenant == *tenant)
        });
        Ok(found)
    }

    async fn follow(&self, place: usize) {
        let Some(watched) = self.watched.get(place) else { return };
        tokio::time::sleep(about(watched.every.min(FIRST))).await;
        loop {
            self.look(place, watched).await;
            tokio::time::sleep(about(watched.every)).await;
        }
    }

    async fn look(&self, place: usize, watched: &Watched) {
        let _turn = watched.turn.lock().await;
        let refused = self.ask(place, watched).await.err().map(|error| {
            tracing::warn!(tenant = %watched.tenant, watched = watched.text, error = &error as &dyn std::error::Error, "nothing was seen in a watched repository");
            match error {
                LookError::Refused(error) => (error.code().as_str(), error.told().to_owned()),
                LookError::Store(_) => ("store-unavailable", "the host's store failed".to_owned()),
            }
        });
        let at = Timestamp::now();
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.insert(place, Looked { at, refused });
    }

    async fn offered(&self, place: usize, watched: &Watched) -> Result<Offer, Error> {
        let before = self.named().get(&place).cloned();
        let offered = self
            .skills
            .offered(&watched.tenant, &watched.reference, before.as_ref())
            .await?;
        match &offered.named {
            Some(named) => self.named().insert(place, named.clone()),
            None => self.named().remove(&place),
        };
        Ok(offered)
    }

    fn named(&self) -> MutexGuard<'_, HashMap<usize, Named>> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what is new. What is there already is not pulled again.
    async fn ask(&self, place: usize, watched: &Watched) -> Result<(), LookError> {
        let Watched { tenant, reference, .. } = watched;
        let known = self.store.found(tenant).await?;
        let known = known.into_iter().find(|row| row.reference == watched.text);
        let offer = self.offered(place, watched).await?;
        let named = offer.named.map(|named| named.resolved.digest);
        let digest = named.or(known.as_ref().map(|row| row.digest)).ok_or_else(|| {
            let told = format!(
                "there is no version of a skill in `{}`: check the name and the tag",
                watched.text
            );
            Error::new(Code::ArtifactNotFound, told)
        })?;
        let now = Timestamp::now();
        let mut row = match &known {
            Some(row) if row.digest == digest => row.clone(),
            _ => FoundRow {
                tenant: tenant.clone(),
                reference: watched.text.clone(),
                skill: reference.name().clone(),
                version: self.skills.keep(&reference.with_digest(digest)).await?,
                digest,
                since: now,
                gone_at: None,
                heard_at: now,
            },
        };
        row.heard_at = now;
        let before = known.and_then(|row| row.gone_at);
        row.gone_at = offer.gone.then(|| before.unwrap_or(now));
        Ok(self.store.keep_found(row).await?)
    }
}

fn withdrawn(found: &FoundRow) -> Option<Warning> {
    let words = format!(
        "`{}` offers it no longer, since {}: it runs on; ask its publisher why it was withdrawn",
        found.reference, found.gone_at?
    );
    Some(Warning {
        code: "withdrawn",
        words,
    })
}

fn silent(found: &FoundRow, now: Timestamp) -> Option<Warning> {
    (now.duration_since(found.heard_at) > SILENCE).then(|| Warning {
        code: "registry-silent",
        words: format!(
            "nothing was heard of `{}` since {}: whether there is a new version, or this one was withdrawn, is not known; \
             `skillhost pending` says why",
            found.reference, found.heard_at
        ),
    })
}

/// Reads what is watched; `home` is the embedded registry as references spell it.
///
/// # Errors
/// [`WatchError`], with the tenant whose configuration cannot hold.
pub fn read(settings: &BTreeMap<Tenant, TenantSettings>, home: &str) -> Result<Vec<Watched>, WatchError> {
    let mut watched = Vec::new();
    for (tenant, settings) in settings {
        watched.extend(settings.watch.read(tenant, home)?);
    }
    Ok(watched)
}

/// A fifth more or less, so that hosts which were started together do not ask together.
fn about(time: Duration) -> Duration {
    time.mul_f64(rand::random_range(0.8..1.2))
}
