//! The whole box on hand-made packets, as a client, a server and an interceptor would send them.

mod acts;

use etherparse::{PacketBuilder, TcpOptionElement};

use super::*;

const CLIENT: [u8; 4] = [192, 0, 2, 10];
const SERVER: [u8; 4] = [198, 51, 100, 10];
const CLIENT_ISN: u32 = u32::MAX - 100;
const SERVER_ISN: u32 = 5_000;
const INTERCEPTOR_ISN: u32 = 900_000;
const SERVER_CLOCK: u32 = 70;
const INTERCEPTOR_CLOCK: u32 = 4_000;

/// A ClientHello in one record, with padding before the name as browsers have other extensions there.
fn client_hello(name: &str) -> Vec<u8> {
    let length = name.len() as u8;
    let mut extensions = vec![0, 21, 0, 4, 0, 0, 0, 0];
    extensions.extend([0, 0, 0, length + 5, 0, length + 3, 0, 0, length]);
    extensions.extend(name.as_bytes());
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0x13, 1, 1, 0, 0, extensions.len() as u8]);
    body.extend(extensions);
    let mut stream = vec![22, 3, 1, 0, body.len() as u8 + 4, 1, 0, 0, body.len() as u8];
    stream.extend(body);
    stream
}

struct Segment {
    sequence: u32,
    acknowledgment: u32,
    syn: bool,
    clock: (u32, u32),
}

fn frame(from: Port, segment: &Segment, payload: &[u8]) -> Vec<u8> {
    let (source, destination, ports) = match from {
        Port::Inside => (CLIENT, SERVER, (40_000, 443)),
        Port::Outside | Port::Interceptor => (SERVER, CLIENT, (443, 40_000)),
    };
    let mut step = PacketBuilder::ethernet2([2; 6], [4; 6])
        .ipv4(source, destination, 64)
        .tcp(ports.0, ports.1, segment.sequence, 64_000)
        .options(&[TcpOptionElement::Timestamp(segment.clock.0, segment.clock.1)])
        .unwrap();
    if segment.syn {
        step = step.syn();
    }
    if segment.acknowledgment != 0 {
        step = step.ack(segment.acknowledgment);
    }
    let mut frame = Vec::new();
    step.write(&mut frame, payload).unwrap();
    frame
}

fn middlebox(rules: &str) -> Middlebox {
    Middlebox::new(toml::from_str(rules).unwrap(), "test", Time(0))
}

/// A box with one rule for `news.example`.
fn ruled(does: &str) -> Middlebox {
    middlebox(&format!("[[rule]]\nname = \"rule\"\nmatch = {{ sni = [\"news.example\"] }}\n{does}"))
}

/// Sends a client's segment at an offset after its SYN, acknowledging the server's SYN.
fn client_sends(middlebox: &mut Middlebox, offset: u32, payload: &[u8]) -> (Vec<Departure>, Option<Decision>) {
    let segment = Segment {
        sequence: CLIENT_ISN.wrapping_add(1).wrapping_add(offset),
        acknowledgment: SERVER_ISN + 1,
        syn: false,
        clock: (11, SERVER_CLOCK),
    };
    sends(middlebox, Port::Inside, &segment, payload)
}

fn server_sends(middlebox: &mut Middlebox, acknowledgment: u32, payload: &[u8]) -> Vec<Departure> {
    let segment = Segment { sequence: SERVER_ISN + 1, acknowledgment, syn: false, clock: (SERVER_CLOCK, 11) };
    sends(middlebox, Port::Outside, &segment, payload).0
}

fn sends(
    middlebox: &mut Middlebox,
    from: Port,
    segment: &Segment,
    payload: &[u8],
) -> (Vec<Departure>, Option<Decision>) {
    let reaction = middlebox.handle(Time(0), from, &frame(from, segment, payload));
    let departures = reaction.frames.iter().map(|(to, frame)| {
        let packet = Packet::parse(frame).unwrap();
        assert_eq!(packet.to_frame(), *frame, "checksums are right");
        Departure { to: *to, packet }
    });
    (departures.collect(), reaction.decision)
}

fn handshake(middlebox: &mut Middlebox) {
    let syn = Segment { sequence: CLIENT_ISN, acknowledgment: 0, syn: true, clock: (10, 0) };
    let syn_ack = Segment {
        sequence: SERVER_ISN,
        acknowledgment: CLIENT_ISN.wrapping_add(1),
        syn: true,
        clock: (SERVER_CLOCK, 10),
    };
    assert_eq!(ports(&sends(middlebox, Port::Inside, &syn, &[]).0), [Port::Outside]);
    assert_eq!(ports(&sends(middlebox, Port::Outside, &syn_ack, &[]).0), [Port::Inside]);
    assert_eq!(ports(&client_sends(middlebox, 0, &[]).0), [Port::Outside]);
}

fn ports(departures: &[Departure]) -> Vec<Port> {
    departures.iter().map(|departure| departure.to).collect()
}

/// Client sequence number after the hello.
fn after(hello: &[u8]) -> u32 {
    CLIENT_ISN.wrapping_add(1).wrapping_add(hello.len() as u32)
}

#[test]
fn without_a_rule_everything_passes_as_it_is() {
    let mut middlebox = ruled("drop = {}");
    handshake(&mut middlebox);
    let hello = client_hello("maps.example");
    let (departures, decision) = client_sends(&mut middlebox, 0, &hello);
    assert_eq!(ports(&departures), [Port::Outside]);
    assert_eq!(departures[0].packet.payload, hello);
    assert_eq!(departures[0].packet.hop_limit(), 64);
    assert_eq!(decision.unwrap().to_string(), "pass,maps.example,192.0.2.10:40000,198.51.100.10:443");
    assert_eq!(ports(&server_sends(&mut middlebox, after(&hello), b"answer")), [Port::Inside]);
}

#[test]
fn what_is_not_tcp_crosses_untouched_and_the_interceptor_stays_apart() {
    let mut middlebox = middlebox("");
    let arp = [&[255; 6][..], &[2; 6], &[8, 6], &[0; 28]].concat();
    assert_eq!(middlebox.handle(Time(0), Port::Inside, &arp).frames, [(Port::Outside, arp.clone())]);
    assert_eq!(middlebox.handle(Time(0), Port::Outside, &arp).frames, [(Port::Inside, arp.clone())]);
    assert_eq!(middlebox.handle(Time(0), Port::Interceptor, &arp).frames, []);
}

#[test]
fn drop_swallows_the_client_from_the_hello_on() {
    let mut middlebox = ruled("drop = { from = \"client\" }");
    handshake(&mut middlebox);
    let hello = client_hello("news.example");
    let (departures, decision) = client_sends(&mut middlebox, 0, &hello);
    assert_eq!((ports(&departures), decision.unwrap().action), (vec![], Action::Drop));
    assert_eq!(client_sends(&mut middlebox, 0, &hello), (vec![], None), "a retransmission is no new decision");
    assert_eq!(ports(&server_sends(&mut middlebox, CLIENT_ISN.wrapping_add(1), &[])), [Port::Inside]);
}

#[test]
fn drop_answer_passes_the_acknowledgement_and_nothing_that_tells_of_the_answer() {
    let mut middlebox = ruled("drop = { from = \"server\", spare-acks = true }");
    handshake(&mut middlebox);
    let hello = client_hello("news.example");
    assert_eq!(ports(&client_sends(&mut middlebox, 0, &hello).0), [Port::Outside]);
    assert_eq!(ports(&server_sends(&mut middlebox, after(&hello), &[])), [Port::Inside]);
    assert_eq!(server_sends(&mut middlebox, after(&hello), b"answer"), []);
    let later = Segment { sequence: SERVER_ISN + 7, acknowledgment: after(&hello), syn: false, clock: (80, 11) };
    assert_eq!(sends(&mut middlebox, Port::Outside, &later, &[]).0, []);
}

#[test]
fn reset_answers_both_ends_with_traits_of_its_own_and_lets_nothing_pass() {
    let mut middlebox = ruled("forge = [{ count = 1 }]\ndrop = {}");
    handshake(&mut middlebox);
    let hello = client_hello("news.example");
    let (departures, _) = client_sends(&mut middlebox, 0, &hello);
    assert_eq!(ports(&departures), [Port::Inside, Port::Outside]);
    let (to_client, to_server) = (&departures[0].packet, &departures[1].packet);
    assert!(to_client.tcp().unwrap().rst && to_client.tcp().unwrap().ack && to_server.tcp().unwrap().rst);
    assert_eq!(to_client.source().to_string(), "198.51.100.10:443");
    assert_eq!(to_client.tcp().unwrap().sequence_number, SERVER_ISN + 1);
    assert_eq!(to_client.tcp().unwrap().acknowledgment_number, after(&hello));
    assert_eq!(to_client.hop_limit(), 64);
    assert_eq!(to_server.source().to_string(), "192.0.2.10:40000");
    assert_eq!(to_server.tcp().unwrap().sequence_number, CLIENT_ISN.wrapping_add(1));
    assert_eq!(server_sends(&mut middlebox, after(&hello), b"answer"), []);
}

#[test]
fn reset_race_lets_hello_and_answer_pass_behind_the_forgery() {
    let mut middlebox = ruled("forge = [{ to = \"client\" }]");
    handshake(&mut middlebox);
    let hello = client_hello("news.example");
    let (departures, _) = client_sends(&mut middlebox, 0, &hello);
    assert_eq!(ports(&departures), [Port::Inside, Port::Outside]);
    assert!(departures[0].packet.tcp().unwrap().rst && !departures[1].packet.tcp().unwrap().rst);
    assert_eq!(ports(&server_sends(&mut middlebox, after(&hello), b"answer")), [Port::Inside]);
}

#[test]
fn intercept_splices_sequence_numbers_and_clocks() {
    let mut middlebox = ruled("intercept = true");
    handshake(&mut middlebox);
    let hello = client_hello("news.example");
    let (departures, _) = client_sends(&mut middlebox, 0, &hello);
    assert_eq!(ports(&departures), [Port::Outside, Port::Interceptor]);
    assert!(departures[0].packet.tcp().unwrap().rst);
    assert!(departures[1].packet.opens_connection());

    let syn_ack = Segment {
        sequence: INTERCEPTOR_ISN,
        acknowledgment: CLIENT_ISN.wrapping_add(1),
        syn: true,
        clock: (INTERCEPTOR_CLOCK, 10),
    };
    let (departures, _) = sends(&mut middlebox, Port::Interceptor, &syn_ack, &[]);
    assert_eq!(ports(&departures), [Port::Interceptor]);
    assert_eq!(departures[0].packet.payload, hello);
    assert_eq!(departures[0].packet.tcp().unwrap().acknowledgment_number, INTERCEPTOR_ISN + 1);
    assert_eq!(clock(&departures[0]), (11, INTERCEPTOR_CLOCK));

    let answer = Segment {
        sequence: INTERCEPTOR_ISN + 1,
        acknowledgment: after(&hello),
        syn: false,
        clock: (INTERCEPTOR_CLOCK + 5, 11),
    };
    let (departures, _) = sends(&mut middlebox, Port::Interceptor, &answer, b"answer");
    assert_eq!(ports(&departures), [Port::Inside]);
    assert_eq!(departures[0].packet.tcp().unwrap().sequence_number, SERVER_ISN + 1);
    assert_eq!(clock(&departures[0]), (SERVER_CLOCK + 5, 11));
    assert_eq!(server_sends(&mut middlebox, after(&hello), b"too late"), []);
}

fn clock(departure: &Departure) -> (u32, u32) {
    departure
        .packet
        .tcp()
        .unwrap()
        .options_iterator()
        .find_map(|option| match option {
            Ok(TcpOptionElement::Timestamp(value, echo)) => Some((value, echo)),
            _ => None,
        })
        .unwrap()
}

/// However the hello is cut, and in whatever order its parts come, the last part decides.
#[test]
fn any_cut_of_the_hello_is_recognised() {
    let hello = client_hello("news.example");
    for cut in 1..hello.len() {
        for reordered in [false, true] {
            let mut middlebox = ruled("drop = { from = \"client\" }");
            handshake(&mut middlebox);
            let (head, tail) = hello.split_at(cut);
            let mut parts = [(0, head), (cut as u32, tail)];
            if reordered {
                parts.reverse();
            }
            let (first, undecided) = client_sends(&mut middlebox, parts[0].0, parts[0].1);
            assert_eq!((ports(&first), undecided), (vec![Port::Outside], None), "{cut} {reordered}");
            let (last, decision) = client_sends(&mut middlebox, parts[1].0, parts[1].1);
            assert_eq!((ports(&last), decision.unwrap().action), (vec![], Action::Drop), "{cut} {reordered}");
        }
    }
}

#[test]
fn a_new_connection_on_the_same_ports_is_watched_anew_and_a_repeated_syn_is_none() {
    let mut middlebox = ruled("drop = { from = \"client\" }");
    handshake(&mut middlebox);
    assert_eq!(client_sends(&mut middlebox, 0, &client_hello("news.example")).0, []);
    let syn = |sequence| Segment { sequence, acknowledgment: 0, syn: true, clock: (10, 0) };
    assert_eq!(sends(&mut middlebox, Port::Inside, &syn(CLIENT_ISN), &[]).0, [], "of the flow that is dropped");
    assert_eq!(ports(&sends(&mut middlebox, Port::Inside, &syn(7), &[]).0), [Port::Outside]);
    let hello = Segment { sequence: 8, acknowledgment: SERVER_ISN + 1, syn: false, clock: (12, SERVER_CLOCK) };
    let (departures, decision) = sends(&mut middlebox, Port::Inside, &hello, &client_hello("maps.example"));
    assert_eq!((ports(&departures), decision.unwrap().action), (vec![Port::Outside], Action::Pass));
}

#[test]
fn what_is_no_tls_passes_without_a_decision() {
    let mut middlebox = ruled("drop = {}");
    handshake(&mut middlebox);
    let (departures, decision) = client_sends(&mut middlebox, 0, b"GET / HTTP/1.1\r\n");
    assert_eq!((ports(&departures), decision), (vec![Port::Outside], None));
}
