//! Community ID v1 (github.com/corelight/community-id-spec): the same name for a flow in every tool that knows it.

use std::mem;
use std::net::IpAddr;

use dissectors::packet::{Endpoint, Ends};
use dissectors::x509::sha1;

use super::text::push_base64;

/// IP protocol numbers (IANA).
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;

/// Seed, two IPv6 addresses, protocol, padding and two ports.
const MAX_INPUT: usize = 2 + 32 + 2 + 4;

/// Appends the community ID of a flow, whichever way its ends are turned.
pub(super) fn push_community_id(out: &mut Vec<u8>, ends: Ends, protocol: u8, seed: u16) {
    let (low, high) = if ends.source <= ends.dest { (ends.source, ends.dest) } else { (ends.dest, ends.source) };
    let mut bytes = [0; MAX_INPUT];
    let mut input = Input(&mut bytes);
    input.push(seed.to_be_bytes());
    input.push_address(low);
    input.push_address(high);
    input.push([protocol, 0]);
    input.push(low.port.to_be_bytes());
    input.push(high.port.to_be_bytes());
    let used = MAX_INPUT - input.0.len();
    out.extend_from_slice(b"1:");
    push_base64(out, &sha1(bytes.get(..used).unwrap_or_default()));
}

/// The community ID of a flow over TCP or UDP, of seed 0.
pub fn community_id(ends: Ends, is_tcp: bool) -> String {
    super::text::text_of(|out| push_community_id(out, ends, if is_tcp { TCP } else { UDP }, 0))
}

/// The room that is left of the input.
struct Input<'a>(&'a mut [u8]);

impl Input<'_> {
    fn push<const N: usize>(&mut self, bytes: [u8; N]) {
        if let Some((place, rest)) = mem::take(&mut self.0).split_first_chunk_mut() {
            *place = bytes;
            self.0 = rest;
        }
    }

    fn push_address(&mut self, end: Endpoint) {
        match end.addr {
            IpAddr::V4(address) => self.push(address.octets()),
            IpAddr::V6(address) => self.push(address.octets()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::text::text_of;

    /// From the specification's own `baseline` vectors.
    #[test]
    fn published_vectors() {
        let cases = [
            ("128.232.110.120", 34855, "66.35.250.204", 80, TCP, 0, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="),
            ("128.232.110.120", 34855, "66.35.250.204", 80, TCP, 1, "1:3V71V58M3Ksw/yuFALMcW0LAHvc="),
            ("192.168.1.52", 54585, "8.8.8.8", 53, UDP, 0, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="),
            ("192.168.1.52", 54585, "8.8.8.8", 53, UDP, 1, "1:Q9We8WO3piVF8yEQBNJF4uiSVrI="),
        ];
        for (source, sport, dest, dport, protocol, seed, id) in cases {
            let end = |addr: &str, port| Endpoint { addr: addr.parse().unwrap(), port };
            let ends = Ends { source: end(source, sport), dest: end(dest, dport) };
            assert_eq!(text_of(|out| push_community_id(out, ends, protocol, seed)), id);
            assert_eq!(text_of(|out| push_community_id(out, ends.reversed(), protocol, seed)), id);
        }
    }

    #[test]
    fn ports_order_equal_addresses_and_long_addresses_fit() {
        let end = |port| Endpoint { addr: "fe80:0:0:0:1:203:405:607".parse().unwrap(), port };
        let ends = Ends { source: end(65_535), dest: end(1) };
        let id = text_of(|out| push_community_id(out, ends, TCP, 7));
        assert_eq!(id, text_of(|out| push_community_id(out, ends.reversed(), TCP, 7)));
        assert_eq!(id.len(), 2 + 28, "base64 of 20 bytes");
    }
}
