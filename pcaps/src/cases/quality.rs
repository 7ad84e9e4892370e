//! Captures that are not whole: begun late, ended early, one-sided, with gaps, cut, or with a clock that jumps.

use serde_json::json;

use super::{Tell, backoff};
use crate::case::Case;
use crate::file::Format;
use crate::net::Side::{Client, Server};
use crate::story::{Connection, Fate, Story};
use crate::tls::{Answer, ClientHello, answer, chains, completes_tls12, completes_tls13, finishes_tls13};

const NAME: &str = "www.example";
const DAY: i64 = 86_400;
const ONE_SIDED: &str = "Without a captured packet of the hello's receiver that acknowledges this client: `one_sided`.";

const NOTHING_LOST: &str = "\"Nothing lost\": no hole and no ACK of unseen bytes in this flow, and a capture-wide gap ratio and \
                            drop-counter step below 0.1 % in the window; else `capture_loss`.";

pub(super) const CASES: &[Tell] = &[
    ends_4s_into_a_silence,
    ends_after_a_soft_witness,
    ends_after_the_answer,
    unwitnessed,
    client_side_only,
    client_side_of_a_silence,
    server_side_only,
    answer_missing,
    gap_after_the_server_hello,
    silence_in_a_capture_with_gaps,
    silence_in_a_capture_with_drops,
    begins_before_the_hello,
    begins_after_the_hello,
    begins_in_the_middle,
    clock_jumps_in_a_silence,
    clock_falls_back_in_a_silence,
    clock_steps_back_a_little,
    snaplen,
];

fn healthy() -> Connection {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.handshake().hello(&hello);
    completes_tls13(&mut c, &hello, Answer::Full);
    c
}

fn swallowed() -> Connection {
    let mut c = Connection::new();
    c.handshake().middlebox_swallows(Client).hello(&ClientHello::tls13(NAME)).retransmits(Client, &backoff(6));
    c.at(20.0).fin(Client);
    c
}

fn ends_4s_into_a_silence() -> Case {
    Case::new("capture-ends-4s-into-a-silence", Story::of([swallowed()]).captured_until(4.08))
        .shows("The capture ends 4 s after the hello; its last copy was seen at 2 s.")
        .rule("A deadline that merely passes makes nothing; the capture ended while the attempt was open: `capture_ended`.")
        .unresolved(NAME, "capture_ended")
}

fn ends_after_a_soft_witness() -> Case {
    Case::new("capture-ends-after-a-soft-witness", Story::of([swallowed()]).captured_until(5.0))
        .shows("The capture ends 5 s into a silence; a copy of the hello at 4.2 s is its witness.")
        .rule("`soft`: witnessed at 3 s or later; no alert unless asked for.")
        .attempt(NAME, "silence_after_hello")
}

fn ends_after_the_answer() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls12(NAME);
    c.handshake().hello(&hello).sends(Server, &answer(&hello, &chains::demo(), Answer::Full)).acks(Client);
    Case::new("capture-ends-after-the-answer", Story::of([c]))
        .shows("The capture ends with the server's flight.")
        .rule("`answered`: the server's handshake came; the capture ended before completion.")
        .attempt(NAME, "answered")
}

fn unwitnessed() -> Case {
    let mut silent = Connection::new();
    silent.handshake().hello(&ClientHello::tls13("silent.example")).acks(Server);
    let mut later = Connection::new().from_port(51_000).starting_at(200.0);
    let hello = ClientHello::tls13(NAME);
    later.handshake().hello(&hello);
    completes_tls13(&mut later, &hello, Answer::Full);
    Case::new("unwitnessed", Story::of([silent, later]))
        .shows("A hello is acknowledged and nothing more is seen of either side, while the capture goes on for 200 s.")
        .rule("A deadline that merely passes makes nothing: no witness, `unwitnessed`.")
        .unresolved("silent.example", "unwitnessed")
        .attempt(NAME, "completed")
}

fn client_side_only() -> Case {
    Case::new("one-sided-healthy", Story::of([healthy()]).captured_only(Client))
        .shows("Only the client's packets of a healthy handshake are captured.")
        .rule(ONE_SIDED)
        .unresolved(NAME, "one_sided")
}

fn client_side_of_a_silence() -> Case {
    Case::new("one-sided-silence", Story::of([swallowed()]).captured_only(Client))
        .shows("Only the client's packets of a silence are captured: it may have been answered.")
        .rule(ONE_SIDED)
        .unresolved(NAME, "one_sided")
}

fn server_side_only() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls12("rcku.kz");
    c.handshake().hello(&hello);
    completes_tls12(&mut c, &hello, &chains::rcku_genuine());
    Case::new("one-sided-server-half", Story::of([c]).captured_only(Server))
        .shows("Only the server's packets are captured: no hello and no name, but version and chain.")
        .rule(
            "An attempt of which only the server's half was captured is recorded too, with the presumed client as \
               `src_*`.",
        )
        .nameless_attempt("unresolved")
        .having("hushwire.reason", json!(["one_sided", "midstream"]))
        .having("hushwire.version", json!("0x0303"))
        .having("hushwire.chain[].sha256", json!(chains::RCKU_GENUINE_LEAF))
        .having("src_ip", json!("192.0.2.10"))
}

fn answer_missing() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    let flight = answer(&hello, &[], Answer::Full);
    c.handshake().hello(&hello).fates(&[Fate::Missed]).sends(Server, &flight).acks(Client);
    finishes_tls13(&mut c);
    Case::new("gap-in-the-answer", Story::of([c]))
        .shows("The capture misses the segment with the ServerHello; the client acknowledges it and goes on.")
        .rule("A client ACK beyond what was captured proves an answer: `capture_loss`.")
        .unresolved(NAME, "capture_loss")
}

fn gap_after_the_server_hello() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    let flight = answer(&hello, &[], Answer::Full);
    c.handshake().hello(&hello).fates(&[Fate::Arrives, Fate::Missed]).sends(Server, &flight).acks(Client);
    finishes_tls13(&mut c);
    Case::new("gap-after-the-server-hello", Story::of([c]))
        .shows("The capture misses the second segment of the server's flight; the client's Finished is there.")
        .rule("`completed`: TLS 1.3, after the final ServerHello a client record of type 23 of 45 bytes or more.")
        .attempt(NAME, "completed")
}

fn silence_in_a_capture_with_gaps() -> Case {
    let names = ["one.example", "two.example", "three.example", "four.example"];
    let others = (0..).zip(&names).map(|(number, name): (u16, &&str)| {
        let mut c = Connection::new().from_port(50_000 + number).starting_at(1.0 + f64::from(number));
        let hello = ClientHello::tls13(name);
        let flight = answer(&hello, &[], Answer::Full);
        c.handshake().hello(&hello).fates(&[Fate::Arrives, Fate::Missed]).sends(Server, &flight).acks(Client);
        finishes_tls13(&mut c);
        c
    });
    let case = Case::new("silence-in-a-capture-with-gaps", Story::of(others.chain([swallowed()])))
        .shows(
            "A silence, and beside it in the same seconds four connections that each lack a segment: the capture loses \
                packets.",
        )
        .rule(NOTHING_LOST)
        .unresolved(NAME, "capture_loss");
    names.iter().fold(case, |case, name| case.attempt(name, "completed"))
}

fn silence_in_a_capture_with_drops() -> Case {
    let story = Story::of([swallowed()]).format(Format::Pcapng).dropped(3);
    Case::new("silence-in-a-capture-with-drops", story)
        .shows("A silence in a pcapng file whose statistics, at its end, count three dropped packets.")
        .rule("A drop counter without times, at the end of a pcapng, applies to the whole file: `capture_loss`.")
        .unresolved(NAME, "capture_loss")
}

fn begins_before_the_hello() -> Case {
    Case::new("midstream-with-hello", Story::of([healthy()]).captured_from(0.08))
        .shows("The capture begins after the SYN and the SYN-ACK, with the client's ACK.")
        .rule("A missing SYN alone decides nothing.")
        .attempt(NAME, "completed")
}

fn begins_after_the_hello() -> Case {
    Case::new("midstream-without-hello", Story::of([healthy()]).captured_from(0.1))
        .shows("The capture begins between the hello and the ServerHello.")
        .rule(
            "An attempt of which only the server's half was captured is recorded: `unresolved`, `one_sided` or \
               `midstream`, with its version.",
        )
        .nameless_attempt("unresolved")
        .having("hushwire.reason", json!("midstream"))
        .having("hushwire.version", json!("0x0304"))
}

fn begins_in_the_middle() -> Case {
    Case::new("midstream-application-data", Story::of([healthy()]).captured_from(0.24))
        .shows("The capture begins after the handshake: application data and an orderly end.")
        .rule("No hello of either side, no attempt.")
}

fn clock_jumps_in_a_silence() -> Case {
    Case::new("clock-jumps-in-a-silence", Story::of([swallowed()]).clock_steps(3.0, DAY))
        .shows("The clock of the capture jumps ahead by a day, 3 s into a silence; the copies go on.")
        .rule("A frame more than 1 h ahead of `now` begins a new clock epoch: open attempts end `unresolved: clock_jump`.")
        .unresolved(NAME, "clock_jump")
        .no_attempt_with("silence_after_hello")
        .further_attempts_allowed()
}

fn clock_falls_back_in_a_silence() -> Case {
    Case::new("clock-falls-back-in-a-silence", Story::of([swallowed()]).clock_steps(3.0, -DAY))
        .shows("The same with a clock that falls back by a day.")
        .rule("A frame more than 60 s behind `now` begins a new clock epoch.")
        .unresolved(NAME, "clock_jump")
        .no_attempt_with("silence_after_hello")
        .further_attempts_allowed()
}

fn clock_steps_back_a_little() -> Case {
    Case::new("clock-steps-back-a-little", Story::of([healthy()]).clock_steps(0.1, -30))
        .shows("The clock is set back by 30 s between the hello and its answer.")
        .rule("Smaller steps back are reordering: `now` stays.")
        .attempt(NAME, "completed")
}

fn snaplen() -> Case {
    Case::new("truncated", Story::of([swallowed()]).snaplen(120))
        .shows("The snapshot length cuts every frame to 120 bytes, and so the hello and its copies.")
        .rule("`unresolved`, the first reason: `truncated`.")
        .attempt_of_any_name("unresolved")
        .having("hushwire.reason", json!("truncated"))
}
