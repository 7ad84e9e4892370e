//! Captures as test cases, and the builder that makes them from a scenario.

pub mod middlebox;
