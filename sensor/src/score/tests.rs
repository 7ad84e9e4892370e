//! Labels and tellings, joined.

use super::expect::Conditions;
use super::labels::Labels;
use super::*;

const LABELS: &str = "\
proto,src_ip,src_port,dest_ip,dest_port,time,name,action,expected_client,waits_for
tcp,192.0.2.1,1000,198.51.100.1,443,2026-01-01T00:00:00Z,a.example,drop,silence_after_hello,
tcp,192.0.2.1,1000,198.51.100.1,443,2026-01-01T00:10:00Z,b.example,pass,,
udp,192.0.2.1,1000,198.51.100.1,443,2026-01-01T00:00:00Z,c.example,reset,reset_after_hello,
tcp,192.0.2.1,1001,198.51.100.1,443,2026-01-01T00:00:00Z,d.example,pass,,
tcp,192.0.2.1,1002,198.51.100.1,443,2026-01-01T00:00:00Z,e.example,pass,silence_after_hello,
tcp,192.0.2.1,1003,198.51.100.1,443,2026-01-01T00:00:00Z,f.example,throttle,,throttled
tcp,192.0.2.1,1004,198.51.100.1,443,2026-01-01T00:00:00Z,g.example,intercept,blocklisted_chain,
";

fn line(port: u16, proto: &str, time: &str, more: &str) -> String {
    format!(
        "{{\"event_type\":\"tls\",\"flow_id\":{port},\"timestamp\":\"{time}\",\"src_ip\":\"192.0.2.1\",\"src_port\":{port},\
         \"dest_ip\":\"198.51.100.1\",\"dest_port\":443,\"proto\":\"{proto}\",\"hushwire\":{{{more}}}}}\n"
    )
}

fn alert(flow: u16, detector: &str, action: &str) -> String {
    format!(
        "{{\"event_type\":\"alert\",\"flow_id\":{flow},\"alert\":{{\"action\":\"{action}\"}},\
         \"hushwire\":{{\"detector\":\"{detector}\"}}}}\n"
    )
}

fn score(eve: &str) -> Score {
    Score::of(Labels::read(LABELS, Some("client")).unwrap().labels, told::read(eve).unwrap())
}

fn marks(score: &Score) -> Vec<&'static str> {
    score.rows.iter().map(|row| row.mark.as_str()).collect()
}

#[test]
fn flows_are_joined_and_marked() {
    let soon = "2026-01-01T00:00:01.000000+0000";
    let eve = [
        line(1000, "TCP", soon, "\"outcome\":\"silence_after_hello\""),
        line(1000, "TCP", "2026-01-01T00:10:01.000000+0000", "\"outcome\":\"completed\""),
        line(1001, "TCP", soon, "\"outcome\":\"reset_after_hello\""),
        line(1002, "TCP", soon, "\"outcome\":\"silence_after_hello\""),
        line(1003, "TCP", soon, "\"outcome\":\"completed\""),
        line(1004, "TCP", soon, "\"outcome\":\"completed\""),
        alert(1004, "blocklisted_chain", "allowed"),
        line(2000, "TCP", soon, "\"outcome\":\"completed\""),
    ]
    .concat();
    let score = score(&eve);
    assert_eq!(marks(&score), ["named", "clean", "unseen", "false", "innocent", "waiting", "named"]);
    assert_eq!(score.unlabelled, 1);
    assert_eq!(score.detected(), Share { part: 2, whole: 3 });
    assert_eq!(score.falsely_accused(), Share { part: 1, whole: 3 });
    assert_eq!(score.told_as("blocklisted_chain"), Share { part: 1, whole: 1 });
    assert_eq!(score.confusion()[&("intercept".to_owned(), "blocklisted_chain".to_owned())], 1);
    assert!(score.csv("h").lines().nth(1).unwrap().ends_with(",silence_after_hello,,,named"));
}

#[test]
fn a_withdrawn_alert_does_not_stand_and_undecided_is_no_miss() {
    let soon = "2026-01-01T00:00:01.000000+0000";
    let eve = [
        line(1000, "TCP", soon, "\"outcome\":\"late_answer\""),
        alert(1000, "silence_after_hello", "allowed"),
        alert(1000, "silence_after_hello", "withdrawn"),
        line(1000, "UDP", soon, "\"outcome\":\"unresolved\",\"reason\":\"one_sided\""),
    ]
    .concat();
    // Flow ids are those of the ports here, so that the UDP flow has the same.
    let score = score(&eve);
    assert_eq!(marks(&score)[..3], ["missed", "clean", "undecided"]);
    assert_eq!(score.confusion()[&("reset".to_owned(), "unresolved one_sided".to_owned())], 1);
}

#[test]
fn labels_of_other_makers_are_read() {
    let censorlab = Labels::read("index,domain,class\n0,iana.org,allowed\n2,rsf.org,forbidden\n", None).unwrap();
    assert_eq!(censorlab.labels[1].key, labels::Key::Frame(3));
    assert!(censorlab.labels[1].is_disturbed() && !censorlab.labels[0].is_disturbed());
    let soon = "2026-01-01T00:00:01.000000+0000";
    let eve =
        line(1, "TCP", soon, "\"outcome\":\"reset_after_hello\"").replace("\"flow_id\"", "\"pcap_cnt\":3,\"flow_id\"");
    let score = Score::of(censorlab.labels, told::read(&eve).unwrap());
    assert_eq!(marks(&score), ["clean", "named"]);
    let demo = "capture,action,server_name,client,server\nx,drop-answer,a.example,192.0.2.1:7,[2001:db8::1]:443\n";
    assert_eq!(Labels::read(demo, None).unwrap().labels[0].expected, ["silence_after_hello"]);
}

#[test]
fn wrong_lines_are_named() {
    for (text, line) in [("", 1), ("action\npass", 2), ("index\nx", 2), ("index,time\n1,noon", 2), ("index\n\"1", 2)] {
        assert_eq!(Labels::read(text, None).unwrap_err().line, line, "{text}");
    }
    assert_eq!(told::read("{\"event_type\":\"stats\"}\nno").unwrap_err().line, 2);
}

#[test]
fn conditions_hold_or_say_what_holds_instead() {
    let soon = "2026-01-01T00:00:01.000000+0000";
    let eve = line(1000, "TCP", soon, "\"outcome\":\"silence_after_hello\"");
    let score = score(&eve);
    let broken = |text: &str| text.parse::<Conditions>().unwrap().broken(&score);
    assert!(broken("silence_after_hello>=0.5, false=0, detected<=0.4, unseen=2").is_empty());
    assert_eq!(broken("silence_after_hello>=0.99"), ["silence_after_hello is 0.5000, not >=0.99"]);
    assert_eq!(broken("not_tls=1"), ["not_tls: no flow is expected to be told so"]);
    for wrong in ["x", "x>1", ">=1", "a b=1", "x=y"] {
        assert!(wrong.parse::<Conditions>().is_err(), "{wrong}");
    }
}
