//! Until when the signatures beside an artifact are a reason for new approvals.

use jiff::Timestamp;

use crate::artifact::Verified;
use crate::signature::{Bundle, Claim};

impl Verified {
    /// When the last of the signatures that hold ends. What is approved by then runs on.
    pub fn expires(&self) -> Option<Timestamp> {
        let bundles = self.pulled().bundles().iter();
        let claims = bundles.filter_map(|bundle| Claim::read(Bundle::read(bundle)?.payload()));
        claims.map(|claim| claim.expires).max()
    }
}
