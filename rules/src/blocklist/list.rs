//! A blocklist: the entries of all sources, and the sources.

use std::sync::{Arc, OnceLock};

use super::builtin::{BuiltIn, LISTS};
use super::entry::Entry;
use super::index::Index;
use super::load::Loaded;
use super::source::Source;

/// All entries, indexed. It does not change while it is matched against, and can be shared.
///
/// The built-in lists are loaded when an entry is first asked for: that takes as long as everything else over a small
/// capture, in which there may be no certificate at all.
#[derive(Debug, Default)]
pub struct Blocklist {
    sources: Vec<Source>,
    builtin: &'static [BuiltIn],
    /// Entries that were added behind the built-in ones.
    added: Vec<Arc<Entry>>,
    contents: OnceLock<Contents>,
}

/// The entries of all sources.
#[derive(Debug)]
struct Contents {
    entries: Vec<Arc<Entry>>,
    index: Index,
}

impl Blocklist {
    /// The lists that come with the program.
    pub fn builtin() -> Self {
        Self { sources: LISTS.iter().map(BuiltIn::source).collect(), builtin: &LISTS, ..Self::default() }
    }

    /// Adds the entries of one source.
    pub fn add(&mut self, loaded: Loaded) {
        self.sources.push(Source {
            name: loaded.name,
            format: loaded.format,
            revision: loaded.revision,
            entries: loaded.entries.len(),
            errors: loaded.error_count,
        });
        self.added.extend(loaded.entries.into_iter().map(Arc::new));
        self.contents.take();
    }

    /// All entries, in the order in which they were added.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.contents().entries
    }

    /// All sources, in the order in which they were added.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The entries by their marks.
    pub(super) fn index(&self) -> &Index {
        &self.contents().index
    }

    fn contents(&self) -> &Contents {
        self.contents.get_or_init(|| {
            let builtin = self.builtin.iter().flat_map(BuiltIn::load).map(Arc::new);
            let entries: Vec<_> = builtin.chain(self.added.iter().cloned()).collect();
            let mut index = Index::default();
            entries.iter().enumerate().for_each(|(place, entry)| index.add(entry, place));
            Contents { entries, index }
        })
    }
}
