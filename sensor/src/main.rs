//! The command `hushwire`.

fn main() {}
