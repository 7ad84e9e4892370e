//! Whole connections, made packet by packet, and the vectors of the specifications.

mod connections;
mod flight;
mod garbage;
mod make;
mod orders;
mod probes;
mod vectors;
