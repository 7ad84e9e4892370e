//! Stories told in virtual time to a tracker, and what it makes of them.

mod answers;
mod copies;
mod decoys;
mod ends;
mod hellos;
mod limits;
mod openings;
mod preludes;
mod properties;
mod resets;
mod story;
mod tls;
