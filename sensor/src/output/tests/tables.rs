//! `sni.csv` and `sni.json`.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use super::*;
use crate::output::Summary;
use dissectors::attempt::Conflict;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use serde_json::Value;

/// The tables of these events: `sni.csv` by name and column, and `sni.json`.
fn tables(options: Options, events: &[Made]) -> (BTreeMap<String, BTreeMap<String, String>>, Value) {
    let (mut outputs, [_, csv, json, _]) = on_paper(options, usize::MAX);
    events.iter().for_each(|made| outputs.events(&[made.event()]).unwrap());
    outputs.finish(&Summary::default()).unwrap();
    let (csv, json) = (csv.text(), json.text());
    let mut lines = csv.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let rows = lines.map(|fields| {
        assert_eq!(fields.len(), head.len(), "{fields:?}");
        (fields[0].clone(), head.iter().cloned().zip(fields).collect())
    });
    (rows.collect(), serde_json::from_str(&json).unwrap())
}

fn limited(names: usize) -> Options {
    Options { max_names: NonZeroUsize::new(names).unwrap(), ..Options::default() }
}

#[test]
fn a_row_counts_what_became_of_its_attempts() {
    let abandoned = completed("a.example").silent(2_000).with(|_, decision| {
        *decision = decision_of(Outcome::Abandoned);
    });
    let unresolved = completed("a.example").with(|_, decision| decision.outcome = Outcome::Unresolved);
    let alerted = completed("a.example").silent(12_500).notice(Action::Allowed, "silence_after_hello", Level::Hard);
    let events = [completed("a.example"), abandoned, unresolved, alerted, completed("b.example")];
    let (csv, json) = tables(Options::default(), &events);
    assert_eq!(csv.keys().collect::<Vec<_>>(), ["a.example", "b.example"]);
    let expected = [
        ("attempts", "4"),
        ("decided", "2"),
        ("completed", "1"),
        ("abandoned", "1"),
        ("unresolved", "1"),
        ("silence_after_hello", "1"),
        ("silence_hard", "1"),
        ("late_answer", "0"),
        ("alerts", "1"),
        ("hello_to_answer_p50", "0.040191"),
        ("silence_p50", ""),
        ("silence_longest", "12.5"),
        ("first_seen", "2019-07-17T10:00:00.000123+0000"),
    ];
    for (column, value) in expected {
        assert_eq!(csv["a.example"][column], value, "{column}");
    }
    let name = &json["names"][0];
    assert_eq!(name["outcomes"]["silence_after_hello"], 1);
    assert_eq!(name["silence"]["censored"], 2, "the abandoned one waited in vain, too");
    assert_eq!(name["silence"]["longest"], 12.5);
    assert_eq!(json["names"][1]["silence"], Value::Null);
    assert_eq!(csv["b.example"]["silence_p50"], "", "what would only repeat the answer times is left out");
}

#[test]
fn silent_attempts_make_the_quantiles_of_silence_longer() {
    let answers = (1..=8).map(|n| completed("a.example").answered_after(Duration::from_micros(10 * n)));
    let events: Vec<_> =
        answers.chain([completed("a.example").silent(4_000), completed("a.example").silent(9_000)]).collect();
    let (csv, json) = tables(Options::default(), &events);
    let row = &csv["a.example"];
    assert_eq!((&*row["hello_to_answer_p50"], &*row["silence_p50"]), ("0.00004", "0.00005"));
    assert_eq!((&*row["hello_to_answer_p90"], &*row["silence_p90"]), ("0.00008", ""));
    assert_eq!(row["silence_longest"], "9");
    assert_eq!(
        (&json["names"][0]["silence"]["p50"], &json["names"][0]["silence"]["p90"]),
        (&0.00005.into(), &Value::Null)
    );
}

fn decision_of(outcome: Outcome) -> Decision {
    super::decision(outcome)
}

#[test]
fn an_alert_that_is_taken_back_does_not_count() {
    let raised = completed("a.example").silent(12_500).told(Moment::Unanswered, 12_500);
    let raised = raised.notice(Action::Allowed, "silence_after_hello", Level::Hard);
    let withdrawn = completed("a.example").told(Moment::Answered, 14_000);
    let withdrawn = withdrawn.notice(Action::Withdrawn, "silence_after_hello", Level::Hard);
    let late = completed("a.example").with(|_, decision| decision.outcome = Outcome::LateAnswer);
    let (csv, _) = tables(Options::default(), &[raised.clone(), withdrawn, late]);
    assert_eq!((&*csv["a.example"]["alerts"], &*csv["a.example"]["attempts"]), ("0", "1"));
    let (csv, _) = tables(Options::default(), &[raised]);
    assert_eq!((&*csv["a.example"]["alerts"], &*csv["a.example"]["attempts"]), ("1", "0"), "it is still open");
}

#[test]
fn one_attempt_is_in_one_row() {
    let conflicting = |conflict| {
        completed("a.example").with(|attempt, _| {
            attempt.hello.conflicting_names = vec!["decoy.example".into()].into();
            attempt.hello.conflict = Some(conflict);
        })
    };
    let nameless = completed("").with(|attempt, _| attempt.hello.first.as_mut().unwrap().server_name = None);
    let undecided = [conflicting(Conflict::First), conflicting(Conflict::Ttl), conflicting(Conflict::Checksum)];
    let events = [&undecided[..], &[nameless, completed("b.example"), completed("c.example")]].concat();
    let (csv, json) = tables(limited(2), &events);
    let attempts: Vec<_> = csv.iter().map(|(name, row)| (&**name, &*row["attempts"])).collect();
    assert_eq!(attempts, [("", "1"), ("(conflict)", "1"), ("(other)", "1"), ("a.example", "2"), ("b.example", "1")]);
    let names: Vec<_> = json["names"].as_array().unwrap().iter().map(|name| name["sni"].as_str().unwrap()).collect();
    assert_eq!(names, csv.keys().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn names_beyond_the_limit_share_a_row_and_are_counted() {
    let (mut outputs, _) = on_paper(limited(3), usize::MAX);
    assert_eq!(outputs.limits().count(), 0);
    for round in 0..2 {
        for n in 0..10 {
            outputs.events(&[completed(&format!("{n}.example")).event()]).unwrap();
        }
        assert_eq!(outputs.limits().collect::<Vec<_>>(), [("server_names", 7 * (round + 1))]);
    }
    assert_eq!(outputs.names().rows().len(), 4);
}

#[test]
fn certificates_that_are_forgotten_are_counted() {
    let (mut outputs, _) = on_paper(Options { shown_certificates: 1, ..Options::default() }, usize::MAX);
    for made in [completed("a.example"), completed("b.example")] {
        outputs.events(&[made.event()]).unwrap();
    }
    let limits: Vec<_> = outputs.limits().collect();
    assert_eq!(limits, [("shown_certificates", 3)], "each of two chains of two takes the other one's place");
}

#[test]
fn spans_are_told_apart_half_as_finely_where_their_buckets_have_no_room() {
    let (mut outputs, _) = on_paper(limited(20), usize::MAX);
    // One or more in each of the 3,287 buckets, of which 20 names have 65,740.
    let longer = (0..4_300).map(|n| 256.0 * 1.0039_f64.powi(n));
    let micros = (0..256).map(f64::from).chain(longer).map(|micros| (micros as u64).min(3_600_000_000));
    let spans: Vec<_> = micros.map(Duration::from_micros).collect();
    for name in 0..20 {
        assert_eq!(outputs.limits().count(), 0);
        let mut made = completed(&format!("{name}.example"));
        for span in &spans {
            made = made.answered_after(*span);
            outputs.names.count(&[made.event()]);
        }
    }
    assert_eq!(outputs.limits().collect::<Vec<_>>(), [("time_buckets", 1)]);
    for (name, row) in outputs.names().rows() {
        assert_eq!(row.attempts(), spans.len() as u64, "{name}");
        for share in [0.1, 0.5, 0.99] {
            let exact = spans[(spans.len() as f64 * share).ceil() as usize - 1];
            let shown = row.answer_quantile(share).unwrap();
            assert!(exact <= shown && shown < exact.mul_f64(1.0 + 2.0 / 128.0), "{name}: {exact:?}, {shown:?}");
        }
    }
}

#[test]
fn trouble_comes_first() {
    let alerted = completed("d.example").silent(12_500).notice(Action::Allowed, "silence_after_hello", Level::Hard);
    let events = [completed("a.example"), completed("b.example"), completed("b.example"), alerted];
    let (mut outputs, _) = on_paper(Options::default(), usize::MAX);
    events.iter().for_each(|made| outputs.events(&[made.event()]).unwrap());
    outputs.events(&[completed("c.example").silent(4_000).event()]).unwrap();
    let order: Vec<_> = outputs.names().by_trouble().into_iter().map(|(name, _)| name).collect();
    assert_eq!(order, ["d.example", "c.example", "b.example", "a.example"]);
}

/// SplitMix64 (Steele, Lea, Flood 2014).
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn decoded(name: &Value, kind: &str) -> Histogram<u64> {
    let text = name[kind]["histogram"].as_str().unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    Deserializer::new().deserialize(&mut &bytes[..]).unwrap()
}

#[test]
fn files_of_two_sensors_merge_without_loss() {
    let mut state = 1;
    let mut all = [(); 2].map(|()| Histogram::<u64>::new_with_bounds(1, 3_600_000_000, 2).unwrap());
    let mut sensors = [Vec::new(), Vec::new()];
    for n in 0..600 {
        let micros = random(&mut state) % 10_u64.pow(u32::try_from(1 + n % 9).unwrap());
        let made = completed("a.example");
        let (kind, made) = match n % 3 {
            0 => (1, made.silent(micros / 1000)),
            _ => (0, made.answered_after(Duration::from_micros(micros))),
        };
        all[kind].record(if kind == 1 { micros / 1000 * 1000 } else { micros }).unwrap();
        sensors[usize::try_from(random(&mut state) % 2).unwrap()].push(made);
    }
    let files = sensors.map(|events| tables(Options::default(), &events).1);
    for (kind, expected) in ["hello_to_answer", "silence"].into_iter().zip(all) {
        let mut merged = decoded(&files[0]["names"][0], kind);
        merged.add(decoded(&files[1]["names"][0], kind)).unwrap();
        assert!(files.iter().all(|file| decoded(&file["names"][0], kind).len() > 50));
        let counts = |histogram: &Histogram<u64>| {
            histogram.iter_recorded().map(|one| (one.value_iterated_to(), one.count_at_value())).collect::<Vec<_>>()
        };
        assert_eq!(counts(&merged), counts(&expected), "{kind}");
    }
}

#[test]
fn spans_beyond_an_hour_count_as_an_hour() {
    let (csv, json) = tables(Options::default(), &[completed("a.example").answered_after(Duration::from_secs(9_000))]);
    let hour: f64 = csv["a.example"]["hello_to_answer_p99"].parse().unwrap();
    assert!((3600.0..3636.0).contains(&hour), "{hour}");
    assert_eq!(decoded(&json["names"][0], "hello_to_answer").len(), 1);
}

#[test]
fn the_order_of_events_within_a_name_does_not_matter() {
    let events: Vec<_> = (0..50)
        .map(|n| completed(&format!("{}.example", n % 7)).answered_after(Duration::from_millis(n * n)))
        .collect();
    let mut reversed = events.clone();
    reversed.reverse();
    assert_eq!(tables(Options::default(), &events), tables(Options::default(), &reversed));
}
