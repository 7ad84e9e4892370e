//! Filters on frames from files.

use super::builder::{Endian, Writer};
use super::open;
use crate::capture::{Block, Filter, FilterSet, link};

/// An IPv4 packet with a TCP header from port 40000 to `port`.
fn packet(port: u16) -> Vec<u8> {
    let mut ip = vec![0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2];
    ip.extend([0x9c, 0x40]);
    ip.extend(port.to_be_bytes());
    ip.extend([0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0]);
    ip
}

fn ethernet(port: u16) -> Vec<u8> {
    let mut frame = vec![2; 12];
    frame.extend([8, 0]);
    frame.extend(packet(port));
    frame
}

#[test]
fn links_are_told_apart_by_libpcaps_own_numbers() {
    for (link, frame) in [
        (link::ETHERNET, ethernet(443)),
        (link::RAW, packet(443)),
        (link::IPV4, packet(443)),
        (link::NULL, [vec![2, 0, 0, 0], packet(443)].concat()),
    ] {
        assert!(Filter::compile("tcp port 443", link).unwrap().matches(&frame), "{link}");
        assert!(!Filter::compile("tcp port 80", link).unwrap().matches(&frame), "{link}");
    }
}

#[test]
fn a_cut_frame_is_no_match_rather_than_a_read_beyond_it() {
    let filter = Filter::compile("tcp port 443", link::ETHERNET).unwrap();
    let frame = ethernet(443);
    for cut in 0..38 {
        assert!(!filter.matches(&frame[..cut]), "{cut}");
    }
    assert!(filter.matches(&frame[..38]));
}

#[test]
fn length_is_the_captured_one() {
    let filter = Filter::compile("greater 50", link::ETHERNET).unwrap();
    assert!(filter.matches(&ethernet(1)));
    assert!(!filter.matches(&ethernet(1)[..49]));
}

#[test]
fn a_wrong_expression_is_refused_in_libpcaps_words() {
    let error = FilterSet::new("tcp prot 443").err().unwrap();
    assert_eq!(error.link, link::ETHERNET);
    assert!(error.to_string().contains("syntax error"), "{error}");
    assert!(FilterSet::new("type mgt").is_ok(), "802.11 knows it");
    assert!(FilterSet::new("a\0b").is_err());
}

#[test]
fn a_block_keeps_what_matches_and_counts_what_cannot_be_judged() {
    let file = Writer::new(Endian::Little)
        .section()
        .interface(1, 0, |options| options)
        .interface(101, 0, |options| options)
        .interface(249, 0, |options| options)
        .enhanced(0, 1, &ethernet(443))
        .enhanced(0, 2, &ethernet(80))
        .enhanced(2, 3, b"USB, of which filters know nothing")
        .enhanced(1, 4, &packet(443))
        .enhanced(2, 5, b"USB again");
    let mut block = Block::default();
    open(&file.bytes).unwrap().read(&mut block).unwrap();
    let mut filter = FilterSet::new("tcp dst port 443").unwrap();
    filter.retain(&mut block);
    let numbers: Vec<_> = block.frames.iter().map(|frame| frame.number).collect();
    assert_eq!(numbers, [1, 4]);
    let refused: Vec<_> = filter.refused().map(|(error, frames)| (error.link, frames)).collect();
    assert_eq!(refused, [(249, 2)]);
}
