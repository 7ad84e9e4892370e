//! The certificate chains that stories send, from the fixtures in `certs/` (origins in `certs/README.md`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

macro_rules! certificate {
    ($name:literal) => {
        der(include_str!(concat!("../../certs/", $name, ".pem")))
    };
}

/// SHA-256 of the injected leaf of 2019.
pub const RCKU_INJECTED_LEAF: &str = "2cf11ab305d222c9b2b9011736f22823a33d3dfd3911c3ab38c3049fb944de4c";
/// SHA-256 of the genuine leaf of 2019.
pub const RCKU_GENUINE_LEAF: &str = "5bc3f39f43a0961adce8b717afa3cbe0a3be8293c1f5abee3df24455a44df2a6";
/// First half of the SHA-256 of the root of the injected chain, "Qaznet Trust Network": enough to name it, and all that an
/// entry's id holds.
pub const QAZNET_ROOT: &str = "00309c736dd661da";
/// A OneCRL file that lists the intermediate of [`revoked`].
pub const REVOKED_ONECRL: &str = include_str!("../../certs/revoked-onecrl.json");

/// The chain injected for `rcku.kz` in July 2019, as it was sent: leaf and intermediate.
pub fn rcku_injected() -> Vec<Vec<u8>> {
    vec![certificate!("rcku-2019-injected-leaf"), certificate!("rcku-2019-injected-intermediate")]
}

/// The genuine chain of the same server.
pub fn rcku_genuine() -> Vec<Vec<u8>> {
    vec![certificate!("rcku-2019-genuine-leaf"), certificate!("rcku-2019-genuine-intermediate")]
}

/// The root of the injected chain.
pub fn qaznet_root() -> Vec<u8> {
    certificate!("qaznet-root")
}

/// An innocent chain for `www.example`.
pub fn demo() -> Vec<Vec<u8>> {
    vec![certificate!("demo-leaf"), certificate!("demo-intermediate")]
}

/// The names of [`rcku_injected`]'s intermediate and root, with other keys.
pub fn lookalike() -> Vec<Vec<u8>> {
    vec![certificate!("lookalike-leaf"), certificate!("lookalike-intermediate")]
}

/// A chain whose intermediate [`REVOKED_ONECRL`] lists.
pub fn revoked() -> Vec<Vec<u8>> {
    vec![certificate!("revoked-leaf"), certificate!("revoked-intermediate")]
}

/// The DER of the one certificate in a PEM file; empty if there is none, which the tests would see.
fn der(pem: &str) -> Vec<u8> {
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(base64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fixture_decodes_to_one_der_sequence() {
        let chains = [rcku_injected(), rcku_genuine(), demo(), lookalike(), revoked(), vec![qaznet_root()]];
        for certificate in chains.concat() {
            assert_eq!(certificate[..2], [0x30, 0x82]);
            assert_eq!(usize::from(u16::from_be_bytes([certificate[2], certificate[3]])), certificate.len() - 4);
        }
    }
}
