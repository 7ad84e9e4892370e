//! The lists that come with the program: `rules/data/blocklist`, whose README says where each is from.

use super::entry::Class;
use super::list::Blocklist;
use super::load::load;

/// Name, content, and the class of records that do not state their own.
const LISTS: [(&str, &[u8], Class); 7] = [
    ("kazakhstan-roots.pem", include_bytes!("../../data/blocklist/kazakhstan-roots.pem"), Class::Interception),
    (
        "kazakhstan-intermediates.csv",
        include_bytes!("../../data/blocklist/kazakhstan-intermediates.csv"),
        Class::Interception,
    ),
    ("interception.pem", include_bytes!("../../data/blocklist/interception.pem"), Class::Interception),
    ("keys.pem", include_bytes!("../../data/blocklist/keys.pem"), Class::Interception),
    ("compromised.pem", include_bytes!("../../data/blocklist/compromised.pem"), Class::Compromised),
    ("products.csv", include_bytes!("../../data/blocklist/products.csv"), Class::Product),
    ("revoked.csv", include_bytes!("../../data/blocklist/revoked.csv"), Class::Revoked),
];

/// The built-in blocklist.
pub fn builtin() -> Blocklist {
    let mut list = Blocklist::default();
    for (name, content, class) in LISTS {
        list.add(load(name, content, Some(class)));
    }
    list
}
