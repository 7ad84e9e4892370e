//! Flows: both directions of a 5-tuple, found by a keyed hash, bounded in number, forgotten when silent.

mod arrival;
mod config;
mod ending;
mod fuzz;
mod key;
mod ledger;
mod losses;
mod opening;
mod quic;
mod settled;
mod sip;
mod table;
mod tcp;
mod tracker;

#[cfg(test)]
mod tests;

pub use config::Config;
pub use fuzz::fuzz_flow;
pub use key::{Key, flow_id};
pub use ledger::{Counts, Telling};
pub use losses::{GRAIN, Loss, Losses};
pub use opening::Connects;
pub use tracker::Tracker;

pub use crate::shared::{Forgotten, Shared};
