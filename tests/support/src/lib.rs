//! Simulators of the services that skills talk to, for tests.
