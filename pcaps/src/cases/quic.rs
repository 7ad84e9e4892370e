//! QUIC: hellos that are answered, and hellos that are not.

use serde_json::json;

use super::Tell;
use crate::case::Case;
use crate::net::Side::{Client, Server};
use crate::story::{Connection, QuicConnection, Story};
use crate::tls::{Answer, ClientHello, completes_tls13};

const NAME: &str = "blocked.example";
const SILENCE: &str = "silence_after_hello";
const MID_HANDSHAKE: &str = "silence_mid_handshake";
const WITNESS: &str = "QUIC: three Initial packets of the client over 3 s (soft) or 10 s (hard) without an answer, while \
                       the way back to the client is seen in some other flow.";

/// When a client repeats its first flight that nobody acknowledges: a probe timeout of 1 s that doubles (RFC 9002,
/// sections 6.2.1 and 6.2.2).
const PROBES: [f64; 4] = [1.0, 3.0, 7.0, 15.0];

pub(super) const CASES: &[Tell] = &[
    healthy,
    silent,
    soft,
    withdrawn,
    late,
    one_sided,
    captured_twice,
    acknowledged_only,
    mid_handshake,
    mid_handshake_soft,
    unconfirmed,
    rebound,
];

/// The capture of a QUIC connection and, beside it, of one over TCP that completes: the way back is visible.
fn beside_tcp(connection: QuicConnection) -> Story {
    let (mut tcp, hello) = (Connection::new().starting_at(0.5), ClientHello::tls13("other.example"));
    tcp.handshake().hello(&hello);
    completes_tls13(&mut tcp, &hello, Answer::Full);
    Story::of([tcp]).with_quic(connection)
}

fn case(name: &'static str, connection: QuicConnection) -> Case {
    Case::new(name, beside_tcp(connection)).rule(WITNESS).attempt("other.example", "completed")
}

/// The middlebox swallows the hello and what follows; the client tries again at these times.
fn swallowed(times: &[f64]) -> QuicConnection {
    let mut c = QuicConnection::new();
    c.middlebox_swallows(Client).hello(&ClientHello::post_quantum(NAME)).repeats(times);
    c
}

fn healthy() -> Case {
    let (mut c, hello) = (QuicConnection::new(), ClientHello::post_quantum("www.example"));
    c.hello(&hello).answers(&hello).completes();
    Case::new("quic-healthy", Story::of([]).with_quic(c))
        .shows("A whole QUIC handshake; the hello fills two Initial packets.")
        .rule("QUIC is complete with short headers both ways.")
        .quic_attempt("www.example", "completed")
        .having("quic.version", json!("1"))
}

fn silent() -> Case {
    case("quic-silence", swallowed(&PROBES))
        .shows("A middlebox swallows the Initial packets; the client probes until 15 s.")
        .quic_attempt(NAME, SILENCE)
        .alert(SILENCE, "hard", NAME)
        .over_quic()
}

fn soft() -> Case {
    case("quic-silence-soft", swallowed(&[1.0, 3.0]))
        .shows("The client gives up after its probe at 3 s.")
        .quic_attempt(NAME, SILENCE)
}

fn withdrawn() -> Case {
    let (mut c, hello) = (QuicConnection::new(), ClientHello::post_quantum(NAME));
    c.middlebox_swallows(Client).hello(&hello).repeats(&PROBES).at(15.4).answers(&hello).completes();
    case("quic-silence-withdrawn", c)
        .shows("The answer comes 15.4 s after the hello, when the silence has been told.")
        .rule("A hard silence alerts at its witness; if an answer comes later, the alert is withdrawn.")
        .quic_attempt(NAME, "late_answer")
        .alert(SILENCE, "hard", NAME)
        .over_quic()
        .withdrawn(SILENCE, NAME)
        .over_quic()
}

fn late() -> Case {
    let (mut c, hello) = (QuicConnection::new(), ClientHello::tls13(NAME));
    c.middlebox_swallows(Client).hello(&hello).repeats(&[1.0, 3.0]).at(3.2).answers(&hello).completes();
    case("quic-answer-late", c)
        .shows("The answer comes 3.2 s after the hello.")
        .rule("If the first answer came 3 s or more after the hello, `late_answer` replaces what it is.")
        .quic_attempt(NAME, "late_answer")
}

fn one_sided() -> Case {
    Case::new("quic-one-sided", Story::of([]).with_quic(swallowed(&PROBES)))
        .shows("The same as `quic-silence`, and no packet to the client anywhere: its way back may not be captured.")
        .rule(WITNESS)
        .quic_attempt(NAME, "unresolved")
        .having("hushwire.reason", json!("one_sided"))
}

fn captured_twice() -> Case {
    let mut c = QuicConnection::new();
    c.middlebox_swallows(Client).hello(&ClientHello::tls13(NAME)).repeats(&[12.0]);
    Case::new("quic-captured-twice", beside_tcp(c).captured_twice())
        .shows("Two Initial packets in 12 s on a mirror of both ports: four frames.")
        .rule(
            "The same datagram again within 50 ms is a duplicate frame, counted once. Two Initial packets are too few.",
        )
        .attempt("other.example", "completed")
        .quic_attempt(NAME, "unresolved")
        .having("hushwire.reason", json!("unwitnessed"))
}

fn acknowledged_only() -> Case {
    let (mut c, hello) = (QuicConnection::new(), ClientHello::tls13(NAME));
    c.hello(&hello).acknowledges().middlebox_swallows(Server).repeats(&PROBES);
    Case::new("quic-silence-acknowledged", Story::of([]).with_quic(c))
        .shows("The server acknowledges the Initial packet; all that it says after that is swallowed.")
        .rule("An Initial packet that only acknowledges is no answer, and shows that the way back is visible.")
        .quic_attempt(NAME, SILENCE)
        .alert(SILENCE, "hard", NAME)
        .over_quic()
}

/// The server's flight comes; from then on nothing of the client passes, which repeats its Handshake packet.
fn stopped(times: &[f64]) -> QuicConnection {
    let (mut c, hello) = (QuicConnection::new(), ClientHello::tls13(NAME));
    c.hello(&hello).answers(&hello).middlebox_swallows(Client).handshake(Client, 75);
    for time in times {
        c.at(*time).handshake(Client, 75);
    }
    c
}

fn mid_handshake() -> Case {
    case("quic-silence-mid-handshake", stopped(&[0.4, 1.0, 2.2, 4.6, 9.4, 19.0]))
        .shows("The server's flight arrives; then the middlebox swallows what the client sends, for 19 s.")
        .rule("The server began, the client's next flight was sent, and no new server byte came: witnessed as ever.")
        .quic_attempt(NAME, MID_HANDSHAKE)
        .alert(MID_HANDSHAKE, "hard", NAME)
        .over_quic()
}

fn mid_handshake_soft() -> Case {
    case("quic-silence-mid-handshake-soft", stopped(&[0.4, 1.0, 2.2, 4.6]))
        .shows("The same for 4.6 s.")
        .rule("`soft`: witnessed at 3 s or later.")
        .quic_attempt(NAME, MID_HANDSHAKE)
}

fn unconfirmed() -> Case {
    let (mut c, hello) = (QuicConnection::new(), ClientHello::tls13(NAME));
    c.hello(&hello).answers(&hello).middlebox_swallows(Client).handshake(Client, 75).short(Client, 420);
    for time in [0.4, 1.2, 2.8, 6.0, 12.4] {
        c.at(time).handshake(Server, 1_150).handshake(Client, 75).short(Client, 420);
    }
    case("quic-silence-unconfirmed", c)
        .shows("The middlebox swallows what the client sends after its hello. The server repeats its flight for 12 s, and the \
                client its Finished, though it has all that it needs.")
        .rule("A client that still sends Handshake packets has no word that its own arrived: no progress, witnessed as ever.")
        .quic_attempt(NAME, MID_HANDSHAKE)
        .alert(MID_HANDSHAKE, "hard", NAME)
        .over_quic()
}

fn rebound() -> Case {
    let (mut c, hello) = (QuicConnection::new(), ClientHello::tls13("www.example"));
    c.hello(&hello).answers(&hello).rebinds(61_007);
    for time in [0.2, 1.0, 2.2, 4.6, 12.0] {
        c.at(time).handshake(Client, 75).handshake(Server, 40);
    }
    Case::new("quic-port-rebound", Story::of([]).with_quic(c))
        .shows("In the midst of the handshake a NAT gives the client another port; the connection goes on there.")
        .rule("Migration is not followed: each pair of ports is an attempt, and no silence is made of either.")
        .quic_attempt("www.example", "answered")
        .nameless_quic_attempt("unresolved")
        .having("hushwire.reason", json!("midstream"))
}
