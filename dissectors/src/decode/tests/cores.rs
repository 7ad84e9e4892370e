//! IP, TCP, UDP and ICMP.

use super::build::{self, *};
use super::{Decoder, Options, Skip, assert_segment, decode, decode_cut, frame};
use crate::decode::Checksums;
use crate::packet::{Flags, IcmpError, Transport};
use crate::tcp::seq::Seq;

#[test]
fn every_field_of_a_segment() {
    let bytes = ethernet(0x0800, &ipv4(6, &tcp_with(&[1, 1, 1, 0], PAYLOAD)));
    let packet = decode(1, &bytes).unwrap();
    let Transport::Tcp(tcp) = packet.transport else { panic!("{packet:?}") };
    assert_eq!((tcp.seq, tcp.ack, tcp.window), (Seq(SEQ), Seq(9), 0x2000));
    assert_eq!(tcp.flags, Flags(Flags::PSH.0 | Flags::ACK.0));
    assert_eq!(tcp.options.of(&bytes), [1, 1, 1, 0]);
    assert_eq!(packet.payload.of(&bytes), PAYLOAD);
    assert_eq!((packet.ttl, packet.ip_id, packet.dont_fragment), (61, Some(0xf2), true));
    assert_eq!(packet.ends.source.addr.to_string(), "10.0.0.1");
    assert_eq!(packet.ends.dest.addr.to_string(), "10.0.0.2");
    assert_eq!((packet.frame, packet.missing, packet.bad_checksum), (1, 0, false));
}

#[test]
fn ipv6_has_no_id_and_never_fragments_on_the_way() {
    let bytes = ethernet(0x86dd, &ipv6(6, &tcp(PAYLOAD)));
    let packet = decode(1, &bytes).unwrap();
    assert_eq!((packet.ttl, packet.ip_id, packet.dont_fragment), (57, None, true));
    assert_eq!(packet.ends.source.addr.to_string(), "2020:2020:2020:2020:2020:2020:2020:2020");
    assert_segment(1, &bytes);
}

#[test]
fn ipv6_extension_headers_are_passed() {
    let authentication = join(&[&[6, 4], &[0; 22], &tcp(PAYLOAD)]);
    let destination = join(&[&[51, 1], &[0; 14], &authentication]);
    let routing = join(&[&[60, 0], &[0; 6], &destination]);
    let hop_by_hop = join(&[&[43, 0], &[0; 6], &routing]);
    assert_segment(1, &ethernet(0x86dd, &ipv6(0, &hop_by_hop)));
}

#[test]
fn ipv4_options_and_authentication_are_passed() {
    let mut options = segment();
    options[0] = 0x46;
    options[3] += 4;
    options.splice(20..20, [1, 1, 1, 0]);
    assert_segment(101, &options);
    assert_segment(101, &ipv4(51, &join(&[&[6, 4], &[0; 22], &tcp(PAYLOAD)])));
}

#[test]
fn padding_and_check_sequence_are_no_payload() {
    assert_segment(1, &join(&[&segment_frame(), &[0xee; 10]]));
    let empty = ethernet(0x0800, &join(&[&ipv4(6, &tcp(&[])), &[0; 6]]));
    assert_eq!(decode(1, &empty).unwrap().payload.len, 0);
}

#[test]
fn length_zero_means_as_much_as_there_is() {
    let mut offloaded = segment_frame();
    offloaded[16..18].fill(0);
    assert_segment(1, &offloaded);
    let mut jumbo = ethernet(0x86dd, &ipv6(6, &tcp(PAYLOAD)));
    jumbo[18..20].fill(0);
    assert_segment(1, &jumbo);
}

#[test]
fn missing_counts_payload_bytes_below_the_snap_length() {
    let bytes = join(&[&segment_frame(), &[0; 20]]);
    let whole = 14 + 20 + 20;
    for captured in whole..whole + PAYLOAD.len() {
        let packet = decode_cut(1, &bytes, captured).unwrap();
        assert_eq!(packet.payload.len as usize, captured - whole);
        assert_eq!((packet.payload.len + packet.missing) as usize, PAYLOAD.len());
    }
    for captured in 0..whole {
        assert_eq!(decode_cut(1, &bytes, captured), Err(Skip::Truncated), "{captured}");
    }
}

#[test]
fn a_length_beyond_the_frame_is_not_believed() {
    let mut bytes = segment_frame();
    bytes[16] = 16;
    assert_segment(1, &bytes);
    let ppp = join(&[&[0, 0x21], &segment()]);
    let mut padded = ethernet(0x8864, &join(&[&[0x11, 0, 0, 5, 0, ppp.len() as u8], &ppp, &[0; 6]]));
    padded[14 + 8 + 3] += 6;
    assert_segment(1, &padded);
}

#[test]
fn headers_that_contradict_themselves_are_malformed() {
    let with = |at: usize, value: u8| {
        let mut bytes = segment_frame();
        bytes[at] = value;
        decode(1, &bytes)
    };
    assert_eq!(with(14, 0x44), Err(Skip::Malformed("ip")), "header shorter than its fixed part");
    assert_eq!(with(14, 0x35), Err(Skip::Malformed("ip")), "version");
    assert_eq!(with(17, 19), Err(Skip::Malformed("ip")), "total length less than the header");
    assert_eq!(with(17, 39), Err(Skip::Malformed("tcp")), "room for no segment");
    assert_eq!(with(14 + 20 + 12, 0x40), Err(Skip::Malformed("tcp")), "data offset");
    let mut short_udp = ethernet(0x0800, &ipv4(17, &udp(1, 2, b"abc")));
    short_udp[14 + 20 + 5] = 7;
    assert_eq!(decode(1, &short_udp), Err(Skip::Malformed("udp")));
    short_udp[14 + 20 + 5] = 12;
    assert_eq!(decode(1, &short_udp), Err(Skip::Malformed("udp")), "longer than IP");
}

#[test]
fn udp_ends_where_it_says() {
    let bytes = ethernet(0x0800, &ipv4(17, &join(&[&udp(5353, 443, b"quic"), b"trailer"])));
    let packet = decode(1, &bytes).unwrap();
    assert_eq!((packet.transport, packet.payload.of(&bytes)), (Transport::Udp, &b"quic"[..]));
}

#[test]
fn others_are_skipped_by_name() {
    for (kind, payload, name) in [
        (0x0806, vec![0; 28], "not_ip"),
        (0x0800, ipv4(50, &[0; 40]), "other_protocol"),
        (0x0800, ipv4(1, &[8, 0, 0, 0, 0, 0, 0, 0]), "other_protocol"),
        (0x86dd, ipv6(59, &[]), "other_protocol"),
    ] {
        assert_eq!(decode(1, &ethernet(kind, &payload)).unwrap_err().name(), name);
    }
    assert_eq!(decode(65_000, &segment()), Err(Skip::UnknownLink));
}

#[test]
fn icmp_errors_carry_the_quoted_ends() {
    let quoted_tcp = &segment()[..28];
    let quoted_udp = &ipv4(17, &udp(50_001, 443, b"initial"))[..28];
    for (kind, code, word, quoted, error) in [
        (11, 0, 0, quoted_tcp, IcmpError::TimeExceeded),
        (3, 4, 1400, quoted_tcp, IcmpError::TooBig(1400)),
        (3, 13, 0, quoted_tcp, IcmpError::Prohibited),
        (3, 3, 0, quoted_udp, IcmpError::PortUnreachable),
        (3, 1, 0, quoted_udp, IcmpError::Unreachable(3, 1)),
    ] {
        let word = u32::to_be_bytes(word);
        let bytes = ethernet(0x0800, &ipv4(1, &join(&[&[kind, code, 0, 0], &word, quoted])));
        let packet = decode(1, &bytes).unwrap();
        let Transport::Icmp { quote, of_udp } = packet.transport else { panic!("{packet:?}") };
        assert_eq!((quote.error, quote.reporter.to_string().as_str()), (error, "10.0.0.1"));
        assert_eq!(packet.ends.dest.port, 443);
        assert_eq!((quote.seq, of_udp), if of_udp { (None, true) } else { (Some(Seq(SEQ)), false) });
        assert_eq!(packet.payload.len, 0);
    }
}

#[test]
fn icmpv6_quotes_past_extension_headers() {
    let quoted = ipv6(0, &join(&[&[44, 0], &[0; 6], &[6, 0, 0, 1, 0, 0, 0, 7], &tcp(PAYLOAD)[..8]]));
    let cases = [
        (3, 0, 0, IcmpError::TimeExceeded),
        (2, 0, 1280, IcmpError::TooBig(1280)),
        (1, 1, 0, IcmpError::Prohibited),
        (1, 4, 0, IcmpError::PortUnreachable),
        (1, 3, 0, IcmpError::Unreachable(1, 3)),
    ];
    for (kind, code, word, error) in cases {
        let bytes = ethernet(0x86dd, &ipv6(58, &join(&[&[kind, code, 0, 0], &u32::to_be_bytes(word), &quoted])));
        let packet = decode(1, &bytes).unwrap();
        let Transport::Icmp { quote, of_udp: false } = packet.transport else { panic!("{packet:?}") };
        assert_eq!((quote.error, quote.seq, packet.ends.source.port), (error, Some(Seq(SEQ)), CLIENT_PORT));
    }
}

#[test]
fn icmp_that_quotes_no_transport_is_skipped() {
    let later_fragment = ipv4_at(0x0010, 1, 6, &tcp(PAYLOAD));
    for quoted in [&later_fragment[..], &ipv4(50, &[0; 8]), &ipv4(47, &[0; 8])] {
        let bytes = ethernet(0x0800, &ipv4(1, &join(&[&[11, 0, 0, 0, 0, 0, 0, 0], quoted])));
        assert_eq!(decode(1, &bytes), Err(Skip::OtherProtocol));
    }
    let short = ethernet(0x0800, &ipv4(1, &join(&[&[11, 0, 0, 0, 0, 0, 0, 0], &segment()[..24]])));
    assert_eq!(decode(1, &short), Err(Skip::Malformed("icmp")));
}

/// By default the checksum is looked at where no payload is, or a handshake record; a wrong one is counted, and the packet
/// is as good as any. Ethernet's padding is no part of it.
#[test]
fn some_checksums_are_looked_at_without_being_asked_for() {
    let cases: [(&[u8], bool); 4] = [(b"", true), (b"\x16\x03\x01", true), (b"\x17\x03\x03", false), (b"GET", false)];
    for options in [&[][..], &[1, 1, 1, 0]] {
        for (payload, looked_at) in cases {
            let mut segment = tcp_with(options, payload);
            let pseudo = join(&[&[10, 0, 0, 1, 10, 0, 0, 2, 0, 6], &(segment.len() as u16).to_be_bytes(), &segment]);
            let sum = build::checksum(&pseudo);
            for (sum, wrong) in [(sum, false), ([sum[0] ^ 1, sum[1]], true)] {
                segment[16..18].copy_from_slice(&sum);
                let mut block = join(&[&ethernet(0x0800, &ipv4(6, &segment)), &[0xaa; 6]]);
                let mut decoder = Decoder::new(Options::default());
                let packet = decoder.decode(frame(1, block.len(), block.len()), &mut block).unwrap();
                assert!(!packet.bad_checksum);
                assert_eq!(decoder.counts().bad_transport_checksums, u64::from(wrong && looked_at), "{payload:?}");
            }
        }
    }
}

#[test]
fn checksums_are_counted_and_never_refused() {
    let options = Options { checksums: Checksums::Transport, ..Options::default() };
    let pseudo = |transport: &[u8], protocol| {
        join(&[&[10, 0, 0, 1, 10, 0, 0, 2, 0, protocol], &(transport.len() as u16).to_be_bytes(), transport])
    };
    let mut segment = tcp(PAYLOAD);
    let sum = build::checksum(&pseudo(&segment, 6));
    segment[16..18].copy_from_slice(&sum);
    let mut datagram = udp(1, 443, b"odd");
    let unset = datagram.clone();
    let sum = build::checksum(&pseudo(&datagram, 17));
    datagram[6..8].copy_from_slice(&sum);
    let flipped = |bytes: &[u8]| join(&[&bytes[..bytes.len() - 1], &[bytes[bytes.len() - 1] ^ 1]]);
    let cases = [
        (6, segment.clone(), false),
        (6, flipped(&segment), true),
        (17, datagram.clone(), false),
        (17, flipped(&datagram), true),
        (17, unset, false),
    ];
    for (protocol, transport, wrong) in cases {
        let mut block = ethernet(0x0800, &ipv4(protocol, &transport));
        let mut decoder = Decoder::new(options);
        let packet = decoder.decode(frame(1, block.len(), block.len()), &mut block).unwrap();
        assert_eq!(packet.bad_checksum, wrong);
        assert_eq!(decoder.counts().bad_transport_checksums, u64::from(wrong));
        assert_eq!(decoder.counts().bad_ip_checksums, 0);
        let cut = decoder.decode(frame(1, block.len() - 1, block.len()), &mut block).unwrap();
        assert!(!cut.bad_checksum, "nothing is known of a cut packet");
    }
    let mut block = segment_frame();
    block[14 + 8] -= 1;
    let mut decoder = Decoder::new(Options::default());
    let packet = decoder.decode(frame(1, block.len(), block.len()), &mut block).unwrap();
    assert_eq!((packet.ttl, decoder.counts().bad_ip_checksums), (60, 1));
}
