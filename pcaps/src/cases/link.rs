//! The same handshake in other frames and files.

use serde_json::json;

use super::Tell;
use crate::case::Case;
use crate::file::Format;
use crate::net::host::Host;
use crate::net::packet::Link;
use crate::net::path::{Path, Place};
use crate::story::{Connection, Story};
use crate::tls::{Answer, ClientHello, chains, completes_tls12, completes_tls13};

const NAME: &str = "www.example";
const FILES: &str = "The format of a capture decides nothing.";

pub(super) const CASES: &[Tell] = &[vlan, qinq, ipv6, pcapng, big_endian, captured_twice, checksums_offloaded];

fn healthy(connection: Connection) -> Connection {
    let (mut c, hello) = (connection, ClientHello::tls13(NAME));
    c.handshake().hello(&hello);
    completes_tls13(&mut c, &hello, Answer::Full);
    c
}

fn vlan() -> Case {
    let link = Link { vlans: vec![(0x8100, 42)], ..Link::default() };
    Case::new("link-vlan", Story::of([healthy(Connection::new().link(link))]))
        .shows("Frames with one VLAN tag (802.1Q).")
        .rule("A tag is read over.")
        .attempt(NAME, "completed")
}

fn qinq() -> Case {
    let link = Link { vlans: vec![(0x88a8, 100), (0x8100, 42)], ..Link::default() };
    let mut c = Connection::new().link(link);
    let hello = ClientHello::tls12(NAME);
    c.handshake().hello(&hello);
    completes_tls12(&mut c, &hello, &chains::demo());
    Case::new("link-qinq", Story::of([c]))
        .shows("Frames with two VLAN tags (802.1ad).")
        .rule("Tags are read over, however many.")
        .attempt(NAME, "completed")
}

fn ipv6() -> Case {
    let link = Link { ipv6_extensions: true, ..Link::default() };
    Case::new("link-ipv6-extensions", Story::of([healthy(Connection::over_ipv6().link(link))]))
        .shows("IPv6 with a hop-by-hop and a destination options header before TCP.")
        .rule("Extension headers are read over (RFC 8200, section 4).")
        .attempt(NAME, "completed")
        .having("src_ip", json!(["2001:db8::10", "2001:0db8:0000:0000:0000:0000:0000:0010"]))
}

fn pcapng() -> Case {
    Case::new("file-pcapng", Story::of([healthy(Connection::new())]).format(Format::Pcapng))
        .shows("A pcapng file with one interface, named, of nanosecond resolution.")
        .rule(FILES)
        .attempt(NAME, "completed")
}

fn big_endian() -> Case {
    Case::new(
        "file-big-endian-nanoseconds",
        Story::of([healthy(Connection::new())]).format(Format::PcapNanosecondsBigEndian),
    )
    .shows("A classic pcap file, big-endian, with nanoseconds.")
    .rule(FILES)
    .attempt(NAME, "completed")
}

fn captured_twice() -> Case {
    Case::new("captured-twice", Story::of([healthy(Connection::new())]).captured_twice())
        .shows("A mirror of both ports of a switch: every frame twice, 4 µs apart.")
        .rule("The same IP-ID, sequence number and payload again within 50 ms is a duplicate frame, counted once.")
        .attempt(NAME, "completed")
}

fn checksums_offloaded() -> Case {
    let client = Host { checksum_offload: true, ..Host::client() };
    let on_the_client = Path { tap: Place::CLIENT, ..Path::NEAR_CLIENT };
    Case::new("checksums-offloaded", Story::of([healthy(Connection::between(client, Host::server(), on_the_client))]))
        .shows(
            "Captured on the client itself, whose network card computes TCP checksums later: all of its own are wrong.",
        )
        .rule("Wrong checksums are counted, not believed, unless `--checksums` asks.")
        .attempt(NAME, "completed")
}
