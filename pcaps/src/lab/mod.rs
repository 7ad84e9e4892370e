//! The lab: rebuilds a censor on one machine, with captures and the truth about them.
//!
//! A [`scenario`] file says who talks to whom over what path, and what the box in the middle does. [`path`] is one link's
//! delay, loss, reordering and MTU, [`schedule`] when which connection begins, [`point`] where captures are made. [`network`]
//! joins links and box into one sans-IO machine that carries frames, [`sim`] puts simulated hosts on it, [`real`] real ones; what
//! comes of it is [`played`]. [`labels`] write down what the box did, [`run`] writes everything and asks hushwire's opinion, and
//! [`table`] shows what that is worth.

pub mod authority;
pub mod labels;
pub mod network;
pub mod path;
pub mod played;
pub mod point;
pub mod real;
pub mod run;
pub mod scenario;
pub mod schedule;
pub mod sim;
pub mod table;
