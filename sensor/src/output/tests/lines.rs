//! `eve.json`, line by line.

use super::*;
use crate::output::Summary;
use crate::output::eve::Eve;
use dissectors::attempt::{Acked, Alert, Conflict};
use dissectors::packet::{IcmpError, Quote};
use dissectors::tcp::half::{Fin, Reset};
use dissectors::tcp::seq::Seq;
use rules::outcome::Reason;
use serde_json::{Value, json};

/// The lines of these events, as text.
fn text(options: Options, events: &[Made]) -> String {
    let (mut eve, mut out) = (Eve::new(options), Vec::new());
    events.iter().for_each(|made| eve.event(&made.event(), &mut out));
    String::from_utf8(out).unwrap()
}

/// The lines of these events, read back.
fn lines(options: Options, events: &[Made]) -> Vec<Value> {
    text(options, events).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn line(made: Made) -> Value {
    lines(Options::default(), &[made]).pop().unwrap()
}

fn full() -> Options {
    Options { full: true, ..Options::default() }
}

#[test]
fn a_healthy_attempt_byte_by_byte() {
    let again = text(Options::default(), &[completed("example.com"), completed("example.com")]);
    let golden = concat!(
        r#"{"timestamp":"2019-07-17T10:00:00.000123+0000","flow_id":77,"pcap_cnt":4,"event_type":"tls","#,
        r#""src_ip":"128.232.110.120","src_port":34855,"dest_ip":"66.35.250.204","dest_port":80,"proto":"TCP","#,
        r#""community_id":"1:LQU9qZlK+B5F3KDmev6m5PMibrg=","capture_file":"captures/one.pcap","#,
        r#""tls":{"version":"TLS 1.2","sni":"example.com","ja3":{"hash":"c47d0926747773ee20a2a3dd1a52f1aa"},"#,
        r#""ja4":"JA4","ja3s":{"hash":"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"},"#,
        r#""client_alpns":["h2","http/1.1","a\\x22b"],"server_alpns":["h2"],"#,
    );
    let hello = client_hello("example.com");
    let golden = golden.replace("c47d0926747773ee20a2a3dd1a52f1aa", &hello.ja3.unwrap().to_string());
    let golden = golden.replace("JA4", hello.ja4.unwrap().as_str());
    let second = again.lines().nth(1).unwrap();
    assert!(second.starts_with(&golden), "{second}\n{golden}");
    let [leaf, intermediate] = &CHAIN[..] else { panic!("two certificates") };
    let own = format!(
        concat!(
            r#""hushwire":{{"outcome":"completed","hello_to_answer":0.04,"version":"0x0303","cipher":"0xc02f","#,
            r#""ech":"ech","chain":[{{"sha256":"{}"}},{{"sha256":"{}"}}],"vantage":"mid_path","history":"CsxF"}}}}"#
        ),
        dissectors::x509::Hex(&leaf.sha256),
        dissectors::x509::Hex(&intermediate.sha256),
    );
    assert!(second.ends_with(&own), "{second}\n{own}");
}

#[test]
fn the_leafs_fields_have_suricatas_forms() {
    let tls = &line(completed("example.com"))["tls"];
    let leaf = &CHAIN[0];
    let facts = leaf.facts().unwrap();
    assert_eq!(tls["subject"], *facts.subject.text);
    assert_eq!(tls["issuerdn"], *facts.issuer.text);
    assert_eq!(tls["serial"].as_str().unwrap().replace(':', "").to_lowercase(), facts.serial_hex());
    let fingerprint = tls["fingerprint"].as_str().unwrap();
    assert_eq!(fingerprint.len(), 59);
    assert_eq!(fingerprint.replace(':', ""), dissectors::x509::Hex(leaf.sha1()).to_string());
    let date = tls["notbefore"].as_str().unwrap();
    assert!(date.starts_with("20") && date.len() == 19 && date.contains('T'), "{date}");
}

#[test]
fn the_leaf_is_told_again_as_it_was_told_first() {
    let told = lines(Options::default(), &[completed("a.example"), completed("a.example"), completed("b.example")]);
    for key in ["subject", "issuerdn", "serial", "fingerprint", "notbefore", "notafter"] {
        assert!(told[0]["tls"][key].is_string());
        assert!(told.iter().all(|line| line["tls"][key] == told[0]["tls"][key]), "{key}");
    }
}

#[test]
fn a_certificate_is_whole_once_and_wherever_a_finding_stands() {
    let healthy = completed("example.com");
    let proven = healthy.clone().notice(Action::Allowed, "blocklisted_chain", Level::Proven);
    let events = [healthy.clone(), healthy.clone(), proven, healthy];
    let is_whole = |line: &Value| {
        let chain = line["hushwire"]["chain"].as_array().unwrap();
        assert_eq!(chain.len(), 2);
        chain.iter().all(|entry| entry["subject"].is_string() && entry["sha1"].is_string())
    };
    let told: Vec<_> = lines(Options::default(), &events).iter().map(is_whole).collect();
    assert_eq!(told, [true, false, true, true, false], "first sight; not again; record and alert; not again");
    assert!(lines(full(), &events).iter().all(is_whole));
    let forgetful = Options { shown_certificates: 1, ..Options::default() };
    assert!(lines(forgetful, &events).iter().all(is_whole), "no room for both: each is shown once more");
}

#[test]
fn the_story_is_told_where_it_did_not_simply_complete() {
    let has_story = |line: &Value| {
        let own = &line["hushwire"];
        let told = [own["timeline"].is_array(), own["client"].is_object(), line["tls"]["ja3"]["string"].is_string()];
        assert!(told.iter().all(|one| *one == told[0]), "all or nothing: {line}");
        told[0]
    };
    assert!(!has_story(&line(completed("a.example"))));
    assert!(has_story(&line(completed("a.example").silent(12_500))));
    assert!(has_story(&line(completed("a.example").with(|_, decision| decision.outcome = Outcome::Answered))));
    assert!(lines(full(), &[completed("a.example")]).iter().all(has_story));
}

#[test]
fn a_silence_states_what_it_rests_on() {
    let silent = completed("a.example").silent(12_500).tcp(|facts| {
        facts.retransmissions = vec![at(200), at(600)].into();
        facts.retransmission_count = 2;
        facts.hello_acked = Acked::Part;
    });
    let own = &line(silent)["hushwire"];
    assert_eq!(own["outcome"], "silence_after_hello");
    assert_eq!(own["strength"], "hard");
    assert_eq!(own["silence"], json!({"seconds": 12.5, "censored": true}));
    assert_eq!(own["hello_acked"], "part");
    assert_eq!(own["retransmissions"], 2);
    assert_eq!(own["client"]["ttl"], 64);
    let events: Vec<_> =
        own["timeline"].as_array().unwrap().iter().map(|one| (one["t"].to_string(), one["event"].clone())).collect();
    let expected = [
        ("-0.1", "syn"),
        ("-0.05", "syn_ack"),
        ("0", "hello"),
        ("0.2", "hello_retransmission"),
        ("0.6", "hello_retransmission"),
        ("12.5", "witness"),
    ];
    assert_eq!(events, expected.map(|(t, event)| (t.to_owned(), json!(event))));
}

/// A reset with an injector's traits, 30 ms after the hello.
fn reset() -> Reset {
    Reset {
        time: at(30),
        frame: 9,
        seq: Seq(5),
        ack: None,
        ack_field: Seq(3),
        ttl: 63,
        ip_id: Some(242),
        dont_fragment: false,
        window: 16,
        payload: 0,
        options: 0,
        expected: None,
    }
}

#[test]
fn everything_in_a_timeline_is_in_order_and_says_who() {
    let reset = reset();
    let router = "192.0.2.9".parse().unwrap();
    let made = completed("a.example").with(|_, decision| decision.outcome = Outcome::TlsAlert).tcp(|facts| {
        facts.server.resets = vec![reset].into();
        facts.server.reset_count = 3;
        facts.client.fin = Some(Fin { time: at(70), frame: 12, seq: Seq(9), ttl: 64 });
        facts.quotes.push((at(20), Quote { error: IcmpError::TooBig(1280), reporter: router, seq: None }));
        facts.tls.alerts.push(Alert { from: Side::Server, level: 2, description: 40, time: at(65) });
        // Opened by the server's side: a simultaneous or reversed open.
        facts.client.syn.as_mut().unwrap().frame = 3;
    });
    let own = &line(made)["hushwire"];
    let expected = json!([
        {"t": -0.1, "from": "client", "event": "syn_ack", "ttl": 64},
        {"t": -0.05, "from": "server", "event": "syn", "ttl": 50},
        {"t": 0, "from": "client", "event": "hello"},
        {"t": 0.02, "event": "icmp_too_big", "reporter": "192.0.2.9", "mtu": 1280},
        {"t": 0.03, "from": "server", "event": "rst", "ttl": 63},
        {"t": 0.04, "from": "server", "event": "answer", "ttl": 50},
        {"t": 0.06, "from": "server", "event": "last_new_byte"},
        {"t": 0.065, "from": "server", "event": "alert", "level": 2, "description": 40, "alert": "handshake_failure"},
        {"t": 0.07, "from": "client", "event": "fin", "ttl": 64},
    ]);
    assert_eq!(own["timeline"], expected);
    let server = &own["server"];
    assert_eq!(server["reset_count"], 3);
    let stated = json!([{"frame": 9, "seq": 5, "ack": 3, "ack_flag": false, "ttl": 63, "ip_id": 242, "df": false,
                         "window": 16}]);
    assert_eq!(server["resets"], stated);
}

#[test]
fn an_alert_is_taken_back_by_name() {
    let early = completed("a.example").silent(12_500).told(Moment::Unanswered, 12_500);
    let raised = early.notice(Action::Allowed, "silence_after_hello", Level::Hard);
    let answered = completed("a.example").told(Moment::Answered, 14_000);
    let withdrawn = answered.notice(Action::Withdrawn, "silence_after_hello", Level::Hard);
    let told = lines(Options::default(), &[raised, withdrawn]);
    assert_eq!(told.len(), 2, "neither is the attempt's record");
    let alert = json!({
        "action": "allowed", "gid": 1, "signature_id": 7_000_001, "rev": rule("silence_after_hello").revision,
        "signature": "silence after ClientHello", "category": "handshake-silence", "severity": 2,
        "metadata": {"detector": ["silence_after_hello"], "level": ["hard"]},
    });
    assert_eq!(told[0]["event_type"], "alert");
    assert_eq!(told[0]["alert"], alert);
    assert_eq!(told[0]["app_proto"], "tls");
    assert_eq!(told[0]["tls"]["sni"], "a.example");
    assert_eq!(told[0]["hushwire"]["told_after"], 12.5);
    let evidence = json!([
        {"name": "silence_at_least", "value": 12.5, "weight": 2},
        {"name": "ttl_step", "value": 13, "weight": 1},
        {"name": "retransmitted_at", "value": [0.2, 0.6], "weight": 0},
        {"name": "label", "value": "a \"root\"", "weight": 0},
    ]);
    assert_eq!(told[0]["hushwire"]["evidence"], evidence);
    assert_eq!(told[1]["alert"]["action"], "withdrawn");
    for key in ["flow_id", "timestamp", "pcap_cnt", "src_port"] {
        assert_eq!(told[0][key], told[1][key], "{key}");
    }
    for line in &told {
        assert_eq!(
            (&line["hushwire"]["detector"], &line["hushwire"]["level"]),
            (&json!("silence_after_hello"), &json!("hard"))
        );
    }
}

fn rule(name: &str) -> &'static rules::finding::Rule {
    rules().find(|rule| rule.name == name).unwrap()
}

#[test]
fn frames_are_numbered_in_their_own_file() {
    let made = completed("a.example").silent(12_500).tcp(|facts| {
        facts.server.resets = vec![Reset { frame: 9, ..reset() }].into();
        facts.server.reset_count = 1;
    });
    let (mut eve, mut out) = (Eve::new(Options::default()), Vec::new());
    eve.event(&Event { first_frame: 3, ..made.event() }, &mut out);
    let told: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&told["pcap_cnt"], &told["hushwire"]["server"]["resets"][0]["frame"]), (&json!(2), &json!(7)));
}

#[test]
fn a_telling_without_a_notice_before_the_close_is_no_line() {
    let early = completed("a.example").told(Moment::Unanswered, 12_500);
    assert_eq!(text(Options::default(), &[early]), "");
}

#[test]
fn quic_has_an_object_of_its_own() {
    let healthy = line(completed_quic("q.example"));
    assert_eq!((&healthy["event_type"], &healthy["proto"]), (&json!("quic"), &json!("UDP")));
    assert_eq!((&healthy["quic"]["version"], &healthy["quic"]["sni"]), (&json!("1"), &json!("q.example")));
    assert!(healthy["quic"]["ja4"].as_str().unwrap().starts_with('q'));
    assert_eq!(healthy["hushwire"]["client_alpns"][1], "http/1.1");
    let silent = completed_quic("q.example").with(|attempt, decision| {
        decision.outcome = Outcome::SilenceAfterHello;
        attempt.hello.count = 2;
    });
    let timeline = line(silent)["hushwire"]["timeline"].clone();
    assert_eq!(timeline, json!([{"t": 0, "from": "client", "event": "hello"}, {"t": 0.09, "event": "completed"}]));
}

#[test]
fn the_servers_half_alone_is_a_line_too() {
    let made = completed("a.example").with(|attempt, decision| {
        attempt.hello = Hello::default();
        decision.outcome = Outcome::Unresolved;
        decision.reason = Some(Reason::OneSided);
    });
    let told = line(made);
    assert_eq!(told["hushwire"]["reason"], "one_sided");
    assert_eq!(told["hushwire"]["version"], "0x0303");
    assert!(told["tls"].get("sni").is_none() && told["tls"].get("ja3").is_none());
    assert!(!told["hushwire"]["timeline"].to_string().contains("hello"), "it was never whole");
}

#[test]
fn names_that_disagree_are_all_written() {
    let made = completed("a.example").with(|attempt, _| {
        attempt.hello.conflicting_names = vec!["decoy.example".into()].into();
        attempt.hello.conflict = Some(Conflict::Ttl);
    });
    let own = &line(made)["hushwire"];
    assert_eq!(own["conflicting_names"], json!(["decoy.example"]));
    assert_eq!(own["conflict"], "ttl");
}

#[test]
fn a_certificate_that_cannot_be_read_keeps_its_hashes() {
    let made = completed("a.example").with(|attempt, _| attempt.chain = vec![Arc::new(Certificate::new(b"no DER"))]);
    let told = line(made);
    let entry = &told["hushwire"]["chain"][0];
    assert!(entry["sha256"].is_string() && entry["sha1"].is_string() && entry["malformed"].is_string());
    assert!(told["tls"]["fingerprint"].is_string() && told["tls"].get("subject").is_none());
}

#[test]
fn statistics_are_a_line() {
    let mut summary = Summary { packets: 10, bytes: 999, flows: 3, ..Summary::default() };
    summary.count(&completed("a.example").event());
    summary.malformed.insert("ipv4", 2);
    summary.capture.dropped = 4;
    let mut out = Vec::new();
    Eve::new(Options::default()).stats(HELLO, &summary, &mut out);
    let told: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(told["event_type"], "stats");
    assert_eq!(told["stats"]["capture"], json!({"kernel_packets": 10, "kernel_drops": 4}));
    assert_eq!(told["stats"]["decoder"], json!({"pkts": 10, "bytes": 999, "invalid": 2}));
    assert_eq!(told["hushwire"]["outcomes"], json!({"completed": 1}));
}
