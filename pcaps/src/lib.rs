//! Captures as test cases, and the builder that makes them from a scenario.
//!
//! [`story`] tells connections in virtual time over [`net`]'s hosts and paths, with [`tls`] bytes and [`quic`] packets in them, and [`file`]
//! writes them down. [`cases`] are the stories that are kept as golden captures, [`case`] is the folder that such a
//! capture lives in, and [`expect`] compares events with what a case expects. [`middlebox`] is the lab's real one.
//!
//! Nothing here knows how the tool under test reads a capture: a case's expectation is written by the rules, by hand.

pub mod bytes;
pub mod case;
pub mod cases;
pub mod expect;
pub mod file;
pub mod middlebox;
pub mod net;
pub mod quic;
pub mod random;
pub mod story;
pub mod tls;
