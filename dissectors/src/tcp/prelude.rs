//! What was said before TLS began, recognised by the first bytes of either side. Knows nothing of how a dialogue goes on.

use crate::tls::{self, Probe};

/// Bytes of a direction that recognition needs: an LDAP StartTLS request has 31 (RFC 4511 section 4.14.1).
const NEEDED: usize = 32;

/// How far into a direction TLS is looked for behind a prelude in the same segment. A CONNECT request with its header
/// fields stays below.
const MAX_PRELUDE: u32 = 4096;

/// What a TLS session began behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Prelude {
    /// Nothing: the connection begins with TLS.
    #[default]
    Start,
    /// SMTP or LMTP, STARTTLS (RFC 3207).
    Smtp,
    /// IMAP, STARTTLS (RFC 9051 section 6.2.1).
    Imap,
    /// POP3, STLS (RFC 2595 section 4).
    Pop3,
    /// FTP, AUTH TLS (RFC 4217).
    Ftp,
    /// LDAP, the StartTLS operation (RFC 4511 section 4.14).
    Ldap,
    /// XMPP, STARTTLS (RFC 6120 section 5).
    Xmpp,
    /// PostgreSQL, SSLRequest (Frontend/Backend Protocol, "SSL Session Encryption").
    Postgres,
    /// MySQL, an SSLRequest packet (Client/Server Protocol, "Connection Phase").
    MySql,
    /// A tunnel through an HTTP proxy (RFC 9110 section 9.3.6).
    HttpConnect,
    /// SOCKS 4 or 5 (RFC 1928).
    Socks,
    /// The PROXY protocol's header, version 1 or 2 (HAProxy, `proxy-protocol.txt`).
    ProxyProtocol,
    /// Not known: the capture began after the connection.
    Midstream,
    /// Something else.
    Unknown,
}

/// The first bytes of a direction.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Opening {
    bytes: [u8; NEEDED],
    /// Bytes seen in all.
    seen: u32,
}

impl Opening {
    /// Adds the next bytes of the direction.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let free = self.bytes.get_mut(self.seen as usize..).unwrap_or(&mut []);
        free.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        self.seen = self.seen.saturating_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.seen == 0
    }

    /// Whether TLS may follow in the same segment: a prelude is known by what it begins with, and not long past.
    pub(crate) fn may_precede_tls(&self) -> bool {
        self.seen <= MAX_PRELUDE && of_client(self.bytes()).is_some()
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.seen as usize).unwrap_or(&self.bytes)
    }
}

impl Prelude {
    /// What is spoken between a client and a server that begin so, if that is known.
    pub(crate) fn of(client: &Opening, server: &Opening) -> Option<Self> {
        of_client(client.bytes()).or_else(|| of_server(server.bytes()))
    }
}

/// What clients begin with, before TLS. Their words are tried first: servers of SMTP and of FTP greet alike.
const CLIENTS: [(&[u8], Prelude); 21] = [
    (b"PROXY ", Prelude::ProxyProtocol),
    (b"\r\n\r\n\0\r\nQUIT\n", Prelude::ProxyProtocol),
    (b"CONNECT ", Prelude::HttpConnect),
    (b"EHLO ", Prelude::Smtp),
    (b"HELO ", Prelude::Smtp),
    (b"LHLO ", Prelude::Smtp),
    (b"ehlo ", Prelude::Smtp),
    (b"helo ", Prelude::Smtp),
    (b"STARTTLS", Prelude::Smtp),
    (b"AUTH TLS", Prelude::Ftp),
    (b"AUTH SSL", Prelude::Ftp),
    (b"FEAT", Prelude::Ftp),
    (b"CAPA", Prelude::Pop3),
    (b"STLS", Prelude::Pop3),
    (b"<?xml", Prelude::Xmpp),
    (b"<stream", Prelude::Xmpp),
    (b"\x00\x00\x00\x08\x04\xd2\x16\x2f", Prelude::Postgres),
    (b"\x05\x01\x00", Prelude::Socks),
    (b"\x05\x02\x00", Prelude::Socks),
    (b"\x05\x03\x00", Prelude::Socks),
    (b"\x04\x01", Prelude::Socks),
];

/// What servers greet with.
const SERVERS: [(&[u8], Prelude); 4] =
    [(b"220 ", Prelude::Smtp), (b"220-", Prelude::Smtp), (b"+OK", Prelude::Pop3), (b"* OK", Prelude::Imap)];

fn of_client(bytes: &[u8]) -> Option<Prelude> {
    let known = CLIENTS.iter().find(|(word, _)| bytes.starts_with(word)).map(|(_, prelude)| *prelude);
    known.or_else(|| of_ldap(bytes)).or_else(|| of_mysql_client(bytes)).or_else(|| of_imap_client(bytes))
}

fn of_server(bytes: &[u8]) -> Option<Prelude> {
    // Protocol version 10 stands behind the packet's length and its sequence number 0.
    if let [_, _, 0, 0, 10, ..] = bytes {
        return Some(Prelude::MySql);
    }
    SERVERS.iter().find(|(word, _)| bytes.starts_with(word)).map(|(_, prelude)| *prelude)
}

/// An LDAP message (RFC 4511 section 4.1.1) with a bind, search or extended request, its length in one byte or in five
/// as Active Directory writes it.
fn of_ldap(bytes: &[u8]) -> Option<Prelude> {
    let message = match bytes {
        [0x30, 0x84, _, _, _, _, message @ ..] => message,
        [0x30, len, message @ ..] if *len < 0x80 => message,
        _ => return None,
    };
    matches!(message, [0x02, 0x01, _, 0x60 | 0x63 | 0x77, ..]).then_some(Prelude::Ldap)
}

/// MySQL's SSLRequest: 32 bytes, sequence number 1, with CLIENT_SSL (0x800) among the capabilities.
fn of_mysql_client(bytes: &[u8]) -> Option<Prelude> {
    matches!(bytes, [0x20, 0, 0, 1, _, high, ..] if high & 0x08 != 0).then_some(Prelude::MySql)
}

/// An IMAP command: a tag and a word that is spoken before STARTTLS.
fn of_imap_client(bytes: &[u8]) -> Option<Prelude> {
    let tag = bytes.iter().position(|byte| *byte == b' ').filter(|len| (1..=8).contains(len))?;
    let word = bytes.get(tag + 1..)?;
    let known = |name: &[u8]| word.get(..name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name));
    let command = known(b"CAPABILITY") || known(b"STARTTLS") || known(b"ID ") || known(b"NOOP");
    command.then_some(Prelude::Imap)
}

/// Whether `bytes` begin as a client does that starts TLS later.
pub(crate) fn is_known(bytes: &[u8]) -> bool {
    of_client(bytes.get(..NEEDED).unwrap_or(bytes)).is_some()
}

/// Where TLS begins in the first `reach` bytes of a segment, or may begin at its end.
pub(crate) fn tls_within(bytes: &[u8], reach: usize) -> Option<usize> {
    (0..reach.min(bytes.len())).find(|&at| {
        let rest = bytes.get(at..).unwrap_or(&[]);
        rest.first() == Some(&HANDSHAKE) && matches!(tls::probe(rest), Probe::Tls | Probe::Unsure)
    })
}

/// The content type of a record that holds a handshake message (RFC 8446 section 5.1).
const HANDSHAKE: u8 = 22;

#[cfg(test)]
mod tests {
    use super::*;

    fn opening(bytes: &[u8]) -> Opening {
        let mut opening = Opening::default();
        bytes.chunks(3).for_each(|chunk| opening.add(chunk));
        opening
    }

    #[test]
    fn a_dialogue_is_known_by_what_either_side_begins_with() {
        let start_tls = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
        let dialogues: &[(&[u8], &[u8], Option<Prelude>)] = &[
            (b"EHLO client.example\r\nSTARTTLS\r\n", b"220 mx.example ESMTP\r\n", Some(Prelude::Smtp)),
            (b"a1 STARTTLS\r\n", b"* OK IMAP4rev1\r\n", Some(Prelude::Imap)),
            (b"a1 starttls\r\n", b"", Some(Prelude::Imap)),
            (b"STLS\r\n", b"+OK\r\n", Some(Prelude::Pop3)),
            (b"AUTH TLS\r\n", b"220 ftp\r\n", Some(Prelude::Ftp)),
            (start_tls, b"", Some(Prelude::Ldap)),
            (b"\x30\x84\0\0\0\x1d\x02\x01\x01\x77", b"", Some(Prelude::Ldap)),
            (b"<?xml version='1.0'?><stream:stream", b"", Some(Prelude::Xmpp)),
            (b"\0\0\0\x08\x04\xd2\x16\x2f", b"S", Some(Prelude::Postgres)),
            (b"\x20\0\0\x01\x85\xae\xff\x19", b"\x4a\0\0\0\x0a8.0.36", Some(Prelude::MySql)),
            (b"", b"\x4a\0\0\0\x0a8.0.36", Some(Prelude::MySql)),
            (b"CONNECT a.example:443 HTTP/1.1\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", Some(Prelude::HttpConnect)),
            (b"\x05\x01\x00\x05\x01\x00\x01", b"\x05\x00", Some(Prelude::Socks)),
            (b"PROXY TCP4 192.0.2.1 192.0.2.2 1 443\r\n", b"", Some(Prelude::ProxyProtocol)),
            (b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", b"", Some(Prelude::ProxyProtocol)),
            (b"GET / HTTP/1.1\r\n", b"HTTP/1.1 200 OK\r\n", None),
            (b"", b"", None),
        ];
        for (client, server, prelude) in dialogues {
            assert_eq!(Prelude::of(&opening(client), &opening(server)), *prelude, "{}", client.escape_ascii());
        }
    }
}
