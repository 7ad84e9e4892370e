//! Answers that come late, and silences that turn out to be none.

use super::{Tell, backoff};
use crate::case::Case;
use crate::net::Side::{Client, Server};
use crate::story::{Connection, Fate, Story};
use crate::tls::{
    Answer, ClientHello, answer, change_cipher_spec, completes_tls13, finishes_tls13, handshake_record,
    sealed_handshake, server_hello_tls12,
};

const NAME: &str = "slow.example";
const LATE: &str = "If the first answer came 3 s or more after the hello, `late_answer` replaces 1 to 4 and `answer` keeps \
                    what it replaced.";

pub(super) const CASES: &[Tell] =
    &[answer_at_12s, answer_at_12s_after_the_alert, answer_after_six_copies, answer_after_the_servers_fin];

fn late(name: &'static str, connection: Connection) -> Case {
    Case::new(name, Story::of([connection]))
        .rule(LATE)
        .attempt(NAME, "late_answer")
        .containing("\"answer\":\"completed\"")
}

fn answer_at_12s() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.handshake().hello(&hello).acks(Server).at(12.0).sends(Server, &answer(&hello, &[], Answer::Full)).acks(Client);
    finishes_tls13(&mut c);
    late("late-answer", c).shows("The server acknowledges the hello at once and answers after 12 s.")
}

fn answer_at_12s_after_the_alert() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.handshake().hello(&hello).acks(Server).at(10.5).keep_alive(Client).acks(Server);
    c.at(12.0).sends(Server, &answer(&hello, &[], Answer::Full)).acks(Client);
    finishes_tls13(&mut c);
    late("late-answer-after-the-alert", c)
        .shows("The same with a keep-alive at 10.5 s: a hard silence is witnessed, and then there is an answer.")
        .rule(
            "A hard silence alerts at its witness. If an answer comes later, a second `alert` event with `action: \
               withdrawn` names it.",
        )
        .alert("silence_after_hello", "hard", NAME)
        .withdrawn("silence_after_hello", NAME)
}

fn answer_after_six_copies() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello::tls13(NAME);
    c.handshake().fates(&[Fate::Lost; 6]).hello(&hello).retransmits(Client, &backoff(5));
    c.retransmits(Client, &[9.6]);
    completes_tls13(&mut c, &hello, Answer::Full);
    late("late-answer-after-six-copies", c)
        .shows("Five copies of the hello are lost beyond the tap; the sixth arrives and is answered at 9.7 s.")
        .rule("The number of retransmissions is evidence and never shortens a deadline.")
}

fn answer_after_the_servers_fin() -> Case {
    let mut c = Connection::new();
    let hello = ClientHello { session_id: vec![0x5e; 32], ticket: vec![0x71; 176], ..ClientHello::tls12(NAME) };
    let flight = [
        handshake_record(&server_hello_tls12(&hello, Answer::Resumed)),
        change_cipher_spec(),
        sealed_handshake("server finished", 40),
    ];
    c.handshake().hello(&hello).acks(Server).fates(&[Fate::LostBeforeTap]).sends(Server, &flight.concat());
    c.fates(&[Fate::LostBeforeTap; 6]).retransmits(Server, &backoff(6));
    c.at(20.0).fin(Server).acks(Client).retransmits(Server, &[33.0]);
    c.sends(Client, &[change_cipher_spec(), sealed_handshake("client finished", 40)].concat()).fin(Client).acks(Server);
    late("late-answer-after-the-servers-fin", c)
        .shows("The server's answer and six copies of it are lost before the tap; its FIN comes at 20 s, the answer at 33 s.")
        .rule("Deciding at 10 s would accuse healthy flows. A FIN beyond bytes not seen closes nothing before them.")
        .alerts_cancel_out()
}
