//! Sections, good and bad.
