//! Captures as test cases, and the builder that makes them from a scenario.
//!
//! [`story`] tells connections in virtual time over [`net`]'s hosts and paths, with [`tls`] bytes and [`quic`] packets in
//! them, and [`mod@file`] writes them down. [`cases`] are the stories that are kept as golden captures, [`case`] is the folder
//! that such a capture lives in, and [`expect`] compares events with what a case expects.
//!
//! [`middlebox`] is a box that interferes by rules, and [`lab`] puts it on a path between clients and servers, as a scenario
//! file says.
//!
//! Nothing that makes packets knows how the tool under test reads them: a case's expectation is written by the rules, by
//! hand. Only the lab asks that tool for its opinion, at the end.

pub mod bytes;
pub mod case;
pub mod cases;
pub mod expect;
pub mod file;
pub mod lab;
pub mod middlebox;
pub mod net;
pub mod quic;
pub mod random;
pub mod story;
pub mod tls;
