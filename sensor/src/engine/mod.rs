//! The engine: frames in, attempts out, in the order of their events. Sans-IO: it reads no file and no clock, and starts
//! no thread; the pipeline decides who runs which part of it.
//!
//! The reader's part ([`Intake`]) numbers, dates and decodes frames; a worker's part ([`Shards`]) follows its share of the
//! flows; [`in_order`] merges what the workers tell. Whatever looks at more than one attempt comes behind the merge.

mod batch;
mod clock;
mod fuzz;
mod heard;
mod intake;
mod keys;
mod loss;
mod merge;
mod shards;
mod share;
mod shed;
mod standing;

pub use batch::{Batch, Part, Routed};
pub use clock::{CaptureClock, MAX_AHEAD, MAX_BACK, Tick};
pub use fuzz::fuzz_engine;
pub use heard::DEFAULT_CLIENTS;
pub use intake::Intake;
pub use keys::{Embedded, Keys};
pub use loss::LossRecord;
pub use merge::Merge;
pub use shards::{SHARDS, ShardReport, Shards, Told, in_order};
pub use share::Share;
pub use shed::Shedding;
pub use standing::{Standing, Totals};
