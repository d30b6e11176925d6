//! Artifacts on disk, whole or absent.
