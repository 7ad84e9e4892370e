//! What happened when: a list of events in their order, each with its seconds from the hello and who caused it.

use std::net::IpAddr;

use dissectors::attempt::{Alert, Side, TcpFacts, Transport};
use dissectors::packet::{IcmpError, Quote};
use dissectors::quic::QuicFacts;
use dissectors::tcp::half::HalfFacts;
use dissectors::time::Time;

use super::View;
use crate::output::json::Json;
use crate::output::text::push_address;
use crate::output::words;

/// Something that happened. How many there are is bounded by what the facts keep.
struct Entry {
    time: Time,
    from: Option<Side>,
    event: &'static str,
    detail: Detail,
}

/// What is worth saying of it.
enum Detail {
    None,
    Ttl(u8),
    Alert { level: u8, description: u8 },
    Quote { reporter: IpAddr, error: IcmpError },
    Code(u64),
}

/// `timeline`, if anything happened.
pub(super) fn write(json: &mut Json<'_>, view: &View<'_>) {
    let mut entries = Entries(Vec::new());
    match &view.attempt.transport {
        Transport::Tcp(facts) => entries.tcp(view, facts),
        Transport::Quic(facts) => entries.quic(facts),
    }
    let Entries(mut entries) = entries;
    // Stable: what has one time stamp keeps the order of a handshake, in which it was added.
    entries.sort_by_key(|entry| entry.time);
    json.key("timeline").list(&entries, |json, entry| {
        json.object(|json| {
            json.key("t").offset(entry.time, view.attempt.time);
            if let Some(side) = entry.from {
                json.key("from").word(words::side(side));
            }
            json.key("event").word(entry.event);
            detail(json, view, &entry.detail);
        });
    });
}

fn detail(json: &mut Json<'_>, view: &View<'_>, detail: &Detail) {
    match *detail {
        Detail::None => {}
        Detail::Ttl(ttl) => json.key("ttl").number(ttl),
        Detail::Code(code) => json.key("code").number(code),
        Detail::Alert { level, description } => {
            json.key("level").number(level);
            json.key("description").number(description);
            if let Some(name) = words::alert(description) {
                json.key("alert").text(name);
            }
        }
        Detail::Quote { reporter, error } => {
            json.key("reporter").plain(|out| push_address(out, view.address(reporter)));
            if let IcmpError::TooBig(mtu) = error {
                json.key("mtu").number(mtu);
            }
        }
    }
}

struct Entries(Vec<Entry>);

impl Entries {
    fn add(&mut self, from: Side, event: &'static str, time: Option<Time>) {
        self.0.extend(time.map(|time| Entry { time, from: Some(from), event, detail: Detail::None }));
    }

    fn add_detailed(&mut self, from: Side, event: &'static str, time: Time, detail: Detail) {
        self.0.push(Entry { time, from: Some(from), event, detail });
    }

    fn tcp(&mut self, view: &View<'_>, facts: &TcpFacts) {
        self.opening(facts);
        self.add(Side::Client, "hello", view.hello_time());
        for time in &facts.retransmissions {
            self.add(Side::Client, "hello_retransmission", Some(*time));
        }
        if let Some(answer) = facts.answer {
            self.add_detailed(Side::Server, "answer", answer.time, Detail::Ttl(answer.ttl));
        }
        for Alert { from, level, description, time } in facts.tls.alerts.iter().copied() {
            self.add_detailed(from, "alert", time, Detail::Alert { level, description });
        }
        for (time, Quote { error, reporter, .. }) in facts.quotes.iter().copied() {
            let detail = Detail::Quote { reporter, error };
            self.0.push(Entry { time, from: None, event: words::icmp(error), detail });
        }
        self.add(Side::Server, "last_new_byte", facts.server_progress.filter(|_| facts.answer.is_some()));
        self.closing(Side::Client, &facts.client);
        self.closing(Side::Server, &facts.server);
        self.add(Side::Client, "witness", facts.witness.filter(|_| facts.answer.is_none()));
        self.add(Side::Client, "stall_witness", facts.stall_witness.filter(|_| facts.answer.is_some()));
    }

    /// Whoever sent the first SYN opened the connection; mostly, but not always, the hello's sender.
    fn opening(&mut self, facts: &TcpFacts) {
        let frame = |half: &HalfFacts| half.syn.map(|syn| syn.frame);
        let opened_by_server = matches!((frame(&facts.client), frame(&facts.server)), (Some(c), Some(s)) if s < c);
        let words = if opened_by_server { ("syn_ack", "syn") } else { ("syn", "syn_ack") };
        for (side, word, half) in [(Side::Client, words.0, &facts.client), (Side::Server, words.1, &facts.server)] {
            if let Some(syn) = half.syn {
                self.add_detailed(side, word, syn.time, Detail::Ttl(syn.ttl));
            }
        }
    }

    fn closing(&mut self, side: Side, half: &HalfFacts) {
        if let Some(fin) = half.fin {
            self.add_detailed(side, "fin", fin.time, Detail::Ttl(fin.ttl));
        }
        for reset in &half.resets {
            self.add_detailed(side, "rst", reset.time, Detail::Ttl(reset.ttl));
        }
    }

    fn quic(&mut self, facts: &QuicFacts) {
        self.add(Side::Client, "initial", facts.client.first_initial);
        self.add(Side::Client, "hello", facts.hello);
        self.add(Side::Server, "version_negotiation", facts.version_negotiation);
        self.add(Side::Server, "retry", facts.retry);
        self.add(Side::Server, "first_datagram", facts.server.first);
        self.add(Side::Server, "answer", facts.answer);
        self.add(Side::Server, "hello_retry_request", facts.hello_retry);
        self.add(Side::Server, "server_hello", facts.server_hello);
        self.add(Side::Client, "last_initial", facts.client.last_initial.filter(|_| facts.client.initials > 1));
        if let Some(close) = facts.close {
            self.add_detailed(close.sender, "close", close.time, Detail::Code(close.code));
        }
        self.0.extend(facts.completed.map(|time| Entry { time, from: None, event: "completed", detail: Detail::None }));
        self.add(Side::Server, "last_datagram", facts.server.last.filter(|_| facts.server.datagrams > 1));
        self.add(Side::Client, "last_datagram", facts.client.last.filter(|_| facts.client.datagrams > 1));
    }
}

impl View<'_> {
    /// When the hello was whole, if it was.
    fn hello_time(&self) -> Option<Time> {
        self.attempt.hello.first.is_some().then_some(self.attempt.time)
    }
}
