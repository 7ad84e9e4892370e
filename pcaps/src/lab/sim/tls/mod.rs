//! TLS between simulated ends: real hellos, real certificates, and noise where a connection would be encrypted.

mod client;
mod server;

use dissectors::tls::ClientHello;

use crate::tls::{self, change_cipher_spec, record_of_application_data};

pub(super) use client::FORGED;
pub(super) use client::{Patience, TlsClient};
pub(super) use server::{Chains, Identity, TlsServer};

/// Finished under SHA-256: 4 + 32 bytes, content type, tag.
const FINISHED: usize = 53;
/// Most bytes of content in one record that a server sends.
const RECORD: usize = 4_096;

/// A hello as the writer of servers' messages takes it, in the version that the server agrees to.
pub(super) fn understood(hello: &ClientHello<'_>, tls13: bool) -> tls::ClientHello {
    let random: String = hello.random.iter().map(|byte| format!("{byte:02x}")).collect();
    tls::ClientHello {
        offers_tls13: tls13,
        shares: hello.key_share_groups().filter(|group| !dissectors::tls::is_grease(*group)).collect(),
        session_id: hello.session_id.to_vec(),
        seed: random,
        ..tls::ClientHello::tls12(&hello.server_name().unwrap_or_default())
    }
}

/// Whether TLS 1.3 is among the versions that a hello offers.
fn offers_tls13(hello: &ClientHello<'_>) -> bool {
    hello.supported_versions.iter().any(|version| version == 0x0304)
}

/// ChangeCipherSpec for compatibility, and a sealed record.
fn after_change(sealed: &[u8]) -> Vec<u8> {
    [change_cipher_spec(), record_of_application_data(sealed)].concat()
}
