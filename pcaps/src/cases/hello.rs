//! Hellos of every shape: in pieces, out of order, on the SYN, contradicted, never whole.

use serde_json::json;

use super::{Tell, backoff};
use crate::case::Case;
use crate::net::Side::{Client, Server};
use crate::net::host::Host;
use crate::net::path::Path;
use crate::net::segment::{ACK, PSH, Segment};
use crate::story::{Connection, Fate, Forged, Story};
use crate::tls::{
    Answer, ClientHello, alert, answer, application_data, chains, change_cipher_spec, completes_tls12, completes_tls13,
};

const NAME: &str = "www.example";

pub(super) const CASES: &[Tell] = &[
    two_reordered_segments,
    two_records,
    name_in_capitals,
    hostile_name,
    sequence_wraps,
    on_the_syn,
    refused_on_the_syn,
    decoy_before,
    low_ttl_then_full,
    incomplete,
    fatal_alert,
    client_alert,
    client_refuses,
    block_page,
    spoofed_fin,
];

fn one(name: &'static str, connection: Connection) -> Case {
    Case::new(name, Story::of([connection]))
}

fn two_reordered_segments() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::post_quantum(NAME);
    c.handshake().fates(&[Fate::Late(0.000_4), Fate::Arrives]).hello(&hello);
    completes_tls13(&mut c, &hello, Answer::Full);
    one("hello-two-reordered-segments", c)
        .shows("A post-quantum hello of two segments, the second captured before the first.")
        .rule("The hello is whole at the first capture of its last missing byte, whatever the order.")
        .attempt(NAME, "completed")
        .having("hushwire.version", json!("0x0304"))
        .having("tls.ja3.hash", json!("c9a2547c2f4761afe6d61c9167bb8746"))
}

fn two_records() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.handshake().sends(Client, &hello.records(70)).mark();
    completes_tls13(&mut c, &hello, Answer::Full);
    one("hello-in-records", c)
        .shows("The hello is cut into records of 70 bytes, as circumvention tools do; the server name spans two.")
        .rule("A handshake message may span records (RFC 8446, section 5.1).")
        .attempt(NAME, "completed")
}

fn completed(name: &'static str, hello: &ClientHello) -> Case {
    let mut c = Connection::new();
    c.handshake().hello(hello);
    completes_tls13(&mut c, hello, Answer::Full);
    one(name, c)
}

fn name_in_capitals() -> Case {
    completed("hello-name-in-capitals", &ClientHello::tls13("WWW.Example."))
        .shows("The server name is in capitals and ends in a dot.")
        .rule("Names are written in lower case, without the trailing dot, so that one server is one row.")
        .attempt(NAME, "completed")
}

fn hostile_name() -> Case {
    completed("hello-hostile-name", &ClientHello::tls13("a\",\n\"tls\":\0\u{1b}[31m,\u{7f}é=cmd.example"))
        .shows("The server name holds quotes, commas, line feeds, a terminal escape, NUL and bytes that are no ASCII.")
        .rule("Hostile bytes are escaped: each line stays one JSON object, each name one row.")
        .attempt_of_any_name("completed")
        .containing("cmd.example")
}

fn sequence_wraps() -> Case {
    let mut c = Connection::new().with_client_isn(0xffff_ff80);
    let hello = ClientHello::tls12(NAME);
    c.handshake().hello(&hello);
    completes_tls12(&mut c, &hello, &chains::demo());
    one("hello-sequence-wraps", c)
        .shows("Sequence number 0 lies inside the hello.")
        .rule("Sequence numbers are compared modulo 2^32 (RFC 9293, section 3.4).")
        .attempt(NAME, "completed")
}

fn on_the_syn() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.syn(&hello.record()).mark().syn_ack().acks(Client);
    completes_tls13(&mut c, &hello, Answer::Full);
    one("hello-on-the-syn", c)
        .shows("TCP Fast Open: the hello travels on the SYN, and the SYN-ACK acknowledges it.")
        .rule("Data on a SYN counts once acknowledged.")
        .attempt(NAME, "completed")
}

fn refused_on_the_syn() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.syn(&hello.record()).server_ignores_syn_data().at(3.7).syn_ack().acks(Client).hello(&hello);
    completes_tls13(&mut c, &hello, Answer::Full);
    one("hello-refused-on-the-syn", c)
        .shows(
            "TCP Fast Open refused: the SYN-ACK comes after 3.7 s, leaves the data out, and the hello is sent again.",
        )
        .rule("Data on a SYN counts once acknowledged, else from its copy after the handshake: the answer is not late.")
        .attempt(NAME, "completed")
}

fn decoy_before() -> Case {
    let mut c = Connection::new();
    let (decoy, hello) = (ClientHello::tls13("allowed.example"), ClientHello::tls13("blocked.example"));
    c.handshake();
    let decoy = Segment {
        seq: c.next_seq(Client),
        ack: c.next_seq(Server),
        flags: PSH | ACK,
        window: 502,
        payload: decoy.record(),
        ..Segment::default()
    };
    c.ttl(Client, 4).raw(Client, decoy).ttl(Client, 64).hello(&hello);
    completes_tls13(&mut c, &hello, Answer::Full);
    one("hello-after-a-decoy", c)
        .shows(
            "A circumvention tool sends a decoy with another name and a TTL that never reaches the server, then the \
                real hello over the same sequence numbers.",
        )
        .rule(
            "Overlapping segments that disagree are a fact with every name seen; the receiver's likely view \
               (checksum, TTL, first or last) decides.",
        )
        .attempt("blocked.example", "completed")
        .containing("allowed.example")
}

fn low_ttl_then_full() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.handshake().ttl(Client, 4).hello(&hello).retransmits(Client, &[0.3, 0.9]);
    c.ttl(Client, 64).retransmits(Client, &[4.0]);
    completes_tls13(&mut c, &hello, Answer::Full);
    one("hello-low-ttl-then-full", c)
        .shows("Three copies of the hello expire on the way; the fourth, 4 s later, has its full TTL and is answered.")
        .rule("A full-TTL copy after undelivered ones starts the clock anew: the answer is not late.")
        .attempt(NAME, "completed")
}

fn incomplete() -> Case {
    let mut c = Connection::seen(Path::NEAR_SERVER);
    let lost = [Fate::LostBeforeTap; 6];
    c.handshake().fates(&[Fate::Arrives, Fate::LostBeforeTap]).hello(&ClientHello::post_quantum(NAME));
    c.acks(Server).fates(&lost).retransmits(Client, &backoff(6)).at(20.0).fin(Client).acks(Server);
    one("hello-incomplete", c)
        .shows(
            "Seen at the server: the second segment of a post-quantum hello never comes, nor does any copy of it; \
                the client gives up after 20 s.",
        )
        .rule("`hello_incomplete`: witnessed, and the server's ACK does not cover the hole.")
        .attempt_of_any_name("hello_incomplete")
        .no_alert_of("silence_after_hello")
        .other_alerts_allowed()
}

fn fatal_alert() -> Case {
    let mut c = Connection::new();
    c.handshake().hello(&ClientHello::tls13(NAME)).sends(Server, &alert(2, 112)).closes(Server);
    one("alert-from-the-server", c)
        .shows("The server knows no such name and says so: a fatal alert, unrecognized_name.")
        .rule("`tls_alert`: a fatal alert in clear.")
        .attempt(NAME, "tls_alert")
}

fn client_alert() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls12(NAME);
    c.handshake().hello(&hello).sends(Server, &answer(&hello, &chains::demo(), Answer::Full)).acks(Client);
    c.sends(Client, &alert(2, 48)).closes(Client);
    one("alert-from-the-client", c)
        .shows("The client does not know the authority: a fatal alert, unknown_ca, after the certificate.")
        .rule("`tls_alert`: a fatal alert in clear, from whichever side.")
        .attempt(NAME, "tls_alert")
}

fn client_refuses() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.handshake().hello(&hello).sends(Server, &answer(&hello, &[], Answer::Full)).acks(Client);
    c.sends(Client, &[change_cipher_spec(), application_data("alert", 19)].concat()).closes(Client);
    one("client-refuses", c)
        .shows("TLS 1.3: the client answers the certificate with an encrypted alert and closes.")
        .rule(
            "Client records of type 23 shorter than 45 bytes and then a close mean `answered` with `client_refused: \
               likely`.",
        )
        .attempt(NAME, "answered")
        .containing("\"client_refused\":\"likely\"")
}

fn block_page() -> Case {
    let page = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\nConnection: close\r\n\r\nBlocked";
    let mut c = Connection::new();
    c.handshake().middlebox_swallows(Client).hello(&ClientHello::tls13(NAME));
    c.middlebox_forges(Server, &Forged::answer(page));
    c.middlebox_forges(Server, &Forged { after: 0.000_5, ..Forged::close() }).fin(Client);
    one("http-block-page", c)
        .shows("The middlebox answers the hello with an HTTP page in clear, in the server's name, and closes.")
        .rule("`not_tls`: the server's stream, contiguous from the hello's ACK number, is no TLS.")
        .attempt(NAME, "not_tls")
        .other_alerts_allowed()
        .no_alert_of("silence_after_hello")
}

fn spoofed_fin() -> Case {
    let mut c = Connection::between(Host::client(), Host::server(), Path::NEAR_CLIENT);
    c.handshake().middlebox_swallows(Client).hello(&ClientHello::tls13(NAME));
    c.middlebox_forges(Server, &Forged::close()).fin(Client);
    one("closed-after-hello", c)
        .shows("The middlebox swallows the hello and closes with a FIN in the server's name.")
        .rule("`closed_after_hello`: no server byte, and the server's FIN is the first closing event of either side.")
        .attempt(NAME, "closed_after_hello")
        .other_alerts_allowed()
        .no_alert_of("silence_after_hello")
}
