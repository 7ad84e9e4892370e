//! A version of the hello's bytes that is kept until it can be compared.

use crate::tcp::origin::Origin;
use crate::tcp::segment::Stamp;
use crate::tcp::seq::Seq;

/// A segment that disagrees with one that waits: they are compared once what waits is in order.
#[derive(Debug)]
pub(crate) struct Rival {
    pub(crate) from: Origin,
    pub(crate) stamp: Stamp,
    pub(crate) seq: Seq,
    pub(crate) ack: Option<Seq>,
    pub(crate) bytes: Vec<u8>,
}
