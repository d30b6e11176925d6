//! What a ledger says about who is trusted.
