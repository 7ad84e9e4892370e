//! Connections from the first datagram on: what is reported, in which order, and what is known in the end.

use super::make::{Header, Watched, client_hello, close, crypto, id, retry_random, server_hello, short};
use crate::quic::Side::{Client, Server};
use crate::quic::{MAX_OPENED, Side, Taken, Version};
use crate::time::Time;

const FIRST: &[u8] = b"original";
const CLIENT_ID: &[u8] = b"me";
const SERVER_ID: &[u8] = b"server";

fn to_server() -> Header {
    Header::new(FIRST, CLIENT_ID)
}

fn to_client() -> Header {
    Header::new(CLIENT_ID, SERVER_ID)
}

fn hello() -> Vec<u8> {
    client_hello("example.net", 0)
}

/// The client's first datagram, with its whole hello.
fn first() -> Vec<u8> {
    to_server().initial(Client, FIRST, 0, &crypto(&hello(), 0, hello().len()))
}

/// The server's Initial packet with its hello, in answer to keys from `keyed`.
fn answer(keyed: &[u8]) -> Vec<u8> {
    let hello = server_hello(&[9; 32]);
    to_client().initial(Server, keyed, 0, &crypto(&hello, 0, hello.len()))
}

#[test]
fn a_whole_handshake() {
    let mut watched = Watched::default();
    let coalesced = [answer(FIRST), to_client().handshake(), short(CLIENT_ID)].concat();
    let finished = [Header::new(SERVER_ID, CLIENT_ID).handshake(), short(SERVER_ID)].concat();
    let log = watched.all(&[(Client, first()), (Server, coalesced), (Client, finished), (Server, short(CLIENT_ID))]);
    assert_eq!(log, ["clientinitial", "hello example.net", "answer", "server hello 0x304", "completed"]);

    let facts = watched.connection.facts();
    assert_eq!((facts.version, facts.negotiated), (Version::V1, Some(Version::V1)));
    assert_eq!((facts.first_dcid, facts.client_scid), (Some(id(FIRST)), Some(id(CLIENT_ID))));
    assert_eq!(facts.server_scid, Some(id(SERVER_ID)));
    assert_eq!(facts.hello, Some(Time::new(1, 0)));
    assert_eq!((facts.server_hello, facts.server.first), (Some(Time::new(2, 0)), Some(Time::new(2, 0))));
    assert_eq!(facts.completed, Some(Time::new(3, 0)));
    let (client, server) = (facts.client, facts.server);
    assert_eq!((client.datagrams, client.initials, client.handshakes, client.short), (2, 1, 1, 1));
    assert_eq!((server.datagrams, server.initials, server.handshakes, server.short), (2, 1, 1, 2));
    assert_eq!(facts.damage, Default::default());
}

/// RFC 9287: a short header may lack its fixed bit, and is known by whom it names.
#[test]
fn short_headers_without_their_bit() {
    let greased = |id: &[u8]| [&[0x01], id, &[0x99; 40]].concat();
    let mut watched = Watched::default();
    watched.all(&[(Client, first()), (Server, [answer(FIRST), greased(CLIENT_ID)].concat())]);
    watched.all(&[(Client, greased(b"who?"))]);
    assert_eq!((watched.connection.facts().client.foreign, watched.connection.facts().completed), (1, None));
    assert_eq!(watched.all(&[(Client, greased(SERVER_ID))]), ["completed"]);
}

#[test]
fn a_hello_over_four_datagrams_out_of_order() {
    let hello = client_hello("example.net", 3000);
    let mut datagrams: Vec<_> = hello
        .chunks(1000)
        .zip(0u32..)
        .map(|(piece, number)| {
            let from = number as usize * 1000;
            (Client, to_server().initial(Client, FIRST, number, &crypto(&hello, from, from + piece.len())))
        })
        .collect();
    assert_eq!(datagrams.len(), 4);
    datagrams.swap(0, 3);
    let mut watched = Watched::default();
    assert_eq!(watched.all(&datagrams[..3]), ["clientinitial"; 3]);
    assert_eq!(watched.all(&datagrams[3..]), ["clientinitial", "hello example.net"]);
    assert_eq!(watched.connection.facts().hello, Some(Time::new(4, 0)), "the clock starts at the last missing byte");
}

#[test]
fn silence() {
    let mut watched = Watched::default();
    let probe = to_server().initial(Client, FIRST, 3, &[1, 0, 0, 0]);
    let log = watched.all(&[(Client, first()), (Client, first()), (Client, probe), (Client, first())]);
    assert_eq!(log, ["clientinitial", "hello example.net", "clientinitial", "clientinitial", "clientinitial"]);
    let facts = watched.connection.facts();
    let client = facts.client;
    assert_eq!((client.initials, client.repeated, client.unanswered), (4, 2, 4));
    assert_eq!((client.first_initial, client.last_initial), (Some(Time::new(1, 0)), Some(Time::new(4, 0))));
    assert_eq!(client.unanswered_since, Some(Time::new(1, 0)));
    assert_eq!((facts.hellos, facts.server), (1, Default::default()));
}

#[test]
fn silence_after_the_server_began() {
    let mut watched = Watched::default();
    let stuck = Header::new(SERVER_ID, CLIENT_ID).handshake();
    watched.all(&[(Client, first()), (Server, answer(FIRST)), (Client, stuck.clone()), (Client, stuck)]);
    let facts = watched.connection.facts();
    assert_eq!((facts.client.unanswered, facts.client.unanswered_since), (2, Some(Time::new(3, 0))));
    assert_eq!((facts.server.unanswered, facts.completed), (0, None));
}

#[test]
fn retry_changes_the_keys() {
    const NEW: &[u8] = b"from the retry";
    let mut watched = Watched::default();
    let retry = Header::new(CLIENT_ID, NEW).token(b"token").retry();
    let again = |dcid: &[u8]| {
        let header = Header::new(dcid, CLIENT_ID).token(b"token");
        header.initial(Client, dcid, 1, &crypto(&hello(), 0, hello().len()))
    };
    let log = watched.all(&[(Client, first()), (Server, retry.clone()), (Client, again(NEW))]);
    assert_eq!(log, ["clientinitial", "hello example.net", "answer", "retry", "clientinitial"]);
    let log = watched.all(&[(Client, first()), (Server, answer(NEW)), (Server, retry)]);
    assert_eq!(
        log,
        ["clientinitial", "server hello 0x304"],
        "a copy from before the Retry does not bring old keys back"
    );
    let facts = watched.connection.facts();
    assert_eq!((facts.retry, facts.hellos, facts.token), (Some(Time::new(2, 0)), 1, false));
    assert_eq!(
        (facts.damage.misplaced, facts.server.foreign),
        (1, 1),
        "a Retry after the server began counts for nothing"
    );
}

#[test]
fn a_retry_that_was_not_captured() {
    const NEW: &[u8] = b"from the retry";
    let mut watched = Watched::default();
    let again = Header::new(NEW, b"").token(b"token").initial(Client, NEW, 1, &crypto(&hello(), 0, hello().len()));
    let begin = Header::new(FIRST, b"").initial(Client, FIRST, 0, &crypto(&hello(), 0, hello().len()));
    watched.all(&[(Client, begin), (Client, again)]);
    assert_eq!((watched.connection.facts().hellos, watched.connection.facts().client.repeated), (1, 1));
}

#[test]
fn version_negotiation_begins_another_handshake() {
    let reserved = Version(0x1a2a_3a4a);
    let header = to_server().version(reserved);
    let first = header.initial(Client, FIRST, 0, &crypto(&hello(), 0, hello().len()));
    let negotiation = Header::new(CLIENT_ID, FIRST).version_negotiation(&[Version::V1, Version::V2]);
    let other = client_hello("example.net", 40);
    let second = to_server().version(Version::V2).initial(Client, FIRST, 1, &crypto(&other, 0, other.len()));
    let answer = to_client().version(Version::V2);
    let server = server_hello(&[9; 32]);
    let answer = answer.initial(Server, FIRST, 0, &crypto(&server, 0, server.len()));

    let mut watched = Watched::default();
    let log = watched.all(&[(Client, first.clone()), (Server, negotiation.clone()), (Client, second), (Client, first)]);
    let hello = ["clientinitial", "hello example.net"];
    assert_eq!(log, [&hello[..], &["answer", "versions 2"], &hello, &["clientinitial"]].concat());
    assert_eq!(watched.all(&[(Server, answer), (Server, negotiation)]), ["server hello 0x304"]);
    let facts = watched.connection.facts();
    assert_eq!((facts.version, facts.final_version(), facts.hellos), (reserved, Version::V2, 2));
    assert_eq!((facts.version_negotiation, facts.damage.misplaced), (Some(Time::new(2, 0)), 1));
}

#[test]
fn version_negotiation_for_somebody_else_is_misplaced() {
    let mut watched = Watched::default();
    let stray = Header::new(CLIENT_ID, b"somebody else").version_negotiation(&[Version::V1]);
    assert_eq!(watched.all(&[(Client, first()), (Server, stray)]), ["clientinitial", "hello example.net"]);
    let facts = watched.connection.facts();
    assert_eq!((facts.version_negotiation, facts.damage.misplaced, facts.server.foreign), (None, 1, 1));
}

/// RFC 9369, section 4: a server may go on in version 2 at once, and keys follow the version of each packet.
#[test]
fn compatible_negotiation() {
    let mut watched = Watched::default();
    let server = server_hello(&[9; 32]);
    let answer = to_client().version(Version::V2).initial(Server, FIRST, 0, &crypto(&server, 0, server.len()));
    let log = watched.all(&[(Client, first()), (Server, answer)]);
    assert_eq!(log, ["clientinitial", "hello example.net", "answer", "server hello 0x304"]);
    let facts = watched.connection.facts();
    assert_eq!((facts.version, facts.final_version()), (Version::V1, Version::V2));
    let follows = Header::new(SERVER_ID, CLIENT_ID).version(Version::V2);
    let acknowledges = follows.initial(Client, FIRST, 1, &[2, 0, 0, 0, 0, 0]);
    let last = [acknowledges, follows.handshake(), short(SERVER_ID)].concat();
    assert_eq!(watched.all(&[(Client, last), (Server, short(CLIENT_ID))]), ["clientinitial", "completed"]);
    assert_eq!(watched.connection.facts().damage, Default::default());
}

#[test]
fn another_hello_is_asked_for() {
    let (hello, other) = (hello(), client_hello("example.net", 40));
    let stream = [hello.clone(), other].concat();
    let second = crypto(&stream, hello.len(), stream.len());
    let second = Header::new(SERVER_ID, CLIENT_ID).initial(Client, FIRST, 1, &second);
    let retry = server_hello(&retry_random());
    let answers = [retry.clone(), server_hello(&[9; 32])].concat();
    let asks = to_client().initial(Server, FIRST, 0, &crypto(&answers, 0, retry.len()));
    let agrees = to_client().initial(Server, FIRST, 1, &crypto(&answers, retry.len(), answers.len()));
    let mut watched = Watched::default();
    let log = watched.all(&[(Client, first()), (Server, asks), (Client, second), (Server, agrees)]);
    let client = ["clientinitial", "hello example.net"];
    assert_eq!(log, [&client[..], &["answer", "hello retry"], &client, &["server hello 0x304"]].concat());
    let facts = watched.connection.facts();
    assert_eq!((facts.hellos, facts.hello), (2, Some(Time::new(1, 0))));
    assert_eq!((facts.hello_retry, facts.server_hello), (Some(Time::new(2, 0)), Some(Time::new(4, 0))));
}

#[test]
fn an_alert_closes() {
    let mut watched = Watched::default();
    let refusal = to_client().initial(Server, FIRST, 0, &close(0x178));
    let log = watched.all(&[(Client, first()), (Server, refusal)]);
    assert_eq!(log, ["clientinitial", "hello example.net", "answer", "close 0x178"]);
    let close = watched.connection.facts().close.unwrap();
    assert_eq!((close.sender, close.alert()), (Server, Some(120)), "no application protocol");
    for (code, alert) in [(0, None), (0xff, None), (0x100, Some(0)), (0x1ff, Some(255)), (0x200, None)] {
        assert_eq!(crate::quic::Close { code, ..close }.alert(), alert);
    }
}

#[test]
fn early_data() {
    let mut watched = Watched::default();
    let datagram = [first(), to_server().zero_rtt()].concat();
    watched.all(&[(Client, datagram), (Client, to_server().zero_rtt())]);
    let client = watched.connection.facts().client;
    assert_eq!((client.datagrams, client.initials, client.zero_rtt), (2, 1, 2));
}

/// Without the client's first packet nobody can read the server's: that is all that is known.
#[test]
fn the_servers_side_alone() {
    let mut watched = Watched::default();
    let datagram = [answer(FIRST), to_client().handshake()].concat();
    assert_eq!(watched.all(&[(Server, datagram), (Server, short(CLIENT_ID))]), ["answer"]);
    let facts = watched.connection.facts();
    assert_eq!((facts.damage.without_keys, facts.server_hello, facts.hello), (1, None, None));
    assert_eq!((facts.version, facts.first_dcid, facts.completed), (Version::V1, None, None));
    assert_eq!((facts.server.initials, facts.server.handshakes, facts.server.short), (1, 1, 1));
}

/// Acknowledging the client's packets is no answer to its hello, which may not even be whole.
#[test]
fn an_acknowledgement_is_no_answer() {
    let hello = client_hello("example.net", 1500);
    let packet = |number, from, to| (Client, to_server().initial(Client, FIRST, number, &crypto(&hello, from, to)));
    let acknowledges = to_client().initial(Server, FIRST, 0, &[2, 0, 0, 0, 0, 0, 0]);
    let mut watched = Watched::default();
    watched.all(&[packet(0, 0, 1000), (Server, acknowledges), packet(1, 1000, hello.len())]);
    let facts = watched.connection.facts();
    assert_eq!((facts.answer, facts.server.first), (None, Some(Time::new(2, 0))));
    assert_eq!((facts.server.initials, facts.client.unanswered), (1, 1));
    assert_eq!(watched.all(&[(Server, to_client().handshake())]), ["answer"]);
    assert_eq!(watched.connection.facts().answer, Some(Time::new(4, 0)));
}

/// The two legs of a tap, merged out of order: the answer stands before what it answers.
#[test]
fn the_answer_first() {
    let mut watched = Watched::default();
    let log = watched.all(&[(Server, [answer(FIRST), to_client().handshake()].concat()), (Client, first())]);
    assert_eq!(log, ["answer", "clientinitial", "hello example.net", "server hello 0x304"]);
    let facts = watched.connection.facts();
    assert_eq!((facts.hello, facts.server_hello), (Some(Time::new(2, 0)), Some(Time::new(1, 0))));
    assert_eq!((facts.damage.without_keys, facts.damage.unopened), (1, 0));
}

#[test]
fn another_connection_on_the_same_ports() {
    let mut watched = Watched::default();
    watched.all(&[(Client, first()), (Server, answer(FIRST))]);
    let before = format!("{:?}", watched.connection.facts());
    let other = Header::new(b"another one", b"else");
    let other = other.initial(Client, b"another one", 0, &crypto(&hello(), 0, hello().len()));
    assert_eq!(watched.feed(Client, &other), Taken::Another);
    assert_eq!(format!("{:?}", watched.connection.facts()), before, "nothing was counted");
    assert_eq!(Watched::default().all(&[(Client, other)]), ["clientinitial", "hello example.net"]);
}

#[test]
fn later_packets_of_the_client_stay() {
    let mut watched = Watched::default();
    // One that names the server as the server asked, and one that cannot be read: neither begins anything.
    let acknowledges = Header::new(b"never seen", b"").initial(Client, FIRST, 1, &[2, 0, 0, 0, 0, 0]);
    let foreign = Header::new(b"never seen", b"").initial(Client, b"other keys", 1, &[1, 0, 0, 0]);
    watched.all(&[(Client, first()), (Client, acknowledges), (Client, foreign)]);
    assert_eq!(watched.connection.facts().damage.unopened, 1);
    assert_eq!(watched.connection.facts().client.initials, 3);
}

#[test]
fn a_cut_capture() {
    let mut watched = Watched::default();
    let whole = first();
    for (side, bytes) in [(Client, &whole[..]), (Server, &to_client().handshake()[..]), (Client, &short(SERVER_ID)[..])]
    {
        let missing = u32::try_from(bytes.len() - 20).unwrap();
        let _ = watched.feed_cut(side, &bytes[..20], missing);
    }
    // Not even a first byte was captured: nobody can tell what it was.
    let _ = watched.feed_cut(Server, &[], 40);
    assert_eq!(watched.log, ["clientinitial", "answer"]);
    let facts = watched.connection.facts();
    assert_eq!((facts.client.initials, facts.client.short, facts.server.handshakes), (1, 1, 1));
    assert_eq!((facts.damage.truncated, facts.client.foreign, facts.server.foreign), (2, 0, 0));
    assert_eq!(facts.client.bytes, (whole.len() + short(SERVER_ID).len()) as u64);
}

#[test]
fn a_broken_packet_behind_a_good_one() {
    let mut watched = Watched::default();
    let broken = to_server().handshake();
    watched.all(&[(Client, [&first()[..], &broken[..17]].concat())]);
    let facts = watched.connection.facts();
    assert_eq!((facts.damage.malformed, facts.client.initials, facts.client.datagrams), (1, 1, 1));
}

#[test]
fn what_is_not_quic_is_foreign() {
    let mut watched = Watched::default();
    let page = b"HTTP/1.1 403 Forbidden\r\n\r\n".to_vec();
    let stun = [&[0, 1, 0, 8][..], &[0; 40]].concat();
    let padded = [first(), vec![0; 300]].concat();
    watched.all(&[(Client, padded), (Server, stun), (Server, vec![]), (Server, vec![0xc0, 0, 0, 0, 1, 50])]);
    let facts = watched.connection.facts();
    assert_eq!((facts.client.foreign, facts.client.short, facts.server.foreign), (0, 0, 3));
    assert_eq!((facts.server.datagrams, facts.server.first, facts.damage.malformed), (0, None, 0));
    // Media on the same ports: half of it looks like long headers of a version that does not exist.
    let media = [&[0x80, 0x60, 0x1b, 0x2c, 0, 0, 0, 1, 0, 0][..], &[9; 60]].concat();
    watched.all(&[(Server, media)]);
    assert_eq!((watched.connection.facts().server.foreign, watched.connection.facts().server.handshakes), (4, 0));
    // Text looks like a short header to anybody who does not know the connection's keys.
    watched.all(&[(Server, page)]);
    assert_eq!(watched.connection.facts().server.short, 1);
}

#[test]
fn other_bytes_in_the_same_place() {
    let (hello, decoy) = (client_hello("example.net", 40), client_hello("example.org", 40));
    let mut watched = Watched::default();
    let packet = |number, frames: &[u8]| to_server().initial(Client, FIRST, number, frames);
    let log = watched.all(&[
        (Client, packet(0, &crypto(&hello, 0, 100))),
        (Client, packet(1, &crypto(&decoy, 0, 100))),
        (Client, packet(2, &crypto(&hello, 100, hello.len()))),
    ]);
    assert_eq!(log, ["clientinitial", "clientinitial", "clientinitial", "hello example.net"]);
    assert_eq!(watched.connection.facts().damage.conflicting, 1);
}

#[test]
fn opening_ends_somewhere() {
    let mut watched = Watched::default();
    let datagrams: Vec<(Side, Vec<u8>)> = (0..MAX_OPENED + 5).map(|_| (Client, first())).collect();
    watched.all(&datagrams);
    let facts = watched.connection.facts();
    assert_eq!((facts.damage.over_limit, facts.client.initials), (5, MAX_OPENED + 5));
}
