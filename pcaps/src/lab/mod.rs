//! The lab: rebuilds a censor on one machine, with captures and the truth about them.
//!
//! A [`scenario`] file says who talks to whom over what path, and what the box in the middle does. [`path`] is one link's
//! delay, loss, reordering and MTU, [`network`] joins links and box into one sans-IO machine that carries frames, and
//! [`labels`] write down what the box did. Who sends the frames is not said here: simulated hosts, or real ones.

pub mod network;
pub mod path;
pub mod scenario;
