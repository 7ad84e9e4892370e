//! Numbers that nobody outside knows.

use std::hash::{BuildHasher as _, RandomState};

/// A key, another one each time. The keys of the standard library's hash tables come from the operating system.
pub(crate) fn key() -> [u64; 2] {
    [(); 2].map(|()| RandomState::new().hash_one(()))
}
