//! Handshakes that nothing happens to. The fingerprints in them are tshark's (JA3, JA3S) or were worked out from tshark's
//! fields by the published recipe (JA4, community id).

use serde_json::json;

use super::Tell;
use crate::case::Case;
use crate::net::Side::{Client, Server};
use crate::net::host::Host;
use crate::net::path::Path;
use crate::story::{Connection, Fate, Story};
use crate::tls::{
    Answer, ClientHello, answer, application_data, chains, change_cipher_spec, completes_tls12, completes_tls13,
    converses, finishes_tls12, finishes_tls13, handshake_record, handshake_records, hello_retry_request, sealed_alert,
    sealed_handshake, server_hello_tls12,
};

const NAME: &str = "www.example";
const COMPLETED: &str = "`completed`: TLS 1.2 and below, ChangeCipherSpec and an encrypted Finished from both sides; \
                         TLS 1.3, after the final ServerHello a client record of type 23 of 45 bytes or more.";

pub(super) const CASES: &[Tell] = &[
    tls12,
    tls13,
    tls12_resumed,
    tls13_resumed,
    hello_retry,
    early_data,
    certificate_in_records,
    copy_answered,
    client_ends_with_reset,
    keep_alives_afterwards,
    port_reused,
    hello_from_the_accepting_side,
    inside_http_connect,
    connections_without_a_hello,
    plain_http,
];

fn healthy(name: &'static str, connection: Connection) -> Case {
    Case::new(name, Story::of([connection])).rule(COMPLETED).attempt(NAME, "completed")
}

fn tls12() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls12(NAME);
    c.handshake().hello(&hello);
    completes_tls12(&mut c, &hello, &chains::demo());
    healthy("tls12-healthy", c)
        .shows("A whole TLS 1.2 handshake with a chain of two, a request, a response and an orderly end.")
        .having("hushwire.version", json!("0x0303"))
        .having("tls.ja3.hash", json!("2ee88417b97f22fc5eee038c88e7d539"))
        .having("tls.ja3s.hash", json!("552e2a98cd0d853afad605aa9bd1db5a"))
        .having("tls.ja4", json!("t12d0608h2_39a52dd9ae43_4eea806691a3"))
}

fn tls13() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.handshake().hello(&hello);
    completes_tls13(&mut c, &hello, Answer::Full);
    healthy("tls13-healthy", c)
        .shows("A whole TLS 1.3 handshake.")
        .having("hushwire.version", json!("0x0304"))
        .having("tls.ja3.hash", json!("0cdca93b6a87838beffcc40a97559b29"))
        .having("tls.ja3s.hash", json!("f4febc55ea12b31ae17cfb7e614afda8"))
        .having("tls.ja4", json!("t13d0911h2_f91f431d341e_9ced094328c9"))
        .having("community_id", json!("1:ge4ddw8bP8qh+s/6zsYXKmdVQRM="))
}

fn tls12_resumed() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello { session_id: vec![0x5e; 32], ticket: vec![0x71; 176], ..ClientHello::tls12(NAME) };
    let flight = [
        handshake_record(&server_hello_tls12(&hello, Answer::Resumed)),
        change_cipher_spec(),
        sealed_handshake("server finished", 40),
    ];
    c.handshake().hello(&hello).sends(Server, &flight.concat());
    c.sends(Client, &[change_cipher_spec(), sealed_handshake("client finished", 40)].concat());
    converses(&mut c);
    c.sends(Client, &sealed_alert("close_notify")).closes(Client);
    healthy("tls12-resumed", c)
        .shows("TLS 1.2 resumed with a ticket: the server echoes the session id and sends no certificate.")
        .having("hushwire.version", json!("0x0303"))
        .having("tls.session_resumed", json!(true))
}

fn tls13_resumed() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello { psk: Some(vec![0x6b; 192]), ..ClientHello::tls13(NAME) };
    c.handshake().hello(&hello);
    completes_tls13(&mut c, &hello, Answer::Resumed);
    healthy("tls13-resumed", c)
        .shows("TLS 1.3 resumed with a pre-shared key, which the ServerHello selects.")
        .having("hushwire.version", json!("0x0304"))
}

fn hello_retry() -> Case {
    let mut c = Connection::new();
    let first = ClientHello::tls13(NAME);
    let second = first.retried();
    c.handshake().hello(&first);
    c.sends(Server, &[handshake_record(&hello_retry_request(&first)), change_cipher_spec()].concat());
    c.sends(Client, &[change_cipher_spec(), handshake_record(&second.message())].concat());
    completes_tls13(&mut c, &second, Answer::Full);
    healthy("tls13-hello-retry-request", c)
        .shows("The server asks for another key share; the client sends a second hello with the cookie.")
        .rule(
            "Further hellos before completion belong to the attempt; `hellos` counts them, the version comes from the \
               final ServerHello.",
        )
        .having("hushwire.version", json!("0x0304"))
        .containing("\"hellos\":2")
}

fn early_data() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello { psk: Some(vec![0x6b; 192]), early_data: true, ..ClientHello::tls13(NAME) };
    let early = application_data("early data", 320);
    c.handshake().hello(&hello).sends(Client, &[change_cipher_spec(), early].concat());
    c.sends(Server, &answer(&hello, &[], Answer::Resumed)).acks(Client);
    c.sends(Client, &[application_data("end of early data", 21), application_data("finished", 53)].concat());
    converses(&mut c);
    c.closes(Client);
    healthy("tls13-early-data", c)
        .shows("0-RTT: the request travels with the hello, and the handshake completes.")
        .rule("0-RTT records do not count; the client's record of type 23 after the ServerHello does.")
}

fn certificate_in_records() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls12("rcku.kz");
    let flight = answer(&hello, &chains::rcku_genuine(), Answer::Full);
    // Every message of the flight is in a record of its own; take them out and cut them anew, across messages.
    let mut messages = Vec::new();
    let mut rest = flight.as_slice();
    while let Some(([_, _, _, high, low], body)) = rest.split_first_chunk::<5>() {
        let (message, after) = body.split_at(usize::from(u16::from_be_bytes([*high, *low])));
        messages.extend(message);
        rest = after;
    }
    c.handshake().hello(&hello).sends(Server, &handshake_records(&messages, 700)).acks(Client);
    finishes_tls12(&mut c, &hello);
    Case::new("tls12-certificate-in-records", Story::of([c]))
        .shows("The server's messages run over records of 700 bytes that begin and end anywhere.")
        .rule("Messages may span records (RFC 8446, section 5.1); the chain is read over as many as it takes.")
        .attempt("rcku.kz", "completed")
        .having("hushwire.chain[].sha256", json!(chains::RCKU_GENUINE_LEAF))
}

fn copy_answered() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.handshake().fates(&[Fate::Lost]).hello(&hello).retransmits(Client, &[0.28]);
    completes_tls13(&mut c, &hello, Answer::Full);
    healthy("hello-copy-answered", c).shows("The hello is lost beyond the tap, and its copy is answered.")
}

fn client_ends_with_reset() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.handshake().hello(&hello).sends(Server, &answer(&hello, &[], Answer::Full)).acks(Client);
    c.sends(Client, &[change_cipher_spec(), application_data("client finished", 53)].concat());
    converses(&mut c);
    c.reset(Client);
    healthy("completed-then-client-reset", c)
        .shows("A browser throws a finished connection away with a RST.")
        .rule("The record closes with the handshake: what follows it is only counted.")
}

fn keep_alives_afterwards() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.handshake().hello(&hello).sends(Server, &answer(&hello, &[], Answer::Full)).acks(Client);
    c.sends(Client, &[change_cipher_spec(), application_data("client finished", 53)].concat());
    converses(&mut c);
    for time in [45.0, 90.0] {
        c.at(time).keep_alive(Client).acks(Server);
    }
    c.closes(Client);
    healthy("completed-then-keep-alives", c).shows("An idle connection is kept alive for a minute and a half.")
}

fn port_reused() -> Case {
    let tell = |c: &mut Connection, hello: &ClientHello| {
        c.handshake().hello(hello);
        completes_tls13(c, hello, Answer::Full);
    };
    let mut first = Connection::new();
    tell(&mut first, &ClientHello::tls13("first.example"));
    let mut second = Connection::new().with_client_isn(0x7777_0000).starting_at(5.0);
    tell(&mut second, &ClientHello::tls13("second.example"));
    Case::new("port-reused", Story::of([first, second]))
        .shows("The client uses the same port for a second connection to the same server.")
        .rule("A new SYN with a new ISN is a new flow.")
        .attempt("first.example", "completed")
        .attempt("second.example", "completed")
}

fn hello_from_the_accepting_side() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.handshake().sends(Server, &hello.record());
    c.sends(Client, &answer(&hello, &[], Answer::Full)).acks(Server);
    c.sends(Server, &[change_cipher_spec(), application_data("client finished", 53)].concat());
    c.sends(Client, &application_data("response", 400)).closes(Client);
    healthy("hello-from-the-accepting-side", c)
        .shows("The host that accepted the connection sends the hello, as behind reverse tunnels.")
        .rule("\"Client\" is the hello's sender, whoever sent the SYN; `src_*` is the sender of the hello.")
        .having("src_ip", json!("198.51.100.80"))
        .having("dest_port", json!(49_152))
}

fn inside_http_connect() -> Case {
    let server = Host { port: 8_080, ..Host::server() };
    let mut c = Connection::between(Host::client(), server, Path::NEAR_CLIENT);
    let hello = ClientHello::tls13(NAME);
    c.handshake().sends(Client, b"CONNECT www.example:443 HTTP/1.1\r\nHost: www.example:443\r\n\r\n");
    c.sends(Server, b"HTTP/1.1 200 Connection established\r\n\r\n").acks(Client);
    c.hello(&hello).sends(Server, &answer(&hello, &[], Answer::Full)).acks(Client);
    finishes_tls13(&mut c);
    healthy("inside-http-connect", c)
        .shows("TLS begins inside a tunnel that an HTTP proxy opened on port 8080.")
        .rule("TLS is found by content on any port; a CONNECT layer starts an attempt.")
        .having("dest_port", json!(8_080))
}

fn connections_without_a_hello() -> Case {
    let mut unanswered = Connection::new().from_port(50_001);
    unanswered.middlebox_swallows(Client).syn(&[]);
    let mut raced = Connection::new().from_port(50_002).starting_at(0.3);
    raced.syn(&[]).syn_ack().reset(Client);
    let mut closed = Connection::new().from_port(50_003).starting_at(0.6);
    closed.handshake().at(2.0).closes(Client);
    Case::new("connections-without-a-hello", Story::of([unanswered, raced, closed]))
        .shows(
            "A SYN without an answer, a connection that lost a race of two address families, and a preconnection that \
                was never used.",
        )
        .rule("TCP attempts that never reach a ClientHello are counted by server address, and are no attempts.")
}

fn plain_http() -> Case {
    let mut c = Connection::new();
    c.handshake().sends(Client, b"GET / HTTP/1.1\r\nHost: www.example\r\n\r\n");
    c.sends(Server, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").acks(Client).closes(Server);
    Case::new("plain-http", Story::of([c]))
        .shows("HTTP in clear on port 443, with its answer.")
        .rule("TLS is found by content: where no hello is, no attempt is.")
}
