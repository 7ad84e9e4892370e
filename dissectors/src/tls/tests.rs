//! Tests of the module as a whole; its parts have theirs beside them.

mod build;
mod hello;
mod probe;
mod stream;
