//! Cutting every TCP payload of a capture into two segments, to prove that nothing depends on where they were cut.
//!
//! Works on any classic pcap of Ethernet frames, VLAN tags, IPv4 and IPv6 with extension headers included. What it
//! cannot cut stays as it is: frames that the snapshot length cut, IP fragments, resets, payloads of a single byte.

use crate::net::packet::{checksum, set_u16};
use crate::net::segment::{FIN, PSH, RST, SYN};

/// The same capture with each TCP payload in two segments of the same time; `None` if it is no classic pcap.
pub fn split_segments(capture: &[u8]) -> Option<Vec<u8>> {
    let magic = capture.get(..4)?;
    let number: fn([u8; 4]) -> u32 = match magic {
        [0xa1, 0xb2, ..] => u32::from_be_bytes,
        [_, _, 0xb2, 0xa1] => u32::from_le_bytes,
        _ => return None,
    };
    let order: fn(u32) -> [u8; 4] = if magic.first() == Some(&0xa1) { u32::to_be_bytes } else { u32::to_le_bytes };
    let mut out = capture.get(..24)?.to_vec();
    let mut rest = capture.get(24..)?;
    while let Some((header, body)) = rest.split_first_chunk::<16>() {
        let [stamp @ .., _, _, _, _, _, _, _, _] = header;
        let kept = number(*header.get(8..12)?.first_chunk()?);
        let original = number(*header.get(12..)?.first_chunk()?);
        let (frame, after) = body.split_at_checked(kept as usize)?;
        let halves = if kept == original { halve(frame) } else { None };
        for half in halves.map_or(vec![(frame.to_vec(), original)], |halves| halves.map(sized).to_vec()) {
            out.extend(stamp);
            out.extend(order(half.0.len() as u32));
            out.extend(order(half.1));
            out.extend(half.0);
        }
        rest = after;
    }
    Some(out)
}

fn sized(frame: Vec<u8>) -> (Vec<u8>, u32) {
    let length = frame.len() as u32;
    (frame, length)
}

/// Where the headers of a TCP frame begin and end.
struct Layers {
    network: usize,
    transport: usize,
    payload: usize,
    end: usize,
}

/// The two frames that carry one frame's payload.
fn halve(frame: &[u8]) -> Option<[Vec<u8>; 2]> {
    let layers = find(frame)?;
    let flags = *frame.get(layers.transport + 13)?;
    let payload = frame.get(layers.payload..layers.end)?;
    if payload.len() < 2 || flags & RST != 0 {
        return None;
    }
    let (head, tail) = payload.split_at(payload.len() / 2);
    let header = frame.get(..layers.payload)?;
    let honest = sums_to_zero(frame, &layers);
    let mut first = [header, head].concat();
    let mut second = [header, tail].concat();
    set_flags(&mut first, &layers, flags & !(FIN | PSH))?;
    set_flags(&mut second, &layers, flags & !SYN)?;
    let seq = u32::from_be_bytes(*frame.get(layers.transport + 4..)?.first_chunk()?);
    let seq = seq.wrapping_add(head.len() as u32).wrapping_add(u32::from(flags & SYN != 0));
    second.get_mut(layers.transport + 4..layers.transport + 8)?.copy_from_slice(&seq.to_be_bytes());
    for half in [&mut first, &mut second] {
        repair(half, &layers, honest)?;
    }
    Some([first, second])
}

fn set_flags(frame: &mut [u8], layers: &Layers, flags: u8) -> Option<()> {
    *frame.get_mut(layers.transport + 13)? = flags;
    Some(())
}

/// Sets lengths, and the checksums where they were right before.
fn repair(frame: &mut [u8], layers: &Layers, honest: bool) -> Option<()> {
    if frame.get(layers.network)? >> 4 == 4 {
        set_u16(frame, layers.network + 2, (frame.len() - layers.network) as u16);
        set_u16(frame, layers.network + 10, 0);
        let sum = checksum(&[frame.get(layers.network..layers.transport)?]);
        set_u16(frame, layers.network + 10, sum);
    } else {
        set_u16(frame, layers.network + 4, (frame.len() - layers.network - 40) as u16);
    }
    if honest {
        set_u16(frame, layers.transport + 16, 0);
        let sum = checksum(&[&pseudo_header(frame, layers, frame.len())?, frame.get(layers.transport..)?]);
        set_u16(frame, layers.transport + 16, sum);
    }
    Some(())
}

fn sums_to_zero(frame: &[u8], layers: &Layers) -> bool {
    let parts = pseudo_header(frame, layers, layers.end).zip(frame.get(layers.transport..layers.end));
    parts.is_some_and(|(header, segment)| checksum(&[&header, segment]) == 0)
}

fn pseudo_header(frame: &[u8], layers: &Layers, end: usize) -> Option<Vec<u8>> {
    let is_v4 = frame.get(layers.network)? >> 4 == 4;
    let addresses = if is_v4 { 12..20 } else { 8..40 };
    let mut out = frame.get(layers.network..)?.get(addresses)?.to_vec();
    out.extend(((end - layers.transport) as u32).to_be_bytes());
    out.extend([0, 0, 0, 6]);
    Some(out)
}

/// Finds TCP in an Ethernet frame.
fn find(frame: &[u8]) -> Option<Layers> {
    let (network, kind) = skip_vlans(frame)?;
    let (transport, end) = match kind {
        0x0800 => ipv4(frame, network)?,
        0x86dd => ipv6(frame, network)?,
        _ => return None,
    };
    let payload = transport + usize::from(frame.get(transport + 12)? >> 4) * 4;
    (payload <= end && end <= frame.len()).then_some(Layers { network, transport, payload, end })
}

fn skip_vlans(frame: &[u8]) -> Option<(usize, u16)> {
    let mut at = 12;
    loop {
        match u16_at(frame, at)? {
            0x8100 | 0x88a8 => at += 4,
            kind => return Some((at + 2, kind)),
        }
    }
}

fn ipv4(frame: &[u8], at: usize) -> Option<(usize, usize)> {
    let is_fragment = u16_at(frame, at + 6)? & 0x3fff != 0;
    let is_tcp = *frame.get(at + 9)? == 6;
    let header = usize::from(frame.get(at)? & 0x0f) * 4;
    (is_tcp && !is_fragment).then_some((at + header, at + usize::from(u16_at(frame, at + 2)?)))
}

/// Over hop-by-hop, routing and destination options (RFC 8200, section 4).
fn ipv6(frame: &[u8], at: usize) -> Option<(usize, usize)> {
    let end = at + 40 + usize::from(u16_at(frame, at + 4)?);
    let (mut next, mut offset) = (*frame.get(at + 6)?, at + 40);
    while matches!(next, 0 | 43 | 60) {
        next = *frame.get(offset)?;
        offset += 8 + 8 * usize::from(*frame.get(offset + 1)?);
    }
    (next == 6).then_some((offset, end))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|field| u16::from_be_bytes(*field))
}

#[cfg(test)]
mod tests;
