//! The lists that come with the program: `rules/data/blocklist`, whose README says where each is from.

use super::entry::{Class, Entry};
use super::load::{Format, load};
use super::source::Source;

/// A list that comes with the program, and what is known of it without loading it.
#[derive(Debug)]
pub(super) struct BuiltIn {
    name: &'static str,
    content: &'static [u8],
    /// The class of records that do not state their own.
    class: Class,
    format: Format,
    revision: &'static str,
    entries: usize,
}

/// A file of the folder, with class, format, revision and number of entries.
macro_rules! list {
    ($name:literal, $class:ident, $format:ident, $revision:literal, $entries:literal) => {
        BuiltIn {
            name: $name,
            content: include_bytes!(concat!("../../data/blocklist/", $name)),
            class: Class::$class,
            format: Format::$format,
            revision: $revision,
            entries: $entries,
        }
    };
}

/// Whoever changes a list is told by the tests what its revision is now.
pub(super) static LISTS: [BuiltIn; 7] = [
    list!("kazakhstan-roots.pem", Interception, Pem, "82ace37bf6ea", 10),
    list!("kazakhstan-intermediates.csv", Interception, Csv, "794134c5a7e8", 7),
    list!("interception.pem", Interception, Pem, "18ba03998ce4", 3),
    list!("keys.pem", Interception, Pem, "b72d01d86460", 4),
    list!("compromised.pem", Compromised, Pem, "38e3ef5497c5", 24),
    list!("products.csv", Product, Csv, "bf29ca73d6e0", 22),
    list!("revoked.csv", Revoked, Csv, "e65082d3ae58", 70),
];

impl BuiltIn {
    /// What is known of it beforehand.
    pub(super) fn source(&self) -> Source {
        let &Self { name, format, revision, entries, .. } = self;
        Source { name: name.into(), format, revision: revision.to_owned(), entries, errors: 0 }
    }

    /// Its entries.
    pub(super) fn load(&self) -> Vec<Entry> {
        load(self.name, self.content, Some(self.class)).entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blocklist::Blocklist;

    #[test]
    fn what_is_known_beforehand_is_what_loading_gives() {
        for list in &LISTS {
            let mut loaded = Blocklist::default();
            loaded.add(load(list.name, list.content, Some(list.class)));
            assert_eq!(loaded.sources(), [list.source()]);
        }
    }
}
