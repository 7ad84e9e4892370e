//! TCP: sequence numbers, reassembly of a direction, and what a connection's two sides did.

pub mod assembler;
pub mod half;
pub mod options;
pub mod seq;
