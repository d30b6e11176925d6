//! The only way out to a network.
