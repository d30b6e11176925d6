//! Components, good and bad, and what is written into them.
