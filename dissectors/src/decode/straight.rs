//! The straight way through the commonest frames: TCP or UDP in IPv4 or IPv6 in Ethernet, with up to two VLAN tags.
//!
//! It costs a third of the [`walk`](super::walk) that every other frame takes, and knows nothing that the walk does not:
//! what it reads, the walk would have read likewise, and what is odd in any way it leaves to the walk, which counts it.

use std::net::IpAddr;

use super::checksum;
use super::layers::ethernet;
use super::protocol;
use super::registry;
use super::rest::Rest;
use super::{Counts, Frame, Sink};
use crate::packet::{Endpoint, Ends, Flags, Packet, Span, Tcp, Transport};
use crate::tcp::seq::Seq;

/// Bytes of an IPv4 header without options (RFC 791 section 3.1).
const V4_HEADER: usize = 20;
/// Bytes of an IPv6 header (RFC 8200 section 3).
const V6_HEADER: usize = 40;
/// Bytes of a TCP header without options (RFC 9293 section 3.1).
const TCP_HEADER: usize = 20;
/// Bytes of a UDP header (RFC 768).
const UDP_HEADER: usize = 8;

/// Version 4, and five words of header: no options.
const V4_PLAIN: u8 = 0x45;
/// More fragments follow, or this is not the first.
const V4_FRAGMENT: u16 = 0x3fff;
/// Do not fragment.
const V4_DF: u8 = 0x40;

// All is inlined by order, and each kind of packet goes to the sink at a place of its own: the compiler then keeps the fields
// in registers until they are where they belong. Handed back from one caller to the next, a packet costs more than reading it.

/// Decodes an Ethernet frame into the sink; `None`, and nothing done, where the walk must decide.
#[inline(always)]
pub(super) fn decode(frame: &Frame, rest: Rest<'_>, counts: &mut Counts, sink: &mut impl Sink) -> Option<()> {
    let (mut kind, mut rest) = (rest.be16(12).ok()?, rest.skip(ethernet::HEADER).ok()?);
    for _ in 0..2 {
        if !matches!(kind, ethernet::VLAN | ethernet::SERVICE_VLAN) {
            break;
        }
        (kind, rest) = (rest.be16(2).ok()?, rest.skip(4).ok()?);
    }
    match kind {
        ethernet::IPV4 => v4(frame, rest, counts, sink),
        ethernet::IPV6 => v6(frame, rest, counts, sink),
        _ => None,
    }
}

#[inline(always)]
fn v4(frame: &Frame, rest: Rest<'_>, counts: &mut Counts, sink: &mut impl Sink) -> Option<()> {
    let header: &[u8; V4_HEADER] = rest.head()?;
    if header[0] != V4_PLAIN || be16(header[6], header[7]) & V4_FRAGMENT != 0 || !checksum::is_right(header) {
        return None;
    }
    let [_, _, _, source, dest] = header.as_chunks::<4>().0 else { return None };
    let len = usize::from(be16(header[2], header[3])).checked_sub(V4_HEADER)?;
    let rest = rest.skip(V4_HEADER).ok()?.limit(len);
    let packet = Packet {
        ttl: header[8],
        ip_id: Some(be16(header[4], header[5])),
        dont_fragment: header[6] & V4_DF != 0,
        ..between(frame, (*source).into(), (*dest).into(), rest)?
    };
    transport(packet, header[9], rest, counts, sink)
}

#[inline(always)]
fn v6(frame: &Frame, rest: Rest<'_>, counts: &mut Counts, sink: &mut impl Sink) -> Option<()> {
    let [version, _, _, _, len_high, len_low, protocol, ttl, addresses @ ..]: &[u8; V6_HEADER] = rest.head()?;
    let [source, dest] = addresses.as_chunks::<16>().0 else { return None };
    let len = be16(*len_high, *len_low);
    if version >> 4 != 6 || len == 0 {
        return None;
    }
    let rest = rest.skip(V6_HEADER).ok()?.limit(len.into());
    let packet = Packet { ttl: *ttl, ..between(frame, (*source).into(), (*dest).into(), rest)? };
    transport(packet, *protocol, rest, counts, sink)
}

/// A packet between two addresses, before more is known of it than its ports: TCP and UDP begin with them.
#[inline(always)]
fn between(frame: &Frame, source: IpAddr, dest: IpAddr, rest: Rest<'_>) -> Option<Packet> {
    let [a, b, c, d] = *rest.head()?;
    let source = Endpoint { addr: source, port: be16(a, b) };
    let dest = Endpoint { addr: dest, port: be16(c, d) };
    Some(Packet {
        frame: frame.number,
        time: frame.time,
        ends: Ends { source, dest },
        ttl: 0,
        ip_id: None,
        dont_fragment: true,
        transport: Transport::Udp,
        payload: Span::default(),
        missing: 0,
        bad_checksum: false,
    })
}

#[inline(always)]
fn transport(packet: Packet, protocol: u8, rest: Rest<'_>, counts: &mut Counts, sink: &mut impl Sink) -> Option<()> {
    match protocol {
        protocol::TCP => tcp(packet, rest, counts, sink),
        protocol::UDP => udp(packet, rest, sink),
        _ => None,
    }
}

#[inline(always)]
fn tcp(packet: Packet, rest: Rest<'_>, counts: &mut Counts, sink: &mut impl Sink) -> Option<()> {
    let [_, _, _, _, q0, q1, q2, q3, a0, a1, a2, a3, offset, flags, w0, w1, ..]: [u8; TCP_HEADER] = *rest.head()?;
    let header = usize::from(offset >> 4) * 4;
    let options = header.checked_sub(TCP_HEADER)?;
    let payload = rest.skip(header).ok()?;
    let tcp = Tcp {
        seq: Seq(u32::from_be_bytes([q0, q1, q2, q3])),
        ack: Seq(u32::from_be_bytes([a0, a1, a2, a3])),
        flags: Flags(flags),
        window: be16(w0, w1),
        options: Span { start: rest.span().start + TCP_HEADER as u32, len: options as u32 },
    };
    let is_wrong = checksum::is_sampled(payload) && checksum::is_wrong(&packet.ends, protocol::TCP, rest);
    counts.bad_transport_checksums += u64::from(is_wrong);
    sink.put(with(packet, Transport::Tcp(tcp), payload));
    Some(())
}

#[inline(always)]
fn udp(packet: Packet, rest: Rest<'_>, sink: &mut impl Sink) -> Option<()> {
    let [_, _, _, _, len_high, len_low, _, _]: [u8; UDP_HEADER] = *rest.head()?;
    let len = usize::from(be16(len_high, len_low));
    let Ends { source, dest } = packet.ends;
    if len < UDP_HEADER || len > rest.wire() || registry::tunnel(source.port, dest.port).is_some() {
        return None;
    }
    sink.put(with(packet, Transport::Udp, rest.limit(len).skip(UDP_HEADER).ok()?));
    Some(())
}

#[inline(always)]
fn with(packet: Packet, transport: Transport, payload: Rest<'_>) -> Packet {
    Packet { transport, payload: payload.span(), missing: payload.missing(), ..packet }
}

#[inline(always)]
fn be16(high: u8, low: u8) -> u16 {
    u16::from_be_bytes([high, low])
}
