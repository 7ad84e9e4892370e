//! Headers around payloads.

pub(super) const PAYLOAD: &[u8] = b"\x16\x03\x01 hello";
pub(super) const CLIENT_PORT: u16 = 50_000;
pub(super) const SERVER_PORT: u16 = 443;
pub(super) const SEQ: u32 = 0x1234_5678;

/// The concatenation of byte strings.
pub(super) fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A TCP segment with `options`, without checksum.
pub(super) fn tcp_with(options: &[u8], payload: &[u8]) -> Vec<u8> {
    let offset = ((20 + options.len()) / 4 * 16) as u8;
    join(&[
        &CLIENT_PORT.to_be_bytes(),
        &SERVER_PORT.to_be_bytes(),
        &SEQ.to_be_bytes(),
        &[0, 0, 0, 9, offset, 0x18, 0x20, 0, 0, 0, 0, 0],
        options,
        payload,
    ])
}

pub(super) fn tcp(payload: &[u8]) -> Vec<u8> {
    tcp_with(&[], payload)
}

pub(super) fn udp(source: u16, dest: u16, payload: &[u8]) -> Vec<u8> {
    let len = (8 + payload.len()) as u16;
    join(&[&source.to_be_bytes(), &dest.to_be_bytes(), &len.to_be_bytes(), &[0, 0], payload])
}

/// The Internet checksum to write into a header, computed the slow and obvious way.
pub(super) fn checksum(bytes: &[u8]) -> [u8; 2] {
    let words = bytes.chunks(2).map(|two| u32::from(two[0]) << 8 | u32::from(*two.get(1).unwrap_or(&0)));
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    (!(sum as u16)).to_be_bytes()
}

/// An IPv4 packet from 10.0.0.1 to 10.0.0.2, `place` being flags and fragment offset.
pub(super) fn ipv4_at(place: u16, id: u16, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let total = (20 + payload.len()) as u16;
    let mut header = join(&[
        &[0x45, 0],
        &total.to_be_bytes(),
        &id.to_be_bytes(),
        &place.to_be_bytes(),
        &[61, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2],
    ]);
    let sum = checksum(&header);
    header[10..12].copy_from_slice(&sum);
    join(&[&header, payload])
}

pub(super) fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_at(0x4000, 0x00f2, protocol, payload)
}

pub(super) fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let len = (payload.len() as u16).to_be_bytes();
    join(&[&[0x60, 0, 0, 0], &len, &[next, 57], &[0x20; 16], &[0x21; 16], payload])
}

/// The segment that the tests look for: TCP over IPv4.
pub(super) fn segment() -> Vec<u8> {
    ipv4(6, &tcp(PAYLOAD))
}

pub(super) fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    join(&[&[2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2], &kind.to_be_bytes(), payload])
}

pub(super) fn vlan(id: u16, kind: u16, payload: &[u8]) -> Vec<u8> {
    join(&[&id.to_be_bytes(), &kind.to_be_bytes(), payload])
}

/// The segment in Ethernet.
pub(super) fn segment_frame() -> Vec<u8> {
    ethernet(0x0800, &segment())
}

/// GRE around a payload; `fields` are those that `flags` announce.
pub(super) fn gre(flags: u16, protocol: u16, fields: &[u8], payload: &[u8]) -> Vec<u8> {
    ipv4(47, &join(&[&flags.to_be_bytes(), &protocol.to_be_bytes(), fields, payload]))
}

/// A tunnel in UDP to its port.
pub(super) fn in_udp(port: u16, header: &[u8], payload: &[u8]) -> Vec<u8> {
    ipv4(17, &udp(50_500, port, &join(&[header, payload])))
}

pub(super) const VXLAN: &[u8] = &[8, 0, 0, 0, 0, 0, 7, 0];

/// LLC and SNAP around IPv4.
pub(super) fn snap(payload: &[u8]) -> Vec<u8> {
    join(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], payload])
}

/// A bottom-of-stack label under another one.
pub(super) fn labels(payload: &[u8]) -> Vec<u8> {
    join(&[&[0, 1, 0x00, 64, 0, 2, 0x01, 64], payload])
}
