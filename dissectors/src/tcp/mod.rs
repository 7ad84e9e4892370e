//! TCP: sequence numbers, reassembly of a direction, and what a connection's two sides did.

pub mod assembler;
pub(crate) mod clock;
pub(crate) mod connection;
pub mod finder;
pub mod half;
mod observe;
pub mod options;
pub(crate) mod progress;
pub(crate) mod record;
pub mod sender;
pub mod seq;
