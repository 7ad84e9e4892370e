//! Resets: forged, genuine, and those that only answer a close.

use serde_json::json;

use super::{Tell, backoff};
use crate::case::Case;
use crate::net::Side::{Client, Server};
use crate::net::host::Host;
use crate::net::path::{Path, Place};
use crate::story::{Connection, Fate, Forged, Story};
use crate::tls::{Answer, ClientHello, alert, answer, chains};

const NAME: &str = "blocked.example";
const RESET: &str = "reset_after_hello";
const INJECTED: &str = "`injected` needs two of: TTL step of 2 or more against the same sender; sooner than half the \
                        smallest RTT sample; later data from the same sender; payload in the RST; a listed fingerprint.";
const GENUINE: &str = "Without two independent traits a reset is told as an outcome and never as injected.";

pub(super) const CASES: &[Tell] = &[
    fast_with_known_fingerprint,
    as_the_client_before_the_hello,
    with_payload_and_data_after,
    captured_twice,
    three_in_a_row,
    after_three_seconds,
    over_ipv6,
    genuine,
    genuine_with_another_ttl,
    genuine_of_the_client,
    answers_a_close,
    after_a_fatal_alert,
    mid_handshake,
];

fn one(name: &'static str, connection: Connection) -> Case {
    Case::new(name, Story::of([connection]))
}

fn fast() -> Connection {
    let far = Path { tap: Place::new(1, 1), middlebox: Place::new(8, 46), server: Place::new(21, 353) };
    let mut c = Connection::between(Host::client(), Host::server(), far);
    c.handshake().middlebox_swallows(Client).hello(&ClientHello::tls13(NAME));
    c.middlebox_forges(Server, &Forged { after: 0.001_5, ..Forged::reset_242() });
    c
}

fn fast_with_known_fingerprint() -> Case {
    one("reset-injected", fast())
        .shows("A RST 0.13 RTT after the hello, its TTL 13 above the SYN-ACK's, IP-ID 242, DF clear, window 16.")
        .rule(INJECTED)
        .attempt(NAME, RESET)
        .alert(RESET, "injected", NAME)
}

fn captured_twice() -> Case {
    Case::new("reset-captured-twice", Story::of([fast()]).captured_twice())
        .shows("The same on a mirror of both ports: every frame twice, and so the RST.")
        .rule("A reset is a duplicate frame only where most frames of its sender were captured twice: then it counts once.")
        .attempt(NAME, RESET)
        .having("hushwire.signature", json!("PSH+ACK -> RST+ACK"))
        .having("hushwire.server.reset_count", json!(1))
        .alert(RESET, "injected", NAME)
}

fn as_the_client_before_the_hello() -> Case {
    let mut c = Connection::seen(Path::NEAR_SERVER);
    // The middlebox sees the hello a few microseconds after the ACK and holds it up; its own RST it sends at once.
    c.handshake().middlebox_forges(Client, &Forged::reset_242());
    c.fates(&[Fate::Late(0.003_1)]).hello(&ClientHello::tls13(NAME)).reset(Server);
    one("reset-as-the-client-before-the-hello", c)
        .shows("Seen at the server: a RST in the client's name, with the hello's sequence number and foreign traits, \
                arrives 2.8 ms before the hello. The server's own reset answers it.")
        .rule("A client-side RST at exactly the hello's first byte, at most one RTT before it and with foreign traits, is \
               `reset_after_hello`, `arrival: before`.")
        .attempt(NAME, RESET)
        .containing("\"before\"")
        .alert(RESET, "injected", NAME)
}

fn with_payload_and_data_after() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.handshake().hello(&hello).middlebox_forges(Server, &Forged::reset_with_payload());
    c.sends(Server, &answer(&hello, &[], Answer::Full));
    c.reset(Client);
    one("reset-with-payload-and-data-after", c)
        .shows("A middlebox beside the path cannot stop the answer: its RST carries ten bytes and overtakes the server's \
                real flight.")
        .rule("The reset comes before the answer by time and sequence, so its place is after the hello; later data from the same sender and payload in the RST are two traits.")
        .attempt(NAME, RESET)
        .alert(RESET, "injected", NAME)
}

fn three_in_a_row() -> Case {
    let mut c = Connection::new();
    c.handshake().middlebox_swallows(Client).hello(&ClientHello::tls13(NAME));
    for after in [0.000_3, 0.000_31, 0.000_32] {
        c.middlebox_forges(Server, &Forged { id: 0x4d2f, dont_fragment: true, after, ..Forged::reset().with_ttl(128) });
    }
    one("reset-three-in-a-row", c)
        .shows("Three identical RST+ACK within 20 µs, their TTL 73 above the server's, in a fifth of its RTT.")
        .rule(INJECTED)
        .attempt(NAME, RESET)
        .alert(RESET, "injected", NAME)
}

fn after_three_seconds() -> Case {
    let mut c = Connection::new();
    c.handshake().middlebox_swallows(Client).hello(&ClientHello::tls13(NAME)).retransmits(Client, &backoff(3));
    c.middlebox_forges(Server, &Forged { after: 1.24, ..Forged::reset_242() });
    one("reset-after-three-seconds", c)
        .shows("The middlebox swallows the hello and three copies, and resets 3.2 s after it.")
        .rule("The server's RST is the first closing event of either side; no witness of a silence came before it.")
        .attempt(NAME, RESET)
        .alert(RESET, "injected", NAME)
}

fn over_ipv6() -> Case {
    let mut c = Connection::over_ipv6();
    c.handshake()
        .middlebox_swallows(Client)
        .hello(&ClientHello::tls13(NAME))
        .middlebox_forges(Server, &Forged::reset());
    one("reset-injected-ipv6", c)
        .shows(
            "IPv6 has no identification and no DF: the hop limit, 9 above the server's, and a fifth of its RTT remain.",
        )
        .rule(INJECTED)
        .attempt(NAME, RESET)
        .alert(RESET, "injected", NAME)
}

fn genuine() -> Case {
    let mut c = Connection::new();
    c.handshake().hello(&ClientHello::tls13(NAME)).reset(Server);
    one("reset-genuine", c)
        .shows("The server's own kernel resets one RTT after the hello: same TTL, IP-ID 0, DF set, window 0.")
        .rule(GENUINE)
        .attempt(NAME, RESET)
}

fn genuine_with_another_ttl() -> Case {
    let mut c = Connection::new();
    c.handshake().hello(&ClientHello::tls13(NAME)).ttl(Server, 128).reset(Server);
    one("reset-genuine-with-another-ttl", c)
        .shows("A load balancer before the server resets one RTT after the hello, with a TTL of its own.")
        .rule("One trait alone is never `injected`: TTL is off in 26 of 581 genuine resets.")
        .attempt(NAME, RESET)
}

fn genuine_of_the_client() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls12(NAME);
    c.handshake()
        .hello(&hello)
        .sends(Server, &answer(&hello, &chains::demo(), Answer::Full))
        .acks(Client)
        .reset(Client);
    one("reset-by-the-client", c)
        .shows("The client gets the whole flight and resets, as probes and scanners do.")
        .rule("A client RST without foreign traits is never a reset: `answered`.")
        .attempt(NAME, "answered")
}

fn answers_a_close() -> Case {
    let mut c = Connection::new();
    c.handshake().hello(&ClientHello::tls13(NAME)).acks(Server).at(1.0).fin(Client).reset(Server);
    one("reset-answers-a-close", c)
        .shows("The client closes 1 s after its hello; the server answers the FIN with a RST.")
        .rule("A RST after the other side's FIN is a fact (`answers_close`) and never the outcome.")
        .attempt(NAME, "abandoned")
}

fn after_a_fatal_alert() -> Case {
    let mut c = Connection::new();
    c.handshake().hello(&ClientHello::tls13(NAME)).sends(Server, &alert(2, 40)).reset(Server);
    one("reset-after-an-alert", c)
        .shows("The server sends a fatal alert and resets at once.")
        .rule("`tls_alert` comes before any reset.")
        .attempt(NAME, "tls_alert")
}

fn mid_handshake() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls12(NAME);
    let flight = answer(&hello, &chains::demo(), Answer::Full);
    let (first, rest) = flight.split_at(1_448);
    c.handshake().hello(&hello).sends(Server, first).middlebox_forges(Server, &Forged::reset_242());
    c.middlebox_swallows(Server).sends(Server, rest).reset(Client);
    one("reset-mid-handshake", c)
        .shows("The first segment of the server's flight arrives; then a forged RST ends the handshake.")
        .rule("`reset_mid_handshake`: server handshake bytes seen, and the first closing event is a RST.")
        .attempt(NAME, "reset_mid_handshake")
        .other_alerts_allowed()
        .no_alert_of(RESET)
}
