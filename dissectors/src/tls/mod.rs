//! TLS as it is readable without keys: one direction of a stream in, facts out.
//!
//! [`probe`] tells from a stream's first bytes whether a [`Reader`] should be given the rest. The reader walks records,
//! puts handshake messages together over records and segments, and hands out each [`Item`] as soon as it is whole:
//! hellos, certificate lists, alerts, the change to encryption. A whole hello is a view over its bytes that copies
//! nothing. Behind the change to encryption only record headers are walked.
//!
//! Where a [`KeyLog`] holds a session's secret, an `Opener` reads on in what the server sends encrypted, as far as its
//! certificates. The reader hands it the bytes and knows of no keys.
//!
//! QUIC carries the same handshake messages without records: it feeds [`Messages`] and calls [`ClientHello::parse`].
//!
//! This module knows nothing of the other direction, of time, of packets, or of what any of it means. Whether a session
//! was resumed or a handshake completed takes both directions, so the caller tells.
//!
//! The names of handshake types and alerts are tls-parser's. The layouts are read here, because one malformed extension
//! must not hide those behind it, and because everything left over is counted.

mod certificate;
mod client_hello;
pub(crate) mod compressed;
mod decrypt;
mod extension;
mod fuzz;
mod grease;
mod handshake;
mod item;
mod ja3;
mod ja4;
mod ja4_cache;
mod keylog;
mod name;
pub(crate) mod packed;
mod plaintext;
mod probe;
mod reader;
mod record;
pub(crate) mod secret;
mod server_hello;
mod sslv2;
mod wire;

#[cfg(test)]
mod tests;

pub use certificate::{CertificateFormat, CertificateList, MAX_CERTIFICATES};
pub use client_hello::{ClientHello, EncryptedHello};
pub use compressed::fuzz_compressed;
pub use decrypt::Decryption;
pub(crate) use decrypt::Opener;
pub use extension::{Extension, Extensions};
pub use fuzz::fuzz_tls;
pub use grease::is_grease;
pub use handshake::{MAX_CERTIFICATE_MESSAGE, MAX_HELLO, Message, Messages, NoMessage, Pending};
pub use item::{Framing, Item};
pub use ja3::Ja3;
pub use ja4::{Ja4, Transport};
pub use ja4_cache::Ja4Cache;
pub use keylog::{DEFAULT_SESSIONS, KeyLog, Lines, Secret};
pub use name::{MAX_NAME, escape, server_name};
pub(crate) use probe::hello_end;
pub use probe::{Probe, probe};
pub use reader::Reader;
pub use server_hello::{Downgrade, ServerHello};
pub use sslv2::Sslv2Hello;
pub use tls_parser::{
    TlsAlertDescription as AlertDescription, TlsAlertSeverity as AlertSeverity, TlsHandshakeType as HandshakeType,
};
pub use wire::{Opaques, U16s};
