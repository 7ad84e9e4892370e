//! The straight way and the walk say the same.

use super::build::*;
use super::hostile::{Random, samples};
use super::{Decoder, Options, frame};

/// Decodes the first `captured` bytes of an Ethernet frame both ways; whether the straight one was open.
#[track_caller]
fn agree(bytes: &[u8], captured: usize) -> bool {
    let mut block = bytes[..captured].to_vec();
    let (mut straight, mut walk) = (Decoder::new(Options::default()), Decoder::new(Options::default()));
    let frame = frame(1, captured, bytes.len());
    let mut found = Vec::new();
    let open = straight.straight(&frame, &block, &mut found);
    assert_eq!(found.len(), usize::from(open), "{bytes:02x?}");
    if let [packet] = *found {
        assert_eq!(walk.decode(frame, &mut block), Ok(packet), "{bytes:02x?}");
        assert_eq!(straight.counts(), walk.counts(), "{bytes:02x?}");
    }
    open
}

/// Transports in both versions of IP, with the checksum of one segment right.
fn packets() -> Vec<(u16, Vec<u8>)> {
    let bare = tcp_with(&[1, 1, 1, 0], &[]);
    let mut right = tcp(PAYLOAD);
    let pseudo = join(&[&[10, 0, 0, 1, 10, 0, 0, 2, 0, 6, 0, right.len() as u8], &right]);
    right[16..18].copy_from_slice(&checksum(&pseudo));
    let transports = [(6, tcp(PAYLOAD)), (6, bare), (6, right), (6, tcp(b"\x17\x03\x03")), (17, udp(9, 443, PAYLOAD))];
    let versions =
        |(protocol, bytes): &(u8, Vec<u8>)| [(0x0800, ipv4(*protocol, bytes)), (0x86dd, ipv6(*protocol, bytes))];
    transports.iter().flat_map(versions).collect()
}

/// Each of them in Ethernet with no tag, one and two.
fn common() -> Vec<Vec<u8>> {
    let tagged = |(kind, packet): &(u16, Vec<u8>)| {
        let one = vlan(7, *kind, packet);
        [ethernet(*kind, packet), ethernet(0x8100, &one), ethernet(0x88a8, &vlan(8, 0x8100, &one))]
    };
    packets().iter().flat_map(tagged).collect()
}

#[test]
fn what_is_common_goes_straight_however_much_of_it_was_captured() {
    for bytes in common() {
        assert!(agree(&bytes, bytes.len()), "{bytes:02x?}");
        for captured in 0..bytes.len() {
            agree(&bytes, captured);
        }
        let padded = join(&[&bytes, &[0; 9]]);
        assert!(agree(&padded, padded.len()), "{bytes:02x?}");
    }
}

#[test]
fn what_is_odd_takes_the_walk() {
    let tunnelled = ethernet(0x0800, &ipv4(17, &in_udp(4789, VXLAN, &segment_frame())));
    let fragment = ethernet(0x0800, &ipv4_at(0x2000, 1, 6, &tcp(PAYLOAD)));
    let mut damaged = segment_frame();
    damaged[24] ^= 1;
    for bytes in [tunnelled, fragment, damaged, ethernet(0x86dd, &segment()), ethernet(0x0800, &ipv4(4, &segment()))] {
        assert!(!agree(&bytes, bytes.len()), "{bytes:02x?}");
    }
}

#[test]
fn mutated_frames_agree() {
    let kinds = [common(), samples().into_iter().map(|(_, _, frame)| frame).collect()];
    let (mut random, mut straight) = (Random(3), 0);
    for _ in 0..50_000 {
        let kind = &kinds[random.below(4) / 3];
        let mut bytes = kind[random.below(kind.len())].clone();
        for _ in 0..random.below(4) {
            let at = random.below(bytes.len().min(64));
            bytes[at] = random.next() as u8;
        }
        // Half of the headers are made right again, lest one checksum send all to the walk.
        if random.below(2) == 0 && bytes.len() >= 34 {
            bytes[24..26].fill(0);
            let sum = checksum(&bytes[14..34]);
            bytes[24..26].copy_from_slice(&sum);
        }
        let captured = bytes.len() - random.below(4) * random.below(bytes.len() / 3);
        straight += usize::from(agree(&bytes, captured));
    }
    assert!(straight > 5_000, "{straight}");
}
