//! Hellos that nobody answers, and what looks like it.

use super::{Tell, backoff};
use crate::case::Case;
use crate::net::Side::{Client, Server};
use crate::story::{Connection, Fate, Story};
use crate::tls::{
    Answer, ClientHello, answer, chains, change_cipher_spec, completes_tls13, handshake_record, hello_retry_request,
};

const NAME: &str = "blocked.example";
const SILENCE: &str = "silence_after_hello";
const WITNESS: &str = "Silence is no answer and a witness: a client packet at or after the deadline whose ACK number has \
                       not moved past the hello's own. `hard` at 10 s or later.";

pub(super) const CASES: &[Tell] = &[
    unacknowledged,
    acknowledged,
    partly_acknowledged,
    second_segment_sacked,
    soft,
    soft_asked_for,
    client_gone_after_5s,
    ended_by_the_clients_reset,
    captured_twice,
    beside_healthy_names,
    nameless,
    zero_window,
    dead_before_the_hello,
    abandoned,
    given_up_unwitnessed,
    undelivered_reported,
    undelivered_low_ttl,
    overloaded_server,
    mid_handshake,
    after_a_hello_retry_request,
];

fn silence(name: &'static str, connection: Connection) -> Case {
    Case::new(name, Story::of([connection])).rule(WITNESS).attempt(NAME, SILENCE)
}

/// The middlebox swallows the hello and all that follows; the client's host tries until the client's last word.
fn swallowed(connection: Connection, hello: &ClientHello) -> Connection {
    let mut c = connection;
    c.handshake().middlebox_swallows(Client).hello(hello).retransmits(Client, &backoff(6));
    c.at(20.0).fin(Client);
    c
}

/// The server's host acknowledges the hello, and that is all.
fn acknowledged_only(connection: Connection, hello: &ClientHello) -> Connection {
    let mut c = connection;
    c.handshake().hello(hello).acks(Server);
    c
}

fn unacknowledged() -> Case {
    silence("silence-unacknowledged", swallowed(Connection::new(), &ClientHello::tls13(NAME)))
        .shows("A middlebox swallows the hello and its six copies; the client gives up after 20 s.")
        .containing("\"hello_acked\":\"none\"")
        .alert(SILENCE, "hard", NAME)
}

fn acknowledged() -> Case {
    let mut c = acknowledged_only(Connection::new(), &ClientHello::tls13(NAME));
    c.middlebox_swallows(Server).sends(Server, &answer(&ClientHello::tls13(NAME), &[], Answer::Full));
    c.retransmits(Server, &backoff(5)).at(5.0).keep_alive(Client).at(10.5).keep_alive(Client).at(15.0).fin(Client);
    silence("silence-acknowledged", c)
        .shows(
            "The server's host acknowledges the hello; a middlebox swallows the answer and its copies. The client \
                probes at 5 s and 10.5 s and closes at 15 s.",
        )
        .containing("\"hello_acked\":\"whole\"")
        .alert(SILENCE, "hard", NAME)
}

fn partly_acknowledged() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::post_quantum(NAME).record();
    let (first, second) = hello.split_at(1_448);
    c.handshake().sends(Client, first).acks(Server).middlebox_swallows(Client).sends(Client, second).mark();
    c.retransmits(Client, &backoff(6)).at(20.0).fin(Client);
    silence("silence-partly-acknowledged", c)
        .shows("The first segment of a post-quantum hello is acknowledged; the second and its copies are swallowed.")
        .containing("\"hello_acked\":\"part\"")
        .alert(SILENCE, "hard", NAME)
}

fn second_segment_sacked() -> Case {
    let mut c = Connection::new();
    c.handshake().fates(&[Fate::Lost, Fate::Arrives]).hello(&ClientHello::post_quantum(NAME)).acks(Server);
    c.fates(&[Fate::Lost; 6]).retransmits(Client, &backoff(6)).at(20.0).fin(Client).acks(Server);
    silence("silence-second-segment-sacked", c)
        .shows("The first segment of a post-quantum hello and its copies are swallowed; the second is acknowledged by SACK.")
        .containing("\"hello_acked\":\"part\"")
        .alert(SILENCE, "hard", NAME)
}

fn soft_story() -> Story {
    let mut c = acknowledged_only(Connection::new(), &ClientHello::tls13(NAME));
    c.at(5.0).fin(Client).fin(Server).acks(Client);
    Story::of([c])
}

fn soft() -> Case {
    Case::new("silence-soft", soft_story())
        .shows(
            "The client closes after 5 s without an answer; its FIN is the only witness. The server's FIN answers it.",
        )
        .rule("`soft`: witnessed at 3 s or later. A FIN after the other side's FIN is a fact and never the outcome.")
        .attempt(NAME, SILENCE)
}

fn soft_asked_for() -> Case {
    Case::new("silence-soft-asked-for", soft_story())
        .shows("The same capture, with alerts for soft silences asked for.")
        .rule("An alert for hard silences of a named server; `--alert-soft` for soft ones too.")
        .args(&["--alert-soft"])
        .attempt(NAME, SILENCE)
        .alert(SILENCE, "soft", NAME)
}

fn client_gone_after_5s() -> Case {
    let mut c = Connection::new();
    c.handshake().middlebox_swallows(Client).hello(&ClientHello::tls13(NAME)).retransmits(Client, &backoff(4));
    c.at(5.0).fin(Client).retransmits(Client, &[8.68, 17.64]).at(19.0).reset(Client);
    silence("silence-client-gone-after-5s", c)
        .shows("The client closes after 5 s while its host goes on retransmitting the hello, and resets at 19 s.")
        .rule("`silence_after_hello`, whoever closed. The client's RST ends the observation, its FIN does not.")
        .alert(SILENCE, "hard", NAME)
}

fn ended_by_the_clients_reset() -> Case {
    let mut c = acknowledged_only(Connection::new(), &ClientHello::tls13(NAME));
    c.at(11.0).reset(Client);
    silence("silence-ended-by-the-clients-reset", c)
        .shows("The client waits 11 s for an answer and resets: its RST is the witness.")
        .alert(SILENCE, "hard", NAME)
}

fn captured_twice() -> Case {
    let story = Story::of([swallowed(Connection::new(), &ClientHello::tls13(NAME))]).captured_twice();
    Case::new("silence-captured-twice", story)
        .shows("A swallowed hello on a mirror of both ports: every frame twice.")
        .rule(WITNESS)
        .attempt(NAME, SILENCE)
        .alert(SILENCE, "hard", NAME)
}

fn beside_healthy_names() -> Case {
    let names = ["one.example", "two.example", "three.example"];
    let healthy = (0..).zip(&names).map(|(number, name): (u16, &&str)| {
        let mut c = Connection::new().from_port(50_000 + number).starting_at(1.0 + f64::from(number));
        let hello = ClientHello::tls13(name);
        c.handshake().hello(&hello);
        completes_tls13(&mut c, &hello, Answer::Full);
        c
    });
    let silent = swallowed(Connection::new(), &ClientHello::tls13(NAME));
    let case = Case::new("silence-beside-healthy-names", Story::of(healthy.chain([silent])))
        .shows("One name is swallowed while three other names of the same server complete: the control is fine.")
        .rule(WITNESS)
        .attempt(NAME, SILENCE)
        .alert(SILENCE, "hard", NAME);
    names.iter().fold(case, |case, name| case.attempt(name, "completed"))
}

fn nameless() -> Case {
    Case::new("silence-without-a-name", Story::of([swallowed(Connection::new(), &ClientHello::tls13(NAME).nameless())]))
        .shows("A swallowed hello that names no server.")
        .rule("Without a server name: outcome yes, alert no.")
        .nameless_attempt(SILENCE)
}

fn zero_window() -> Case {
    let mut c = Connection::new();
    c.handshake().window(Client, 0).hello(&ClientHello::tls13(NAME)).acks(Server);
    for time in [4.0, 11.0] {
        c.at(time).keep_alive(Client);
    }
    c.at(15.0).fin(Client);
    silence("silence-zero-window", c)
        .shows("The client announces a window of 0 with its hello, so the server must not answer.")
        .rule("A client window of 0 is stated and raises no alert.")
}

fn dead_before_the_hello() -> Case {
    let mut c = Connection::new();
    c.syn(&[]).syn_ack().middlebox_swallows(Client).acks(Client).hello(&ClientHello::tls13(NAME));
    c.at(1.0).syn_ack_again().acks(Client).retransmits(Client, &[1.5, 3.2]).at(3.5).syn_ack_again().acks(Client);
    c.retransmits(Client, &[7.5, 15.0]).at(16.0).fin(Client);
    silence("silence-dead-before-the-hello", c)
        .shows("Nothing from the client arrives since its SYN: the server repeats its SYN-ACK while the hello is out.")
        .rule("A SYN-ACK repeated after the client's ACK (the path was dead before the hello) is stated and raises no alert.")
}

fn abandoned() -> Case {
    let mut c = acknowledged_only(Connection::new(), &ClientHello::tls13(NAME));
    c.at(2.0).fin(Client).fin(Server).acks(Client);
    Case::new("abandoned", Story::of([c]))
        .shows("The client closes 2 s after its hello, too soon to say anything.")
        .rule("`abandoned`: the client closed first, no witness, fewer than two retransmissions.")
        .attempt(NAME, "abandoned")
}

fn given_up_unwitnessed() -> Case {
    let mut c = Connection::new();
    c.handshake().middlebox_swallows(Client).hello(&ClientHello::tls13(NAME)).retransmits(Client, &backoff(3));
    c.at(2.5).reset(Client);
    Case::new("given-up-unwitnessed", Story::of([c]))
        .shows("Three copies of the hello are out when the client resets after 2.5 s.")
        .rule("Two retransmissions or more are no `abandoned`, and without a witness at 3 s there is no silence.")
        .unresolved(NAME, "unwitnessed")
}

fn undelivered_reported() -> Case {
    let mut c = Connection::new();
    c.ttl(Client, 15).handshake().ttl(Client, 13).hello(&ClientHello::tls13(NAME)).router_reports_expiry(13);
    c.retransmits(Client, &backoff(6)).at(20.0).fin(Client);
    Case::new("undelivered-reported", Story::of([c]))
        .shows("A router one hop before the server reports that the hello's TTL ran out.")
        .rule("A hello that an ICMP time-exceeded quotes is `unresolved: undelivered`.")
        .unresolved(NAME, "undelivered")
}

fn undelivered_low_ttl() -> Case {
    let mut c = Connection::new();
    c.handshake().ttl(Client, 8).hello(&ClientHello::tls13(NAME)).retransmits(Client, &backoff(6));
    c.ttl(Client, 64).at(20.0).fin(Client).acks(Server);
    Case::new("undelivered-low-ttl", Story::of([c]))
        .shows("Every copy of the hello has a TTL far below its SYN's, as a probe that looks for the middlebox.")
        .rule("A hello whose TTL is lower than its sender's SYN by more than 2 in every copy is `unresolved: undelivered`.")
        .unresolved(NAME, "undelivered")
}

fn overloaded_server() -> Case {
    let names = ["one.example", "two.example", "three.example", "four.example"];
    let tell = |(number, name): (u16, &&str)| {
        let c = Connection::new().from_port(50_000 + number).starting_at(f64::from(number) * 0.4);
        let mut c = acknowledged_only(c, &ClientHello::tls13(name));
        c.at(6.0).keep_alive(Client).acks(Server).at(12.0).keep_alive(Client).acks(Server).at(16.0).fin(Client);
        c.acks(Server);
        c
    };
    let case = Case::new("silence-overloaded-server", Story::of((0..).zip(&names).map(tell)))
        .shows("A server whose host acknowledges every hello and keep-alive, whatever the name, and never answers.")
        .rule(
            "Each silence is told as observed. That all names of the server fail is for the verdict's control: `down`, \
               never `blocked`.",
        );
    let case = names.iter().fold(case, |case, name| case.attempt(name, SILENCE));
    names.iter().fold(case, |case, name| case.alert(SILENCE, "hard", name))
}

fn mid_handshake() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls12(NAME);
    let flight = answer(&hello, &chains::demo(), Answer::Full);
    let (first, rest) = flight.split_at(1_448);
    c.handshake().hello(&hello).sends(Server, first).acks(Client);
    c.middlebox_swallows(Server).sends(Server, rest).retransmits(Server, &backoff(5));
    c.at(6.0).keep_alive(Client).at(12.0).keep_alive(Client).at(16.0).fin(Client);
    Case::new("silence-mid-handshake", Story::of([c]))
        .shows(
            "The first segment of the server's flight arrives, with the Certificate left open; the rest is swallowed.",
        )
        .rule("`silence_mid_handshake`: a record was left open and no new server byte for 3 s, witnessed.")
        .attempt(NAME, "silence_mid_handshake")
        .other_alerts_allowed()
        .no_alert_of(SILENCE)
}

fn after_a_hello_retry_request() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.handshake().hello(&hello);
    c.sends(Server, &[handshake_record(&hello_retry_request(&hello)), change_cipher_spec()].concat());
    c.middlebox_swallows(Client);
    c.sends(Client, &[change_cipher_spec(), handshake_record(&hello.retried().message())].concat()).mark();
    c.retransmits(Client, &backoff(6)).at(20.0).fin(Client);
    Case::new("silence-after-a-hello-retry-request", Story::of([c]))
        .shows("The server asks for another share; the second hello and its copies are swallowed.")
        .rule("`silence_mid_handshake`: a HelloRetryRequest was left open and no new server byte for 3 s, witnessed.")
        .attempt(NAME, "silence_mid_handshake")
        .other_alerts_allowed()
        .no_alert_of(SILENCE)
}
