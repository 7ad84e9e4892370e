//! The words by which outputs name facts. Opinions bring their own words; facts do not know that they are written.

use std::borrow::Cow;

use dissectors::attempt::{Acked, Conflict, Decryption, End, Form, Prelude, Side};
use dissectors::packet::IcmpError;
use dissectors::quic::Version;
use dissectors::tls::{Downgrade, EncryptedHello};

pub(super) fn side(side: Side) -> &'static str {
    match side {
        Side::Client => "client",
        Side::Server => "server",
    }
}

pub(super) fn end(end: End) -> &'static str {
    match end {
        End::Open => "open",
        End::Completed => "completed",
        End::Idle => "idle",
        End::Reused => "reused",
        End::Evicted => "evicted",
        End::CaptureEnded => "capture_ended",
        End::ClockJump => "clock_jump",
    }
}

pub(super) fn acked(acked: Acked) -> &'static str {
    match acked {
        Acked::None => "none",
        Acked::Part => "part",
        Acked::Whole => "whole",
    }
}

/// How far an encrypted handshake was read; `None` where no key was given for it.
pub(super) fn decryption(decryption: Decryption) -> Option<&'static str> {
    match decryption {
        Decryption::None => None,
        Decryption::Begun => Some("begun"),
        Decryption::Certificates => Some("certificates"),
        Decryption::UnknownCompression => Some("unknown_compression"),
        Decryption::BrokenCompression => Some("broken_compression"),
        Decryption::Oversized => Some("oversized_certificates"),
        Decryption::NoCertificates => Some("no_certificates"),
        Decryption::WrongKey => Some("wrong_key"),
    }
}

pub(super) fn conflict(conflict: Option<Conflict>) -> &'static str {
    match conflict {
        Some(Conflict::Ttl) => "ttl",
        Some(Conflict::Checksum) => "checksum",
        Some(Conflict::First) | None => "first",
    }
}

/// What the hello came behind; nothing where it begins the connection.
pub(super) fn prelude(prelude: Prelude) -> Option<&'static str> {
    Some(match prelude {
        Prelude::Start => return None,
        Prelude::Smtp => "smtp",
        Prelude::Imap => "imap",
        Prelude::Pop3 => "pop3",
        Prelude::Ftp => "ftp",
        Prelude::Ldap => "ldap",
        Prelude::Xmpp => "xmpp",
        Prelude::Postgres => "postgresql",
        Prelude::MySql => "mysql",
        Prelude::HttpConnect => "http_connect",
        Prelude::Socks => "socks",
        Prelude::ProxyProtocol => "proxy_protocol",
        Prelude::Midstream => "midstream",
        Prelude::Unknown => "unknown",
    })
}

pub(super) fn encrypted_hello(form: EncryptedHello) -> &'static str {
    match form {
        EncryptedHello::Ech => "ech",
        EncryptedHello::Esni => "esni",
    }
}

pub(super) fn downgrade(downgrade: Downgrade) -> &'static str {
    match downgrade {
        Downgrade::ToTls12 => "to_tls12",
        Downgrade::ToTls11 => "to_tls11",
    }
}

/// The form of a hello that did not come as usual for its transport.
pub(super) fn unusual_form(form: Form) -> Option<&'static str> {
    match form {
        Form::Sslv2 { .. } => Some("sslv2"),
        Form::Records(framing) if framing.records > 1 => Some("several_records"),
        Form::Records(_) | Form::Quic => None,
    }
}

pub(super) fn icmp(error: IcmpError) -> &'static str {
    match error {
        IcmpError::TimeExceeded => "icmp_time_exceeded",
        IcmpError::TooBig(_) => "icmp_too_big",
        IcmpError::Prohibited => "icmp_prohibited",
        IcmpError::PortUnreachable => "icmp_port_unreachable",
        IcmpError::Unreachable(..) => "icmp_unreachable",
    }
}

/// A version as Suricata writes it (`SSLVersionToString`).
pub(super) fn tls_version(version: u16) -> Cow<'static, str> {
    Cow::Borrowed(match version {
        0x0002 => "SSLv2",
        0x0300 => "SSLv3",
        0x0301 => "TLSv1",
        0x0302 => "TLS 1.1",
        0x0303 => "TLS 1.2",
        0x0304 => "TLS 1.3",
        draft if draft >> 8 == 0x7f => return Cow::Owned(format!("TLS 1.3 draft-{}", draft & 0xff)),
        other => return Cow::Owned(format!("0x{other:04X}")),
    })
}

/// What Suricata writes of an attempt without a ServerHello.
pub(super) const NO_VERSION: &str = "UNDETERMINED";

/// A version as Suricata writes it: Google's by their letters, all others in hexadecimal.
pub(super) fn quic_version(version: Version) -> Cow<'static, str> {
    match version.0.to_be_bytes() {
        _ if version == Version::V1 => Cow::Borrowed("1"),
        letters @ [b'Q' | b'T', b'0', b'0'..=b'9', b'0'..=b'9'] => {
            Cow::Owned(letters.into_iter().map(char::from).collect())
        }
        _ => Cow::Owned(format!("{:x}", version.0)),
    }
}

/// The name of an AlertDescription (RFC 8446, section 6, and the registry of IANA);
/// `None` of a number without one.
pub(super) fn alert(description: u8) -> Option<&'static str> {
    ALERTS.binary_search_by_key(&description, |(number, _)| *number).ok().and_then(|at| ALERTS.get(at)).map(|one| one.1)
}

const ALERTS: &[(u8, &str)] = &[
    (0, "close_notify"),
    (10, "unexpected_message"),
    (20, "bad_record_mac"),
    (21, "decryption_failed"),
    (22, "record_overflow"),
    (30, "decompression_failure"),
    (40, "handshake_failure"),
    (41, "no_certificate"),
    (42, "bad_certificate"),
    (43, "unsupported_certificate"),
    (44, "certificate_revoked"),
    (45, "certificate_expired"),
    (46, "certificate_unknown"),
    (47, "illegal_parameter"),
    (48, "unknown_ca"),
    (49, "access_denied"),
    (50, "decode_error"),
    (51, "decrypt_error"),
    (60, "export_restriction"),
    (70, "protocol_version"),
    (71, "insufficient_security"),
    (80, "internal_error"),
    (86, "inappropriate_fallback"),
    (90, "user_canceled"),
    (100, "no_renegotiation"),
    (109, "missing_extension"),
    (110, "unsupported_extension"),
    (111, "certificate_unobtainable"),
    (112, "unrecognized_name"),
    (113, "bad_certificate_status_response"),
    (114, "bad_certificate_hash_value"),
    (115, "unknown_psk_identity"),
    (116, "certificate_required"),
    (120, "no_application_protocol"),
    (121, "ech_required"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_spelled_as_suricata_does() {
        let tls = [(0x0301, "TLSv1"), (0x0304, "TLS 1.3"), (0x7f1c, "TLS 1.3 draft-28"), (0x0a0a, "0x0A0A")];
        for (version, word) in tls {
            assert_eq!(tls_version(version), word);
        }
        let quic = [(1, "1"), (0x6b33_43cf, "6b3343cf"), (0x5130_3436, "Q046"), (0xff00_001d, "ff00001d")];
        for (version, word) in quic {
            assert_eq!(quic_version(Version(version)), word);
        }
    }

    #[test]
    fn alerts_are_in_order_so_that_each_is_found() {
        assert!(ALERTS.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(alert(40), Some("handshake_failure"));
        assert_eq!(alert(121), Some("ech_required"));
        assert_eq!(alert(255), None);
    }
}
