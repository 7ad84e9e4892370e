//! Scenario files, right and wrong.

use super::*;

const SMALL: &str = r#"
about = "One name is dropped."
sources = ["nobody"]

[[server]]
addresses = ["198.51.100.10"]
names = ["*.example"]

[[traffic]]
names = ["news.example", "maps.example"]
connections = 4
rate = 2

[[middlebox.rule]]
name = "gone"
match = { sni = ["news.example"] }
drop = { from = "client" }

[[expect]]
rule = "gone"
client = ["silence_after_hello"]
"#;

#[test]
fn a_small_scenario_is_read() {
    let scenario = Scenario::parse("some/small.toml", SMALL).unwrap();
    assert_eq!(scenario.seed, "small");
    assert_eq!(scenario.begins(), BEGINS);
    assert_eq!(scenario.middlebox.rules[0].action().as_str(), "drop");
    assert_eq!(scenario.expectations[0].at(Point::Client), ["silence_after_hello"]);
    assert!(scenario.server_of("a.example").is_some() && scenario.server_of("a.test").is_none());
}

#[test]
fn errors_name_file_and_line() {
    for (right, wrong, line, says) in [
        ("rate = 2", "rates = 2", Some(12), "unknown field `rates`"),
        ("from = \"client\"", "form = \"client\"", Some(17), "unknown field `form`"),
        ("from = \"client\"", "from = \"nobody\"", Some(17), "unknown variant `nobody`"),
        ("from = \"client\"", "after-packets = true", Some(17), "a number or a range"),
        ("\"198.51.100.10\"", "\"198.51.100.\"", Some(6), "invalid IP address"),
        ("\"maps.example\"", "\"maps.test\"", Some(10), "no server has the name `maps.test`"),
        ("rule = \"gone\"", "rule = \"away\"", Some(20), "there is no rule `away`"),
        ("drop = {", "intercept = true\ndrop = {", Some(15), "takes an [interceptor]"),
        ("drop = { from = \"client\" }", "", Some(15), "it does nothing"),
        ("drop = {", "forge = [{ count = 101 }]\ndrop = {", Some(15), "more copies than 100"),
        ("name = \"gone\"", "name = \"go,ne\"", Some(15), "a name has letters"),
        ("\"maps.example\"", "\"a,b.example\"", Some(10), "is no server name"),
        ("[\"silence_after_hello\"]", "[\"a|b\"]", Some(20), "neither an outcome nor a detector"),
        ("rate = 2", "rate = 0", Some(12), "0 is no rate"),
        ("[[server]]", "[path.inside]\nloss = 2\n[[server]]", Some(6), "2 is no share"),
    ] {
        let error = Scenario::parse("small.toml", &SMALL.replace(right, wrong)).unwrap_err();
        assert_eq!((error.file.as_str(), error.line), ("small.toml", line), "{wrong}: {error}");
        assert!(error.what.contains(says), "{wrong}: {error}");
    }
}
