//! Tests of the module as a whole; its parts have theirs beside them.

pub(super) mod build;
mod decrypt;
mod hello;
mod probe;
mod rfc8448;
mod stream;
