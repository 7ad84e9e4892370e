//! The Certificate message's list (RFC 5246, section 7.4.2; RFC 8446, section 4.4.2). What is in a certificate is not
//! this module's.

use super::extension::exactly;
use super::wire::Cursor;

/// How many certificates of one message are handed out; those behind them are counted. Real chains have at most ten.
pub const MAX_CERTIFICATES: usize = 32;

/// How a message lists its certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateFormat {
    /// SSLv2: the server's hello has one certificate, or none.
    Sslv2,
    /// TLS 1.2 and below: a list of certificates.
    Tls12,
    /// TLS 1.3, always encrypted: a request context, then certificates with extensions each.
    Tls13,
}

/// A chain as it was sent: the sender's certificate first, then as a rule each one's issuer. A client may send none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateList<'a> {
    entries: &'a [u8],
    format: CertificateFormat,
    sent: usize,
    malformed: bool,
}

impl<'a> CertificateList<'a> {
    /// Reads a Certificate message's body. Of a malformed list the whole certificates before the damage are kept.
    pub fn parse(body: &'a [u8], format: CertificateFormat) -> Self {
        let list = exactly(body, |cursor| match format {
            CertificateFormat::Sslv2 => cursor.take(body.len()),
            CertificateFormat::Tls12 => cursor.vector24(),
            CertificateFormat::Tls13 => cursor.vector8().and_then(|_context| cursor.vector24()),
        });
        let entries = list.unwrap_or_else(|| after_header(body, format));
        let mut walk = Walk { cursor: Cursor::new(entries), format };
        let sent = walk.by_ref().count();
        Self { entries, format, sent, malformed: list.is_none() || !walk.cursor.is_empty() }
    }

    /// The certificates in DER, the first [`MAX_CERTIFICATES`] of them.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        Walk { cursor: Cursor::new(self.entries), format: self.format }.take(MAX_CERTIFICATES)
    }

    /// How many certificates were sent.
    pub fn sent(&self) -> usize {
        self.sent
    }

    /// How many certificates behind the first [`MAX_CERTIFICATES`] are not handed out.
    pub fn omitted(&self) -> usize {
        self.sent.saturating_sub(MAX_CERTIFICATES)
    }

    /// Whether the lengths do not fit each other.
    pub fn is_malformed(&self) -> bool {
        self.malformed
    }
}

/// What stands behind the list's length, although that length is wrong.
fn after_header(body: &[u8], format: CertificateFormat) -> &[u8] {
    let mut cursor = Cursor::new(body);
    if format == CertificateFormat::Tls13 && cursor.vector8().is_none() {
        return &[];
    }
    cursor.u24().map_or(&[], |len| cursor.take(len).unwrap_or(cursor.rest()))
}

struct Walk<'a> {
    cursor: Cursor<'a>,
    format: CertificateFormat,
}

impl<'a> Iterator for Walk<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let mut ahead = self.cursor;
        if self.format == CertificateFormat::Sslv2 {
            let only = self.cursor.take(ahead.rest().len())?;
            return (!only.is_empty()).then_some(only);
        }
        let certificate = ahead.vector24()?;
        if self.format == CertificateFormat::Tls13 {
            ahead.vector16()?;
        }
        self.cursor = ahead;
        Some(certificate)
    }
}

#[cfg(test)]
mod tests {
    use super::{CertificateFormat, CertificateList, MAX_CERTIFICATES};

    fn vector24(content: &[u8]) -> Vec<u8> {
        [&u32::try_from(content.len()).unwrap().to_be_bytes()[1..], content].concat()
    }

    fn read(body: &[u8], format: CertificateFormat) -> (Vec<&[u8]>, bool) {
        let list = CertificateList::parse(body, format);
        (list.iter().collect(), list.is_malformed())
    }

    #[test]
    fn lists_of_tls_1_2() {
        let entries = [vector24(b"leaf"), vector24(b"issuer")].concat();
        let whole = vector24(&entries);
        assert_eq!(read(&whole, CertificateFormat::Tls12), (vec![&b"leaf"[..], b"issuer"], false));
        assert_eq!(read(&[0, 0, 0], CertificateFormat::Tls12), (vec![], false), "a client without a certificate");
        assert_eq!(read(&[], CertificateFormat::Tls12), (vec![], true));
        let cut = &whole[..whole.len() - 1];
        assert_eq!(read(cut, CertificateFormat::Tls12), (vec![&b"leaf"[..]], true), "the list is cut short");
        let inner = vector24(&entries[..entries.len() - 1]);
        assert_eq!(read(&inner, CertificateFormat::Tls12), (vec![&b"leaf"[..]], true), "a certificate is cut short");
        let more = [&whole[..], b"+"].concat();
        assert_eq!(read(&more, CertificateFormat::Tls12), (vec![&b"leaf"[..], b"issuer"], true), "bytes left over");
    }

    #[test]
    fn the_one_of_sslv2() {
        assert_eq!(read(b"leaf", CertificateFormat::Sslv2), (vec![&b"leaf"[..]], false));
        assert_eq!(read(b"", CertificateFormat::Sslv2), (vec![], false), "a session is resumed");
    }

    #[test]
    fn lists_of_tls_1_3() {
        let entries = [vector24(b"leaf"), vec![0, 3, 1, 2, 3], vector24(b"issuer"), vec![0, 0]].concat();
        let body = [&[2, 9, 9][..], &vector24(&entries)].concat();
        assert_eq!(read(&body, CertificateFormat::Tls13), (vec![&b"leaf"[..], b"issuer"], false));
        let cut = [&[2, 9, 9][..], &vector24(&entries[..entries.len() - 1])].concat();
        assert_eq!(read(&cut, CertificateFormat::Tls13), (vec![&b"leaf"[..]], true));
        assert_eq!(read(&[2, 9], CertificateFormat::Tls13), (vec![], true));
    }

    #[test]
    fn a_long_list_is_cut_and_counted() {
        let body = vector24(&vector24(b"x").repeat(MAX_CERTIFICATES + 3));
        let list = CertificateList::parse(&body, CertificateFormat::Tls12);
        assert_eq!((list.iter().count(), list.sent(), list.omitted()), (MAX_CERTIFICATES, MAX_CERTIFICATES + 3, 3));
    }
}
