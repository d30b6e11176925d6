//! Entries as they are written down.
