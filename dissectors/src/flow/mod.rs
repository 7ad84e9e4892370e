//! Flows: both directions of a 5-tuple, found by a keyed hash, bounded in number, forgotten when silent.

mod key;
mod opening;
mod table;
mod tracker;

pub use key::{Key, flow_id};
pub use opening::{Connects, MAX_SERVERS};
pub use tracker::{Config, Counts, Telling, Tracker};
