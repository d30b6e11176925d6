//! Keys, statements and bundles, good and tampered with.
