//! Benches, and the generator of the captures that they read.
//!
//! A [`scenario`] starts flows, [`interleave`] runs them side by side in virtual time, [`wire`] gives them packets with
//! right checksums and [`tls`] what stands in them, and [`truth`] writes down what became of each. The same flags give
//! the same bytes, for ever and everywhere. [`measure`] compares what commands
//! cost over them. [`worst`] is what nobody would send who means well. Nothing here knows how the tool under test reads a capture.

pub mod interleave;
pub mod measure;
pub mod names;
pub mod noise;
pub mod scenario;
pub mod tls;
pub mod truth;
pub mod wire;
pub mod worst;
