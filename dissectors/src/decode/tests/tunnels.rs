//! One sample a tunnel, nested ones, and UDP payloads that only look like tunnels.

use super::build::*;
use super::{assert_segment, decode};
use crate::packet::Transport;

pub(super) fn samples() -> Vec<(&'static str, u16, Vec<u8>)> {
    let ip = &segment()[..];
    let v6 = &ipv6(6, &tcp(PAYLOAD))[..];
    let frame = &segment_frame()[..];
    let mpls = |payload: &[u8]| ethernet(0x8847, &labels(payload));
    let gtp = |flags: u8, more: &[u8]| {
        let len = (ip.len() + more.len()) as u16;
        in_udp(2152, &join(&[&[flags, 255], &len.to_be_bytes(), &[0, 0, 0, 1], more]), ip)
    };
    let pptp = join(&[&((ip.len() + 4) as u16).to_be_bytes(), &[0, 1], &[0; 8], &[0xff, 3, 0, 0x21]]);
    vec![
        ("MPLS, IPv4", 1, mpls(ip)),
        ("MPLS, IPv6", 1, mpls(v6)),
        ("MPLS, pseudowire with control word", 1, mpls(&join(&[&[0, 0, 0, 9], frame]))),
        ("MPLS, pseudowire without control word", 1, mpls(frame)),
        ("MPLS, pseudowire to an address that looks like IPv4", 1, {
            let mut frame = frame.to_vec();
            frame[0] = 0x46;
            mpls(&frame)
        }),
        ("MPLS in IP", 101, ipv4(137, &labels(ip))),
        ("MPLS in UDP", 101, in_udp(6635, &[], &labels(v6))),
        ("IP in IP", 101, ipv4(4, ip)),
        ("6in4", 101, ipv4(41, v6)),
        ("4in6", 101, ipv6(4, ip)),
        ("GRE", 101, gre(0, 0x0800, &[], ip)),
        ("GRE, checksum, key and sequence number", 101, gre(0xb000, 0x86dd, &[0; 12], v6)),
        ("GRE, source routes", 101, gre(0x4000, 0x0800, &[0, 0, 0, 0, 8, 0, 0, 4, 1, 1, 1, 1, 0, 0, 0, 0], ip)),
        ("GRE, MPLS", 101, gre(0, 0x8847, &[], &labels(ip))),
        ("GRE, Ethernet", 101, gre(0x2000, 0x6558, &[0; 4], frame)),
        ("PPTP", 101, gre(0x3081, 0x880b, &pptp, ip)),
        ("ERSPAN I", 101, gre(0, 0x88be, &[], frame)),
        ("ERSPAN II", 101, gre(0x1000, 0x88be, &[0; 4], &join(&[&[0x10, 0, 0, 0, 0, 0, 0, 0], frame]))),
        ("ERSPAN III", 101, gre(0x1000, 0x22eb, &[0; 4], &join(&[&[0x20], &[0; 11], frame]))),
        ("ERSPAN III with platform header", 101, {
            gre(0x1000, 0x22eb, &[0; 4], &join(&[&[0x20], &[0; 10], &[1], &[0; 8], frame]))
        }),
        ("ERSPAN III, IP", 101, gre(0x1000, 0x22eb, &[0; 4], &join(&[&[0x20], &[0; 9], &[2 << 2, 0], ip]))),
        ("VXLAN", 101, in_udp(4789, VXLAN, frame)),
        ("VXLAN on Linux' first port", 101, in_udp(8472, VXLAN, frame)),
        ("VXLAN with group policy", 101, in_udp(4789, &[0x88, 0, 0, 5, 0, 0, 7, 0], frame)),
        ("VXLAN-GPE, IP", 101, in_udp(4790, &[0x0c, 0, 0, 1, 0, 0, 7, 0], ip)),
        ("VXLAN-GPE without its flag, IP", 101, in_udp(4790, &[8, 0, 0, 1, 0, 0, 7, 0], ip)),
        ("VXLAN-GPE, Ethernet", 101, in_udp(4790, &[0x0c, 0, 0, 3, 0, 0, 7, 0], frame)),
        ("GENEVE, Ethernet", 101, in_udp(6081, &[0, 0, 0x65, 0x58, 0, 0, 7, 0], frame)),
        ("GENEVE, options, IP", 101, in_udp(6081, &[2, 0x40, 8, 0, 0, 0, 7, 0, 1, 1, 1, 1, 0, 0, 0, 0], ip)),
        ("GTP-U", 101, gtp(0x30, &[])),
        ("GTP-U, sequence number", 101, gtp(0x32, &[0; 4])),
        ("GTP-U, two extensions", 101, gtp(0x34, &[0, 0, 0, 0x85, 1, 0, 0, 0x85, 2, 0, 0, 0, 0, 0, 0, 0])),
        ("L2TP 2", 101, in_udp(1701, &[0, 2, 0, 1, 0, 1, 0xff, 3, 0, 0x21], ip)),
        ("L2TP 2, all fields", 101, {
            in_udp(1701, &[0x4a, 2, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 2, 9, 9, 0xff, 3, 0, 0x57], v6)
        }),
        ("L2TP 3", 101, in_udp(1701, &[0, 3, 0, 0, 0, 0, 0, 1], frame)),
        ("L2TP 3 in IP, cookie", 101, ipv4(115, &join(&[&[0, 0, 0, 1, 9, 9, 9, 9], frame]))),
        ("Teredo", 101, in_udp(3544, &[], v6)),
        (
            "Teredo, both indications",
            101,
            in_udp(3544, &[0, 1, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 5, 5, 4, 4, 4, 4], v6),
        ),
        ("CAPWAP, 802.3", 101, in_udp(5247, &[0, 0x10, 0, 0, 0, 0, 0, 0], frame)),
        ("CAPWAP, 802.11", 101, {
            in_udp(5247, &[0, 0x10, 3, 0, 0, 0, 0, 0], &join(&[&[0x08, 0x01], &[0; 22], &snap(ip)]))
        }),
        ("CAPWAP, 802.11 with its control field swapped, radio's address", 101, {
            let head = [0, 0x20, 3, 0x20, 0, 0, 0, 0, 4, 1, 2, 3, 4, 0, 0, 0];
            in_udp(5247, &head, &join(&[&[0x11, 0x08], &[0; 22], &snap(ip)]))
        }),
        ("VXLAN-GPE, NSH, Ethernet", 101, {
            in_udp(4790, &[0x0c, 0, 0, 4, 0, 0, 7, 0, 0x0f, 0xc2, 2, 3, 0, 0, 1, 255], frame)
        }),
        ("VXLAN-GPE, MPLS", 101, in_udp(4790, &[0x0c, 0, 0, 5, 0, 0, 7, 0], &labels(ip))),
        ("LISP", 101, in_udp(4341, &[0x80, 1, 2, 3, 0, 0, 0, 1], ip)),
        ("GRE in UDP", 101, in_udp(4754, &[0x20, 0, 0x65, 0x58, 0, 0, 0, 7], frame)),
        ("generic UDP encapsulation", 101, in_udp(6080, &[1, 4, 0, 0, 0, 0, 0, 0], ip)),
        ("generic UDP encapsulation without header", 101, in_udp(6080, &[], v6)),
        ("AYIYA", 101, in_udp(5072, &join(&[&[0x42, 0x52, 0x11, 41, 0, 0, 0, 0], &[0; 36]]), v6)),
        ("TZSP", 101, in_udp(37_008, &[1, 0, 0, 1, 0, 10, 1, 200, 1], frame)),
        ("TZSP, 802.11", 101, in_udp(37_008, &[1, 0, 0, 18, 1], &join(&[&[0x08, 0x01], &[0; 22], &snap(ip)]))),
        ("Ethernet in IPv6", 101, ipv6(143, frame)),
        ("EtherIP", 101, ipv4(97, &join(&[&[0x30, 0], frame]))),
        ("VXLAN over QinQ over VXLAN", 1, {
            let inner = ethernet(0x88a8, &vlan(5, 0x8100, &vlan(6, 0x0800, &in_udp(4789, VXLAN, frame))));
            ethernet(0x0800, &in_udp(4789, VXLAN, &inner))
        }),
        ("ERSPAN of a tagged VXLAN frame", 1, {
            let inner =
                ethernet(0x8100, &vlan(6, 0x0800, &in_udp(4789, VXLAN, &ethernet(0x8100, &vlan(1, 0x0800, ip)))));
            ethernet(0x0800, &gre(0x1000, 0x88be, &[0; 4], &join(&[&[0x10, 0, 0, 0, 0, 0, 0, 0], &inner])))
        }),
        ("6in4 in PPP in PPPoE under two labels", 1, {
            let ppp = join(&[&[0, 0x21], &ipv4(41, v6)]);
            let pppoe = join(&[&[0x11, 0, 0, 5], &(ppp.len() as u16).to_be_bytes(), &ppp]);
            mpls(&ethernet(0x8864, &pppoe))
        }),
    ]
}

#[test]
fn every_tunnel_leads_to_the_segment() {
    for (name, link, frame) in samples() {
        println!("{name}");
        assert_segment(link, &frame);
    }
}

#[test]
fn values_are_those_of_the_innermost_header() {
    let bytes = ipv4(41, &ipv6(6, &tcp(PAYLOAD)));
    let packet = decode(101, &bytes).unwrap();
    assert_eq!((packet.ttl, packet.ip_id), (57, None));
}

#[test]
fn an_icmp_error_in_a_tunnel_quotes_as_any() {
    let error = ipv4(1, &join(&[&[11, 0, 0, 0, 0, 0, 0, 0], &segment()[..28]]));
    let packet = decode(101, &gre(0, 0x0800, &[], &error)).unwrap();
    assert!(matches!(packet.transport, Transport::Icmp { of_udp: false, .. }));
}

/// QUIC long and short headers, DNS both ways, and near misses of each tunnel, between every tunnel's port and 443.
#[test]
fn other_payloads_on_tunnel_ports_stay_udp() {
    let vxlan_of_nothing_known = join(&[VXLAN, &ethernet(0x1234, &[0; 60])]);
    let vxlan_of_malformed_ip = join(&[VXLAN, &ethernet(0x0800, &[0x41; 60])]);
    let gtp_echo = join(&[&[0x32, 1, 0, 4, 0, 0, 0, 0], &[0; 4]]);
    let payloads = [
        join(&[&[0xc3, 0, 0, 0, 1, 8], &[0x5a; 1190]]),
        join(&[&[0x45], &[0xa7; 60]]),
        join(&[&[0x61], &[0x61; 60]]),
        b"\x08\x00\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03org\x00\x00\x01\x00\x01".to_vec(),
        b"\x30\xff\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03org\x00\x00\x01\x00\x01".to_vec(),
        b"\x00\x02\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03org\x00\x00\x01\x00\x01".to_vec(),
        b"\x00\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03org\x00\x00\x01\x00\x01".to_vec(),
        vxlan_of_nothing_known,
        vxlan_of_malformed_ip,
        gtp_echo,
        vec![],
    ];
    for port in [1701, 2152, 3544, 4341, 4754, 4789, 4790, 5072, 5247, 6080, 6081, 6635, 8472, 37_008] {
        for payload in &payloads {
            for (source, dest) in [(port, 443), (443, port)] {
                let bytes = ethernet(0x0800, &ipv4(17, &udp(source, dest, payload)));
                let packet = decode(1, &bytes).unwrap_or_else(|skip| panic!("{port}, {payload:x?}: {skip}"));
                assert_eq!((packet.transport, packet.payload.of(&bytes)), (Transport::Udp, &payload[..]));
            }
        }
    }
}
