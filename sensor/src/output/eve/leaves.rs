//! What EVE's object `tls` says of a server's own certificate, written once and then repeated: every line about a popular
//! server says the same of it.

use dissectors::memory::Memory;
use dissectors::x509::Certificate;

use crate::output::json::Json;
use crate::output::text::{push_civil, push_colons, push_hex};

/// The longest text that is remembered, in bytes: twice that of usual names.
const MAX_TEXT: usize = 600;

/// The members that were written of certificates, by their SHA-256.
#[derive(Debug)]
pub(super) struct Leaves(Memory<([u8; 32], Box<[u8]>)>);

impl Leaves {
    /// Remembers what is written of at most `limit` certificates.
    pub(super) fn new(limit: usize) -> Self {
        Self(Memory::new(limit))
    }

    /// How many were forgotten to make room.
    pub(super) fn forgotten(&self) -> u64 {
        self.0.forgotten()
    }

    /// Writes the members about a leaf.
    pub(super) fn write(&mut self, json: &mut Json<'_>, leaf: &Certificate) {
        let place = leaf.place();
        if let Some((_, members)) = self.0.recall(place, |(sha256, _)| *sha256 == leaf.sha256) {
            return json.again(members);
        }
        let written = json.written(|json| members(json, leaf));
        if written.len() <= MAX_TEXT {
            self.0.remember(place, (leaf.sha256, written.into()));
        }
    }
}

fn members(json: &mut Json<'_>, leaf: &Certificate) {
    if let Some(facts) = leaf.facts() {
        json.key("subject").text(&facts.subject.text);
        json.key("issuerdn").text(&facts.issuer.text);
        json.key("serial").plain(|out| match &*facts.serial {
            [] => push_hex(out, &[0]),
            serial => push_colons(out, serial, b'A'),
        });
    }
    json.key("fingerprint").plain(|out| push_colons(out, leaf.sha1(), b'a'));
    if let Some(facts) = leaf.facts() {
        json.key("notbefore").plain(|out| push_civil(out, facts.validity.not_before));
        json.key("notafter").plain(|out| push_civil(out, facts.validity.not_after));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(leaves: &mut Leaves, leaf: &Certificate) -> String {
        let mut line = Vec::new();
        Json::new(&mut line).object(|json| leaves.write(json, leaf));
        String::from_utf8(line).unwrap()
    }

    #[test]
    fn what_is_repeated_is_what_was_written() {
        let leaves: Vec<Certificate> = (0..20).map(|number| Certificate::new(&[number])).collect();
        let (mut many, mut few) = (Leaves::new(64), Leaves::new(4));
        for _thrice in 0..3 {
            for leaf in &leaves {
                let fresh = written(&mut Leaves::new(1), leaf);
                assert_eq!(written(&mut many, leaf), fresh);
                assert_eq!(written(&mut few, leaf), fresh);
            }
        }
        assert_eq!((many.forgotten(), few.forgotten() > 0), (0, true));
    }
}
