use super::*;

const EVE: &str = concat!(
    r#"{"event_type":"tls","tls":{"sni":"a.example"},"hushwire":{"outcome":"completed","chain":[{"sha256":"11"},{"sha256":"22"}]}}"#,
    "\n",
    r#"{"event_type":"alert","alert":{"action":"allowed"},"tls":{"sni":"b.example"},"hushwire":{"level":"hard"}}"#,
    "\n",
    r#"{"event_type":"alert","alert":{"action":"withdrawn"},"tls":{"sni":"b.example"},"hushwire":{"level":"hard"}}"#,
    "\n",
);

fn check(events: Value) -> Result<(), String> {
    Expected::parse(&json!({ "events": [events] }).to_string()).unwrap().check(EVE)
}

#[test]
fn filters_hold_or_do_not() {
    let cases = [
        (json!({"count": 1, "match": {"tls.sni": "a.example"}}), true),
        (json!({"count": 2, "match": {"tls.sni": "a.example"}}), false),
        (json!({"count": 3, "match": {}}), true),
        (json!({"count": 1, "match": {"hushwire.chain[].sha256": "22"}}), true),
        (json!({"count": 0, "match": {"hushwire.chain[].sha256": "33"}}), true),
        (json!({"count": 1, "match": {"hushwire.outcome": ["answered", "completed"]}}), true),
        (json!({"count": 0, "match": {"hushwire.outcome": ["answered", "late_answer"]}}), true),
        (json!({"count": 1, "match": {"hushwire.level": null}}), true),
        (json!({"count": 2, "match": {"hushwire.level": "hard"}, "contains": "b.example"}), true),
        (json!({"count": 0, "match": {"hushwire.level": "hard"}, "contains": "c.example"}), true),
        (json!({"count": 0, "match": {"alert.action": "allowed"}, "minus": {"alert.action": "withdrawn"}}), true),
        (json!({"count": 1, "match": {"alert.action": "allowed"}, "minus": {"alert.action": "withdrawn"}}), false),
    ];
    for (filter, holds) in cases {
        assert_eq!(check(filter.clone()).is_ok(), holds, "{filter}");
    }
}

#[test]
fn a_complaint_shows_each_event_beside_the_filter() {
    let complaint =
        check(json!({"count": 1, "match": {"event_type": "tls", "hushwire.outcome": "answered"}})).unwrap_err();
    assert!(complaint.contains("expected 1 but found 0"), "{complaint}");
    assert!(complaint.contains(r#"line 1 (tls): event_type = "tls"; hushwire.outcome ≠ "completed";"#), "{complaint}");
    assert!(complaint.contains(r#"line 2 (alert): event_type ≠ "alert"; hushwire.outcome ≠ absent;"#), "{complaint}");
}

#[test]
fn a_line_that_is_no_json_is_named() {
    let error = Expected::default().check("{}\n{\n").unwrap_err();
    assert!(error.starts_with("line 2: "), "{error}");
}

#[test]
fn a_misspelt_expectation_is_refused() {
    assert!(Expected::parse(r#"{"events":[{"count":1,"match":{},"minsu":{}}]}"#).is_err());
    assert!(Expected::parse(r#"{"events":[{"match":{}}]}"#).is_err());
    assert!(Expected::parse(r#"{"event":[]}"#).is_err());
}

#[test]
fn what_is_written_reads_back() {
    let mut expected = Expected { args: vec!["--alert-soft".into()], filters: Vec::new() };
    expected.filters.push(Filter {
        contains: Some("x".into()),
        minus: Some(Fields::new()),
        ..Filter::new(2, [("a.b[]", json!("c"))])
    });
    assert_eq!(Expected::parse(&expected.to_json()), Ok(expected));
}
