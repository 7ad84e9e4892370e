//! What rules match and do, beyond the five words of the demonstration.

use std::time::Duration;

use super::*;
use crate::tls::browsers::CHROME_QUIC;

/// Sends a client's first hello through a box, at a time.
fn hello_at(middlebox: &mut Middlebox, now: Time, name: &str) -> Reaction {
    let segment = Segment {
        sequence: CLIENT_ISN.wrapping_add(1),
        acknowledgment: SERVER_ISN + 1,
        syn: false,
        clock: (11, SERVER_CLOCK),
    };
    middlebox.handle(now, Port::Inside, &frame(Port::Inside, &segment, &client_hello(name)))
}

fn packets(reaction: &Reaction) -> Vec<(Port, Packet)> {
    reaction.frames.iter().map(|(port, frame)| (*port, Packet::parse(frame).unwrap())).collect()
}

/// What leaves a box for a hello, at once and later.
fn triggered(does: &str) -> Vec<(Port, Packet)> {
    let mut middlebox = ruled(does);
    handshake(&mut middlebox);
    let mut left = packets(&hello_at(&mut middlebox, Time(0), "news.example"));
    while let Some(due) = middlebox.next_deadline() {
        left.extend(packets(&middlebox.poll(due)));
    }
    left
}

#[test]
fn forged_packets_have_the_fields_of_their_law() {
    let forged = triggered(
        "forge = [{ to = \"client\", flags = \"RST+ACK\", count = 3, ttl = [40, 50], ip-id = \"copied\", \
         dont-fragment = true, window = 16, stride = 1460, payload = [1, 2], dscp = 8 }]",
    );
    assert_eq!(forged.len(), 4, "three and the trigger");
    let hello = &forged[1].1;
    let copies = [&forged[0], &forged[2], &forged[3]];
    for (number, (port, packet)) in copies.into_iter().enumerate() {
        let tcp = packet.tcp().unwrap();
        assert_eq!((*port, tcp.rst, tcp.ack, tcp.window_size), (Port::Inside, true, true, 16));
        assert_eq!(tcp.sequence_number, SERVER_ISN + 1 + 1460 * number as u32);
        assert_eq!(tcp.acknowledgment_number, hello.sequence_end());
        assert!((40..=50).contains(&packet.hop_limit()));
        assert_eq!((packet.identification(), packet.dont_fragment()), (hello.identification(), true));
        assert_eq!(packet.payload, [1, 2]);
        assert_eq!(packet.to_frame()[15] >> 2, 8);
    }
}

#[test]
fn acknowledgement_numbers_and_places_in_the_stream_follow_the_recipient() {
    let end = CLIENT_ISN.wrapping_add(1).wrapping_add(client_hello("news.example").len() as u32);
    for (does, sequence, acknowledgment) in [
        ("forge = [{ to = \"server\", flags = \"RST\" }]", end, 0),
        ("forge = [{ to = \"server\", flags = \"RST\" }]\ndrop = {}", CLIENT_ISN.wrapping_add(1), 0),
        ("forge = [{ to = \"server\", flags = \"RST+ACK\" }]", end, SERVER_ISN + 1),
        ("forge = [{ to = \"server\", flags = \"RST+ACK\", ack = \"zero\" }]", end, 0),
        ("forge = [{ to = \"client\", flags = \"FIN+ACK\" }]", SERVER_ISN + 1, end),
        (
            "forge = [{ to = \"client\", flags = \"RST+ACK\", ack = \"before\" }]",
            SERVER_ISN + 1,
            CLIENT_ISN.wrapping_add(1),
        ),
    ] {
        let packets = triggered(does);
        let tcp = packets[0].1.tcp().unwrap();
        assert_eq!((tcp.sequence_number, tcp.acknowledgment_number), (sequence, acknowledgment), "{does}");
    }
}

#[test]
fn what_is_forged_later_leaves_at_its_time() {
    let mut middlebox = ruled("forge = [{ to = \"client\", after-ms = 12 }, { to = \"server\", after-ms = 5 }]");
    handshake(&mut middlebox);
    let now = Time(1_000);
    assert_eq!(packets(&hello_at(&mut middlebox, now, "news.example")).len(), 1, "the hello alone");
    for (ms, port) in [(5, Port::Outside), (12, Port::Inside)] {
        let due = now.after(Duration::from_millis(ms));
        assert_eq!(middlebox.next_deadline(), Some(due));
        assert_eq!(middlebox.poll(Time(due.0 - 1)).frames, []);
        assert_eq!(packets(&middlebox.poll(due)).first().map(|(port, _)| *port), Some(port));
    }
    assert_eq!(middlebox.next_deadline(), None);
}

#[test]
fn drops_begin_and_end_by_packets_bytes_and_time() {
    for (law, passes) in [
        ("after-packets = 2", [true, true, true, false]),
        ("after-bytes = 250", [true, true, true, false]),
        ("after-ms = 250", [true, true, true, false]),
        ("seconds = 0.25", [false, false, false, true]),
    ] {
        let mut middlebox = ruled(&format!("drop = {{ from = \"client\", {law} }}"));
        handshake(&mut middlebox);
        let mut passed = Vec::new();
        for number in 0..4_u32 {
            let now = Time(i64::from(number) * 100_000_000);
            let payload = if number == 0 { client_hello("news.example") } else { vec![23; 100] };
            let offset = if number == 0 { 0 } else { client_hello("news.example").len() as u32 + 100 * (number - 1) };
            let segment = Segment {
                sequence: CLIENT_ISN.wrapping_add(1 + offset),
                acknowledgment: SERVER_ISN + 1,
                syn: false,
                clock: (11, SERVER_CLOCK),
            };
            let reaction = middlebox.handle(now, Port::Inside, &frame(Port::Inside, &segment, &payload));
            passed.push(!reaction.frames.is_empty());
        }
        assert_eq!(passed, passes, "{law}");
    }
}

#[test]
fn a_policer_drops_what_is_too_much_and_a_shaper_delays_it() {
    let burst = |kind: &str| {
        let mut middlebox =
            ruled(&format!("throttle = {{ kind = \"{kind}\", from = \"server\", kbps = 80, burst = 3000 }}"));
        handshake(&mut middlebox);
        hello_at(&mut middlebox, Time(0), "news.example");
        let segment = Segment { sequence: SERVER_ISN + 1, acknowledgment: 9, syn: false, clock: (1, 1) };
        let frame = frame(Port::Outside, &segment, &[0; 948]); // an IP packet of 1,000 bytes
        let now = (0..5).map(|_| middlebox.handle(Time(0), Port::Outside, &frame).frames.len()).sum::<usize>();
        (now, middlebox)
    };
    assert_eq!(burst("policer").0, 3);
    let (now, mut shaper) = burst("shaper");
    let later: Vec<_> = std::iter::from_fn(|| {
        let due = shaper.next_deadline()?;
        assert_eq!(shaper.poll(due).frames.len(), 1);
        Some(due)
    })
    .collect();
    assert_eq!((now, later), (0, [1, 2, 3].map(|number| Time(number * 100_000_000)).to_vec()), "10 kB a second");
}

#[test]
fn the_returning_packet_becomes_a_reset_or_a_redirect_under_its_own_headers() {
    for (into, rst, fin) in [("reset", true, false), ("redirect", false, true)] {
        let mut middlebox = ruled(&format!("rewrite = \"{into}\""));
        handshake(&mut middlebox);
        hello_at(&mut middlebox, Time(0), "news.example");
        let answer = &server_sends(&mut middlebox, 1, b"answer")[0].packet;
        let tcp = answer.tcp().unwrap();
        assert_eq!((tcp.rst, tcp.fin, answer.payload.is_empty()), (rst, fin, into == "reset"));
        assert_eq!((tcp.sequence_number, answer.hop_limit()), (SERVER_ISN + 1, 64));
        assert_eq!(server_sends(&mut middlebox, 1, b"more"), [], "{into}");
    }
}

#[test]
fn later_connections_of_the_same_ends_are_blocked_for_their_time() {
    let mut middlebox = ruled("drop = { from = \"client\" }\nresidual = { key = \"3-tuple\", seconds = 30 }");
    handshake(&mut middlebox);
    hello_at(&mut middlebox, Time(0), "news.example");
    for (seconds, blocked) in [(29, true), (31, false)] {
        let syn = Segment { sequence: 7 + seconds as u32, acknowledgment: 0, syn: true, clock: (1, 0) };
        let reaction = middlebox.handle(Time::new(seconds, 0), Port::Inside, &frame(Port::Inside, &syn, &[]));
        assert_eq!(
            (reaction.frames.is_empty(), reaction.decision.is_some_and(|it| it.is_residual)),
            (blocked, blocked)
        );
    }
}

#[test]
fn matches_look_at_what_they_name() {
    for (matches, fires) in [
        ("sni = [\"*.example\"]", true),
        ("sni = [\"other.example\"]", false),
        ("address = [\"198.51.100.0/24\"]", true),
        ("address = [\"203.0.113.0/24\"]", false),
        ("port = [443], direction = \"outbound\"", true),
        ("direction = \"inbound\"", false),
        ("protocol = \"tls\", client-port-above = true", true),
        ("protocol = \"http\"", false),
        ("packet = 4", true),
        ("packet = [5, 9]", false),
        ("bytes = 50", true),
        ("bytes = 5000", false),
        ("first-payload = [10, 200]", true),
        ("tcp-header = 32", true),
        ("tcp-header = 20", false),
        ("sni = [\"news.example\"], seconds = [0, 1]", true),
        ("sni = [\"news.example\"], seconds = [1, 2]", false),
        ("sni = [\"news.example\"], probability = 0", false),
        ("ja4 = [\"t12d0100_000000000000_000000000000\"]", false),
    ] {
        let rule = format!("[[rule]]\nname = \"r\"\nmatch = {{ {matches} }}\nforge = [{{ to = \"server\" }}]");
        let mut middlebox = middlebox(&rule);
        let mut fired = false;
        let syn = Segment { sequence: CLIENT_ISN, acknowledgment: 0, syn: true, clock: (10, 0) };
        let (_, decision) = sends(&mut middlebox, Port::Inside, &syn, &[]);
        fired |= decision.is_some_and(|decision| decision.rule == "r");
        for _ in 0..2 {
            fired |= client_sends(&mut middlebox, 0, &[]).1.is_some_and(|decision| decision.rule == "r");
        }
        let decision = hello_at(&mut middlebox, Time(0), "news.example").decision;
        fired |= decision.is_some_and(|decision| decision.rule == "r");
        assert_eq!(fired, fires, "{matches}");
    }
}

#[test]
fn a_fingerprint_is_matched_whatever_the_name() {
    let message = &client_hello("news.example")[9..];
    let ja4 = dissectors::tls::ClientHello::parse(message).unwrap().ja4(dissectors::tls::Transport::Tcp);
    let rule = format!("[[rule]]\nname = \"r\"\nmatch = {{ ja4 = [\"{ja4}\"] }}\ndrop = {{}}");
    let mut middlebox = middlebox(&rule);
    handshake(&mut middlebox);
    assert!(hello_at(&mut middlebox, Time(0), "any.example").frames.is_empty());
}

#[test]
fn reassembly_decides_which_hellos_are_seen() {
    let hello = client_hello("news.example");
    let (head, tail) = hello.split_at(20);
    let record = |piece: &[u8]| [&[22, 3, 1, 0, piece.len() as u8], piece].concat();
    let records = [record(&hello[5..30]), record(&hello[30..])].concat();
    for (reassembly, whole, segments, in_records) in
        [("none", true, false, false), ("tcp", true, true, false), ("records", true, true, true)]
    {
        for (parts, seen) in
            [(vec![hello.as_slice()], whole), (vec![head, tail], segments), (vec![records.as_slice()], in_records)]
        {
            let rule = "[[rule]]\nname = \"r\"\nmatch = { sni = [\"news.example\"] }\ndrop = {}";
            let mut middlebox = middlebox(&format!("reassembly = \"{reassembly}\"\n{rule}"));
            handshake(&mut middlebox);
            let mut offset = 0;
            let mut fired = false;
            for part in parts {
                fired |= client_sends(&mut middlebox, offset, part).1.is_some_and(|it| it.action == Action::Drop);
                offset += part.len() as u32;
            }
            assert_eq!(fired, seen, "{reassembly}");
        }
    }
}

#[test]
fn a_box_without_state_needs_no_syn() {
    for (stateful, sees) in [(true, false), (false, true)] {
        let rule = "[[rule]]\nname = \"r\"\nmatch = { sni = [\"news.example\"] }\ndrop = {}";
        let mut middlebox = middlebox(&format!("stateful = {stateful}\nreassembly = \"none\"\n{rule}"));
        assert_eq!(hello_at(&mut middlebox, Time(0), "news.example").frames.is_empty(), sees);
    }
}

/// The datagrams of a QUIC hello, from a client's port.
fn quic_hello(port: u16) -> Vec<Vec<u8>> {
    let keys = crate::quic::Keys::derive(&[7; 8], crate::net::Side::Client).unwrap();
    let hello = CHROME_QUIC.message("news.example", &mut Random::named("quic"));
    let ids = crate::quic::Ids { dest: &[7; 8], source: &[] };
    let datagram = |(part, bytes): (usize, &[u8])| {
        let packet = keys.initial(ids, part as u16, &crate::quic::crypto(part * 1100, bytes)).unwrap();
        udp_frame(port, &packet)
    };
    hello.chunks(1100).enumerate().map(datagram).collect()
}

fn udp_frame(port: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    let ip = PacketBuilder::ethernet2([2; 6], [4; 6]).ipv4(CLIENT, SERVER, 64);
    ip.udp(port, 443).write(&mut frame, payload).unwrap();
    frame
}

#[test]
fn quic_is_read_over_its_datagrams_unless_something_else_came_first() {
    for (port, prelude, drops) in [(40_000, false, true), (40_000, true, false), (400, false, false)] {
        let mut middlebox = ruled("drop = {}");
        middlebox.config.rules[0].matches.client_port_above = true;
        if prelude {
            middlebox.handle(Time(0), Port::Inside, &udp_frame(port, &[0x0f; 40]));
        }
        let passed: Vec<bool> = quic_hello(port)
            .iter()
            .map(|datagram| !middlebox.handle(Time(0), Port::Inside, datagram).frames.is_empty())
            .collect();
        assert_eq!(passed, [true, !drops], "{port} {prelude}");
    }
}

#[test]
fn flows_beyond_the_limit_pass_unwatched_and_say_so() {
    let rule = "[[rule]]\nname = \"r\"\nmatch = { sni = [\"news.example\"] }\ndrop = {}";
    let mut middlebox = middlebox(&format!("flows = 1\n{rule}"));
    handshake(&mut middlebox);
    let other = udp_frame(9, &quic_hello(9)[0]);
    let reaction = middlebox.handle(Time(0), Port::Inside, &other);
    assert_eq!(reaction.frames.len(), 1);
    assert_eq!(reaction.decision.unwrap().action, Action::Unwatched);
    assert!(hello_at(&mut middlebox, Time(0), "news.example").frames.is_empty(), "the one that is watched");
}
