//! The demonstration captures show what their README says: each flow is held against what the box did to it.
//!
//! This looks at packets, not at hushwire's opinion of them, so that a recording gone wrong is not taken for a detector
//! gone wrong.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test on files of this project")]

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dissectors::tls::{Item, Reader};
use dissectors::x509::{Certificate, Verification};
use pcaps::expect::Expected;
use pcaps::net::frame::Packet;

/// Hop limits at the client: 64 less the hops of `box.toml`.
const FROM_SERVER: u8 = 64 - 8 - 4;
const FROM_BOX: u8 = 64 - 4;
const FROM_INTERCEPTOR: u8 = 64 - 2 - 4;

/// When a silence is hard.
const HARD: Duration = Duration::from_secs(10);

struct Captured {
    time: Duration,
    packet: Packet,
}

/// One row of the truth with its packets.
struct Flow {
    label: String,
    action: String,
    server_name: String,
    client: SocketAddr,
    packets: Vec<Captured>,
}

impl Flow {
    fn sent_by_client(&self) -> impl Iterator<Item = &Captured> {
        self.packets.iter().filter(|captured| captured.packet.source() == self.client)
    }

    fn sent_by_server(&self) -> impl Iterator<Item = &Captured> {
        self.packets.iter().filter(|captured| captured.packet.source() != self.client)
    }

    fn hello(&self) -> &Captured {
        self.sent_by_client().find(|captured| !captured.packet.payload.is_empty()).unwrap()
    }

    fn after_hello(&self) -> impl Iterator<Item = &Captured> {
        let hello = self.hello().time;
        self.sent_by_server().filter(move |captured| captured.time > hello)
    }

    fn round_trip(&self) -> Duration {
        let syn_ack = self.sent_by_server().find(|captured| captured.packet.tcp().unwrap().syn).unwrap();
        syn_ack.time - self.packets[0].time
    }

    /// How long after the hello the client still showed that it had no answer.
    fn witnessed_silence(&self) -> Duration {
        let hello = self.hello();
        let unmoved = hello.packet.tcp().unwrap().acknowledgment_number;
        let last = self
            .sent_by_client()
            .filter(|captured| captured.packet.tcp().unwrap().acknowledgment_number == unmoved)
            .last();
        last.unwrap().time - hello.time
    }

    fn acknowledges_hello(&self, captured: &Captured) -> bool {
        captured.packet.tcp().unwrap().acknowledgment_number == self.hello().packet.sequence_end()
    }

    /// The certificates that came in clear.
    fn chain(&self) -> Vec<Certificate> {
        let (mut reader, mut chain) = (Reader::default(), Vec::new());
        for captured in self.sent_by_server() {
            reader.read(&captured.packet.payload, |item| {
                if let Item::Certificate(list) = item {
                    chain.extend(list.iter().map(Certificate::new));
                }
            });
        }
        chain
    }
}

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demo")
}

fn read_capture(path: &Path) -> Vec<Captured> {
    let mut capture = pcap::Capture::from_file(path).unwrap();
    let mut packets = Vec::new();
    while let Ok(frame) = capture.next_packet() {
        let stamp = frame.header.ts;
        let time = Duration::from_secs(stamp.tv_sec as u64) + Duration::from_micros(stamp.tv_usec as u64);
        let packet = Packet::parse(frame.data).unwrap();
        assert_eq!(packet.to_frame(), frame.data, "a whole frame with right checksums in {}", path.display());
        packets.push(Captured { time, packet });
    }
    packets
}

/// Every flow of every capture, each with its row of the truth.
fn flows() -> Vec<Flow> {
    let truth = fs::read_to_string(demo().join("truth.csv")).unwrap();
    let mut themes: Vec<&str> = truth.lines().skip(1).map(|row| row.split(',').next().unwrap()).collect();
    themes.dedup();
    themes.into_iter().flat_map(|theme| flows_of(theme, &truth)).collect()
}

fn flows_of(theme: &str, truth: &str) -> Vec<Flow> {
    let mut rest = read_capture(&demo().join(format!("captures/{theme}.pcap")));
    let mut flows = Vec::new();
    for row in truth.lines().filter(|row| row.starts_with(&format!("{theme},"))) {
        let [_, action, name, client, server] = row.split(',').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let ends: [SocketAddr; 2] = [client.parse().unwrap(), server.parse().unwrap()];
        let is_ours = |captured: &mut Captured| {
            let (from, to) = (captured.packet.source(), captured.packet.destination());
            [from, to] == ends || [to, from] == ends
        };
        let packets: Vec<_> = rest.extract_if(.., is_ours).collect();
        assert!(packets[0].packet.opens_connection(), "{row}");
        flows.push(Flow {
            label: row.into(),
            action: action.into(),
            server_name: name.into(),
            client: ends[0],
            packets,
        });
    }
    assert!(rest.is_empty(), "{theme} has {} packets without a truth", rest.len());
    flows
}

fn with_action(action: &str) -> Vec<Flow> {
    let found: Vec<_> = flows().into_iter().filter(|flow| flow.action == action).collect();
    assert!(!found.is_empty(), "{action}");
    found
}

#[test]
fn what_passed_was_answered_by_the_server_itself() {
    for flow in with_action("pass") {
        assert!(flow.after_hello().any(|captured| !captured.packet.payload.is_empty()), "{}", flow.label);
        assert!(flow.sent_by_server().all(|captured| captured.packet.hop_limit() == FROM_SERVER), "{}", flow.label);
    }
}

#[test]
fn dropped_hellos_are_never_acknowledged_and_the_silence_is_witnessed() {
    for flow in with_action("drop") {
        assert!(!flow.sent_by_server().any(|captured| flow.acknowledges_hello(captured)), "{}", flow.label);
        assert!(flow.witnessed_silence() > HARD, "{}", flow.label);
    }
}

#[test]
fn dropped_answers_leave_the_hello_acknowledged_and_the_silence_witnessed() {
    for flow in with_action("drop-answer") {
        assert!(flow.sent_by_server().any(|captured| flow.acknowledges_hello(captured)), "{}", flow.label);
        assert!(flow.after_hello().all(|captured| captured.packet.payload.is_empty()), "{}", flow.label);
        assert!(flow.witnessed_silence() > HARD, "{}", flow.label);
    }
}

#[test]
fn resets_come_from_nearer_than_the_server_and_too_soon() {
    for flow in with_action("reset").into_iter().chain(with_action("reset-race")) {
        let reset = flow.after_hello().next().unwrap();
        assert!(reset.packet.tcp().unwrap().rst, "{}", flow.label);
        assert_eq!(reset.packet.hop_limit(), FROM_BOX, "{}", flow.label);
        assert!(reset.time - flow.hello().time < flow.round_trip() / 2, "{}", flow.label);
        let rest: Vec<_> = flow.after_hello().skip(1).map(|captured| captured.packet.hop_limit()).collect();
        assert_eq!(rest.is_empty(), flow.action == "reset", "{}", flow.label);
        assert!(rest.iter().all(|hop_limit| *hop_limit == FROM_SERVER), "{}", flow.label);
    }
}

#[test]
fn interceptions_show_the_lab_chain_without_its_root() {
    let pem = fs::read(demo().join("lab-root.pem")).unwrap();
    let root = Certificate::new(&x509_parser::pem::parse_x509_pem(&pem).unwrap().1.contents);
    for flow in with_action("intercept") {
        assert!(flow.after_hello().all(|captured| captured.packet.hop_limit() == FROM_INTERCEPTOR), "{}", flow.label);
        let chain = flow.chain();
        let [leaf, intermediate] = &chain[..] else { panic!("{}: {} certificates", flow.label, chain.len()) };
        let (leaf_key, key) = (&leaf.facts().unwrap().key, &intermediate.facts().unwrap().key);
        assert_eq!(leaf_key.rsa_exponent, Some(3), "{}", flow.label);
        assert_eq!(leaf.signed_by(key), Verification::Valid, "{}", flow.label);
        assert_eq!(intermediate.signed_by(&root.facts().unwrap().key), Verification::Valid, "{}", flow.label);
    }
}

/// `expected.json` is written by hand, because only a client knows whether it trusted a chain; its counts are not free.
#[test]
fn the_expected_events_count_what_the_box_did() {
    const ALL: &str = "";
    let mut truth: BTreeMap<(String, String), i64> = BTreeMap::new();
    for flow in flows() {
        let events = if flow.action == "pass" { &["tls"][..] } else { &["tls", "alert"] };
        for event in events {
            for name in [&flow.server_name, ALL] {
                *truth.entry((name.into(), (*event).into())).or_default() += 1;
            }
        }
    }
    let expected = Expected::parse(&fs::read_to_string(demo().join("expected.json")).unwrap()).unwrap();
    let mut counts = BTreeMap::new();
    for filter in expected.filters {
        let text = |path| filter.fields.get(path).map_or(ALL, |value| value.as_str().unwrap()).to_owned();
        *counts.entry((text("tls.sni"), text("event_type"))).or_default() += filter.count;
    }
    assert_eq!(truth, counts);
}
