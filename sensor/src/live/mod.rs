//! Live capture: frames from network interfaces, with the time that passes while none comes.
//!
//! A [`Tap`](tap::Tap) reads one interface, a [`LiveSource`] makes one capture of several, and several sources may share the
//! interfaces out among them ([`readers`]). This is the only module that
//! reads the clock of the machine ([`clock`]); everything behind it sees frames, ticks and counters, as from a file.

mod clock;
mod counters;
mod desk;
mod error;
mod fanout;
mod hold;
mod keys;
mod ports;
pub mod privileges;
mod readers;
mod service;
mod signals;
mod source;
mod tap;

pub use self::counters::Counters;
pub use self::desk::Watcher;
pub use self::error::LiveError;
pub use self::ports::{HIDDEN_BY_PORTS, ports_filter};
pub use self::service::{Config, Finished, ServiceError, run};
pub use self::signals::Signals;
pub use self::source::LiveSource;
pub use self::tap::Options;
