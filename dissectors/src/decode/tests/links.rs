//! One sample a link layer: a link type and a frame that leads to the segment.

use super::build::*;
use super::{Decoder, Options, Skip, assert_segment, decode, frame};

pub(super) fn samples() -> Vec<(&'static str, u16, Vec<u8>)> {
    let ip = &segment()[..];
    let v6 = &ipv6(6, &tcp(PAYLOAD))[..];
    let tagged = vlan(7, 0x0800, ip);
    let wifi = |control: [u8; 2], more: &[u8]| join(&[&control, &[0; 22], more, &snap(ip)]);
    let pppoe = |payload: &[u8]| join(&[&[0x11, 0, 0, 5], &(payload.len() as u16).to_be_bytes(), payload]);
    let nflog = |len: u16| join(&[&[2, 0, 0, 0, 5, 0, 10, 0, 1, 0, 0, 0], &len.to_le_bytes(), &[9, 0], ip]);
    let len = ip.len() as u16;
    vec![
        ("ethernet", 1, segment_frame()),
        ("802.1Q", 1, ethernet(0x8100, &tagged)),
        ("802.1ad", 1, ethernet(0x88a8, &vlan(100, 0x8100, &tagged))),
        ("QinQ, three tags", 1, ethernet(0x9100, &vlan(100, 0x9100, &vlan(3, 0x8100, &tagged)))),
        ("VN-tag", 1, ethernet(0x8926, &join(&[&[0; 4], &[8, 0], ip]))),
        ("802.1BR", 1, ethernet(0x893f, &join(&[&[0; 6], &[8, 0], ip]))),
        ("802.1ah", 1, ethernet(0x88a8, &vlan(1, 0x88e7, &join(&[&[0; 4], &segment_frame()])))),
        ("802.3 with SNAP", 1, join(&[&ethernet(len + 8, &snap(ip)), &[0; 9]])),
        ("802.3 with SNAP of 802.1H", 1, ethernet(len + 8, &join(&[&[0xaa, 0xaa, 3, 0, 0, 0xf8, 8, 0], ip]))),
        ("802.3 with IP's own access point", 1, ethernet(len + 3, &join(&[&[6, 6, 3], ip]))),
        ("MACsec", 1, ethernet(0x88e5, &join(&[&[0, 0, 0, 0, 0, 1, 8, 0], ip, &[0xcc; 16]]))),
        ("MACsec with channel", 1, ethernet(0x88e5, &join(&[&[0x20; 6], &[0; 8], &[8, 0], ip, &[0xcc; 16]]))),
        ("PPPoE", 1, join(&[&ethernet(0x8864, &pppoe(&join(&[&[0, 0x21], ip]))), &[0; 4]])),
        ("PPPoE, IPv6, compressed protocol", 1, ethernet(0x8864, &pppoe(&join(&[&[0x57], v6])))),
        ("PPPoE without Ethernet", 51, pppoe(&join(&[&[0, 0x21], ip]))),
        ("PPP", 9, join(&[&[0, 0x21], ip])),
        ("PPP with HDLC framing", 50, join(&[&[0xff, 3, 0, 0x57], v6])),
        ("PPP, MPLS", 9, join(&[&[0xff, 3, 2, 0x81], &labels(ip)])),
        ("PPP, bridged", 9, join(&[&[0xff, 3, 0, 0x31, 0, 1], &segment_frame()])),
        ("PPP with direction", 204, join(&[&[1, 0xff, 3, 0, 0x21], ip])),
        ("PPP with direction for address", 166, join(&[&[0, 3, 0, 0x21], ip])),
        ("Cisco HDLC in PPP's clothes", 50, join(&[&[0x0f, 0, 8, 0], ip])),
        ("Cisco HDLC", 104, join(&[&[0x8f, 0, 0x86, 0xdd], v6])),
        ("null, little endian", 0, join(&[&[2, 0, 0, 0], ip])),
        ("null, big endian", 0, join(&[&[0, 0, 0, 2], ip])),
        ("null, FreeBSD's IPv6", 0, join(&[&[28, 0, 0, 0], v6])),
        ("loop, OpenBSD's IPv6", 108, join(&[&[0, 0, 0, 24], v6])),
        ("null, macOS's IPv6", 0, join(&[&[30, 0, 0, 0], v6])),
        ("raw", 101, ip.to_vec()),
        ("raw by DLT number", 12, ip.to_vec()),
        ("raw by OpenBSD's DLT number", 14, v6.to_vec()),
        ("raw IPv4", 228, ip.to_vec()),
        ("raw IPv6", 229, v6.to_vec()),
        ("cooked", 113, join(&[&[0; 14], &[8, 0], ip])),
        ("cooked, tagged", 113, join(&[&[0; 14], &[0x81, 0], &tagged])),
        ("cooked, LLC", 113, join(&[&[0; 14], &[0, 4], &snap(ip)])),
        ("cooked 2", 276, join(&[&[0x86, 0xdd], &[0; 18], v6])),
        ("netfilter log", 239, nflog(len + 4)),
        ("802.11", 105, wifi([0x08, 0x01], &[])),
        ("802.11 between distribution systems", 105, wifi([0x08, 0x03], &[0; 6])),
        ("802.11 with quality of service", 105, wifi([0x88, 0x02], &[0; 2])),
        ("802.11 with HT control", 105, wifi([0x88, 0x82], &[0; 6])),
        ("802.11 aggregate", 105, {
            let subframe = (8 + len).to_be_bytes();
            join(&[&[0x88, 2], &[0; 22], &[0x80, 0], &[0; 12], &subframe, &snap(ip), &[0x77; 30]])
        }),
        ("radiotap", 127, join(&[&[0, 0, 12, 0], &[0; 8], &wifi([0x08, 0x01], &[])])),
        ("prism", 119, join(&[&[0x44, 0, 0, 0, 144, 0, 0, 0], &[0; 136], &wifi([0x08, 0x01], &[])])),
        ("AVS", 163, join(&[&[0x80, 0x21, 0x10, 1, 0, 0, 0, 64], &[0; 56], &wifi([0x08, 0x01], &[])])),
        ("ATM, bridged", 100, join(&[&[0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 7, 0, 0], &segment_frame()])),
        ("ATM, routed", 100, snap(ip)),
        ("frame relay", 107, join(&[&[0x18, 0x41, 3, 0xcc], ip])),
        ("frame relay, four bytes of address", 107, join(&[&[0x18, 0x40, 0x20, 0x41, 3, 0x8e], v6])),
        ("frame relay, SNAP", 107, join(&[&[0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0], ip])),
        ("frame relay, bridged", 107, join(&[&[0x18, 0x41, 3, 0, 0x80, 0, 0x80, 0xc2, 0, 7], &segment_frame()])),
        ("frame relay, Cisco's", 107, join(&[&[0x18, 0x41, 8, 0], ip])),
        ("frame relay with direction", 206, join(&[&[1, 0x18, 0x41, 3, 0xcc], ip])),
        ("Cisco HDLC with direction", 205, join(&[&[1, 0x8f, 0, 8, 0], ip])),
        ("enc", 109, join(&[&[2, 0, 0, 0], &[0; 8], ip])),
        ("packet filter's log", 117, join(&[&[61, 2], &[0; 62], ip])),
        ("Fibre Channel", 122, join(&[&[0; 16], &snap(ip)])),
        ("FireWire", 138, join(&[&[0; 16], &[8, 0], ip])),
        ("DOCSIS", 143, join(&[&[0, 0, 0, 0, 0, 0], &segment_frame()])),
        ("DOCSIS with an extension", 143, join(&[&[1, 3, 0, 0, 0x62, 0, 0, 0, 0], &segment_frame()])),
        ("Juniper, Ethernet", 178, join(&[b"MGC\x01", &segment_frame()])),
        ("Juniper, extensions", 178, join(&[b"MGC\x80\x00\x05", &[0; 5], &segment_frame()])),
        ("Juniper, no link layer", 178, join(&[b"MGC\x02", &[2, 0, 0, 0], ip])),
        ("Juniper, PPPoE", 167, {
            let ppp = pppoe(&join(&[&[0, 0x21], ip]));
            join(&[b"MGC\x00", &ethernet(0x8864, &ppp)])
        }),
        ("Juniper, PPP", 179, join(&[b"MGC\x00", &[0xff, 3, 0, 0x21], ip])),
        ("Juniper, frame relay", 180, join(&[b"MGC\x00", &[0x18, 0x41, 3, 0xcc], ip])),
        ("Juniper, Cisco HDLC", 181, join(&[b"MGC\x00", &[0x0f, 0, 8, 0], ip])),
        ("ERF, Ethernet", 197, join(&[&[0; 8], &[2], &[0; 7], &[0; 2], &segment_frame()])),
        (
            "ERF, two extensions, IPv4",
            197,
            join(&[&[0; 8], &[0x80 | 22], &[0; 7], &[0x83], &[0; 7], &[3], &[0; 7], ip]),
        ),
        ("ERF, PPP", 197, join(&[&[0; 8], &[1], &[0; 7], &[0xff, 3, 0, 0x21], ip])),
        ("MPLS without Ethernet", 219, labels(ip)),
        ("Solaris", 226, join(&[&[1, 2], &[0; 22], ip])),
        ("netANALYZER", 240, join(&[&[0; 4], &segment_frame()])),
        ("netANALYZER with preamble", 241, join(&[&[0; 12], &segment_frame()])),
        ("InfiniBand", 242, join(&[&[0; 40], &[0x86, 0xdd, 0, 0], v6])),
        ("packet tap", 258, join(&[&108_u32.to_le_bytes(), &[1, 0, 0, 0, 1, 0, 0, 0], &[0; 96], &segment_frame()])),
        ("preamble", 274, join(&[&[0x55; 7], &[0xd5], &segment_frame()])),
        ("switch tag", 284, join(&[&segment_frame()[..12], &[0xc0, 8, 0, 1], &segment_frame()[12..]])),
        ("switch tag before the frame", 282, join(&[&[0; 4], &segment_frame()])),
        ("switch tag behind a type", 285, ethernet(0xdada, &join(&[&[0; 6], &[8, 0], ip]))),
        ("R-tag", 1, ethernet(0xf1c1, &join(&[&[0, 0, 0, 9, 8, 0], ip]))),
        ("HSR in a VLAN", 1, ethernet(0x8100, &vlan(7, 0x892f, &join(&[&[0, 60, 0, 9, 0x86, 0xdd], v6])))),
        ("Cisco's metadata", 1, ethernet(0x8909, &join(&[&[1, 1, 0, 1, 0, 9, 8, 0], ip]))),
        ("FabricPath", 1, ethernet(0x8903, &join(&[&[0, 0x60], &segment_frame()]))),
        ("TRILL with options", 1, ethernet(0x22f3, &join(&[&[0, 0x7f, 0, 1, 0, 2, 0, 0, 0, 0], &segment_frame()]))),
        ("NSH", 1, ethernet(0x894f, &join(&[&[0x0f, 0xc6, 1, 3, 0, 0, 1, 255], &[0; 16], &segment_frame()]))),
        ("NSH, IP", 1, ethernet(0x894f, &join(&[&[0x0f, 0xc2, 2, 1, 0, 0, 1, 255], ip]))),
        ("per-packet information", 192, join(&[&[0, 0, 8, 0, 1, 0, 0, 0], &segment_frame()])),
    ]
}

#[test]
fn every_link_layer_leads_to_the_segment() {
    for (name, link, frame) in samples() {
        println!("{name}");
        assert_segment(link, &frame);
    }
}

#[test]
fn frames_without_ip_are_skipped_by_name() {
    for (link, bytes, skip) in [
        (1, ethernet(0x8863, &[0x11, 9, 0, 0, 0, 0]), Skip::NotIp),
        (1, ethernet(38, &[0x42, 0x42, 3, 0, 0, 0, 0]), Skip::NotIp),
        (1, ethernet(0x8864, &[0x11, 0xa7, 0, 0, 0, 0]), Skip::NotIp),
        (1, ethernet(0x8864, &[0x21, 0, 0, 0, 0, 0]), Skip::Malformed("pppoe")),
        (1, ethernet(0x88e5, &[0x2c; 40]), Skip::Encrypted),
        (9, vec![0xff, 3, 0xc0, 0x21, 1, 1, 0, 4], Skip::NotIp),
        (0, vec![7, 0, 0, 0, 1], Skip::NotIp),
        (105, join(&[&[0x80, 0], &[0; 40]]), Skip::NotIp),
        (105, join(&[&[0x48, 1], &[0; 40]]), Skip::NotIp),
        (105, join(&[&[0x08, 0x41], &[0; 40]]), Skip::Encrypted),
        (113, join(&[&[0, 0, 3, 56], &[0; 10], &[8, 0], &segment()]), Skip::NotIp),
        (113, vec![0; 40], Skip::NotIp),
        (127, vec![1; 40], Skip::Malformed("radiotap")),
        (192, vec![0, 0, 8, 0, 0, 0, 1, 0], Skip::Malformed("ppi")),
        (107, vec![0x18, 0x41, 3, 0x81, 1, 2, 3], Skip::NotIp),
        (143, join(&[&[1, 5, 0, 0, 0x34], &[0; 80]]), Skip::Encrypted),
        (143, vec![0xc2; 40], Skip::NotIp),
        (178, vec![0; 40], Skip::Malformed("juniper")),
        (197, join(&[&[0; 8], &[27], &[0; 40]]), Skip::NotIp),
        (239, vec![2, 0, 0, 0, 3, 0, 1, 0], Skip::Malformed("nflog")),
    ] {
        assert_eq!(decode(link, &bytes), Err(skip), "{bytes:?}");
    }
}

/// An aggregate of a segment, a frame without IP, and another segment: one behind the other, at multiples of four.
#[test]
fn every_frame_of_an_aggregate_is_read() {
    let other = ipv4(6, &tcp(b"other"));
    let subframe = |payload: &[u8]| {
        let mut frame = join(&[&[0; 12], &(payload.len() as u16).to_be_bytes(), payload]);
        frame.resize(frame.len().next_multiple_of(4), 0xee);
        frame
    };
    let spanning_tree = [0x42, 0x42, 3, 0, 0];
    let check_sequence = [0x77; 4];
    let frames = [&snap(&segment())[..], &spanning_tree, &snap(&other)].map(subframe).concat();
    let mut bytes = join(&[&[0x88, 2], &[0; 22], &[0x80, 0], &frames, &check_sequence]);
    let whole = frame(105, bytes.len(), bytes.len());
    let mut decoder = Decoder::new(Options::default());
    let mut found = vec![decoder.decode(whole, &mut bytes)];
    found.extend(std::iter::from_fn(|| decoder.further(&mut bytes)));
    let payloads: Vec<_> = found.iter().map(|found| found.map(|packet| packet.payload.of(&bytes))).collect();
    assert_eq!(payloads, [Ok(PAYLOAD), Err(Skip::NotIp), Ok(&b"other"[..])]);
    decoder.decode(whole, &mut bytes).unwrap();
    decoder.decode(frame(105, 20, 20), &mut bytes).unwrap_err();
    assert_eq!(decoder.further(&mut bytes), None, "what was left of a frame is forgotten with the next one");
}
