//! A blocklist: the entries of all sources, and the sources.

use std::sync::Arc;

use super::entry::Entry;
use super::index::Index;
use super::load::{Format, Loaded};

/// All entries, indexed. It does not change while it is matched against, and can be shared.
#[derive(Debug, Default)]
pub struct Blocklist {
    entries: Vec<Arc<Entry>>,
    sources: Vec<Source>,
    pub(super) index: Index,
}

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

impl Blocklist {
    /// Adds the entries of one source.
    pub fn add(&mut self, loaded: Loaded) {
        self.sources.push(Source {
            name: loaded.name,
            format: loaded.format,
            revision: loaded.revision,
            entries: loaded.entries.len(),
            errors: loaded.error_count,
        });
        for entry in loaded.entries {
            let entry = Arc::new(entry);
            self.index.add(&entry, self.entries.len());
            self.entries.push(entry);
        }
    }

    /// All entries, in the order in which they were added.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// All sources, in the order in which they were added.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }
}
