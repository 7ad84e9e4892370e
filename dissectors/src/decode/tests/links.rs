//! One sample a link layer: a link type and a frame that leads to the segment.

use super::build::*;
use super::{Skip, assert_segment, decode};

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
        (239, vec![2, 0, 0, 0, 3, 0, 1, 0], Skip::Malformed("nflog")),
    ] {
        assert_eq!(decode(link, &bytes), Err(skip), "{bytes:?}");
    }
}
