//! Where entries are from.

use std::sync::Arc;

use super::load::Format;

/// A list that was added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name: of the built-in list, or of the file.
    pub name: Arc<str>,
    /// Its format.
    pub format: Format,
    /// The first 12 hexadecimal digits of the SHA-256 of its content.
    pub revision: String,
    /// How many entries it gave.
    pub entries: usize,
    /// How many of its records were in error.
    pub errors: usize,
}
