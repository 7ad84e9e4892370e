//! A kernel filter made of port numbers, and what nobody sees any more who uses it.

use std::fmt::Write as _;

/// What a filter by ports hides, in words for a person: it looks at the ports of plain TCP and UDP, and no deeper.
pub const HIDDEN_BY_PORTS: &str = "TLS and QUIC on other ports, all but the first fragment of fragmented packets, TCP and \
    UDP behind IPv6 extension headers, and everything inside PPPoE, MPLS, double VLAN tags and tunnels (VXLAN, GENEVE, \
    GRE, GTP, IP in IP)";

/// A filter, in the language of tcpdump, that lets TCP and UDP of these ports through, with one VLAN tag or none, and the
/// ICMP errors that may quote them.
pub fn ports_filter(ports: &[u16]) -> String {
    let mut either = String::from("icmp or icmp6");
    for port in ports {
        // Writing to a `String` cannot fail.
        let _ = write!(either, " or tcp port {port} or udp port {port}");
    }
    // What follows `vlan` is looked for behind the tag, so that the untagged alternative must come first.
    format!("{either} or (vlan and ({either}))")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Filter, link};

    /// Ethernet, IPv4, TCP from port 50000 to `port`; with a VLAN tag if asked.
    fn segment(vlan: bool, port: u16) -> Vec<u8> {
        let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
        frame.extend(if vlan { &[0x81, 0, 0, 5, 8, 0][..] } else { &[8, 0] });
        frame.extend([0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0xc3, 0x50]);
        frame.extend(port.to_be_bytes());
        frame.extend([0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0]);
        frame
    }

    #[test]
    fn it_lets_its_ports_through_tagged_or_not() {
        let filter = Filter::compile(&ports_filter(&[443, 8443]), link::ETHERNET).unwrap();
        for vlan in [false, true] {
            for (port, passes) in [(443, true), (8443, true), (80, false)] {
                assert_eq!(filter.matches(&segment(vlan, port)), passes, "vlan {vlan}, port {port}");
            }
        }
    }
}
