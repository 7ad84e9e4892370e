//! TCP: sequence numbers, reassembly of a direction, and what a connection's two sides did.

pub mod assembler;
pub(crate) mod clock;
mod conflict;
pub(crate) mod connection;
pub(crate) mod copies;
mod exchange;
mod finder;
mod fuzz;
pub mod half;
mod kept;
mod observe;
pub mod options;
pub(crate) mod origin;
pub mod prelude;
pub(crate) mod progress;
pub(crate) mod record;
mod rival;
mod segment;
pub(crate) mod sender;
pub mod seq;
mod waiting;

pub(crate) use self::conflict::MAX_NAMES;
pub use self::fuzz::fuzz_reassembly;
