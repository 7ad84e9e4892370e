//! What hosts read of ICMP: that a packet was too long for the way.

use std::net::{IpAddr, SocketAddr};

use etherparse::{Ethernet2Header, IpNumber, Ipv4Header, Ipv6Header, ether_type};

use super::Ends;

/// Bytes before the MTU in "fragmentation needed" (RFC 1191) and in "packet too big" (RFC 4443, section 3.2).
const BEFORE_MTU: (usize, usize) = (6, 4);
/// Bytes before the packet that an error quotes.
const BEFORE_QUOTE: usize = 8;

/// The MTU that a router states, and the ends of the packet that it quotes, if it is about TCP or UDP.
pub(super) fn too_big(frame: &[u8]) -> Option<(u16, Ends)> {
    let (ethernet, packet) = Ethernet2Header::from_slice(frame).ok()?;
    match ethernet.ether_type {
        ether_type::IPV4 => {
            let (ip, message) = Ipv4Header::from_slice(packet).ok()?;
            let stated = ip.protocol == IpNumber::ICMP && message.starts_with(&[3, 4]);
            let (quoted, ports) = Ipv4Header::from_slice(message.get(BEFORE_QUOTE..)?).ok()?;
            let addresses = (IpAddr::from(quoted.source), IpAddr::from(quoted.destination));
            stated.then_some((number(message, BEFORE_MTU.0)?, ends(addresses, ports, quoted.protocol)?))
        }
        ether_type::IPV6 => {
            let (ip, message) = Ipv6Header::from_slice(packet).ok()?;
            let stated = ip.next_header == IpNumber::IPV6_ICMP && message.starts_with(&[2, 0]);
            let (quoted, ports) = Ipv6Header::from_slice(message.get(BEFORE_QUOTE..)?).ok()?;
            let addresses = (IpAddr::from(quoted.source), IpAddr::from(quoted.destination));
            // Four bytes of MTU, of which the lower two are enough.
            stated.then_some((number(message, BEFORE_MTU.1 + 2)?, ends(addresses, ports, quoted.next_header)?))
        }
        _ => None,
    }
}

fn ends((source, destination): (IpAddr, IpAddr), ports: &[u8], protocol: IpNumber) -> Option<Ends> {
    let at = (SocketAddr::new(source, number(ports, 0)?), SocketAddr::new(destination, number(ports, 2)?));
    matches!(protocol, IpNumber::TCP | IpNumber::UDP).then_some((at.0, at.1, protocol == IpNumber::TCP))
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}
