//! What an opinion rests on: value and weight (0 stated, 1 a trait that counts, 2 the observation itself).

use dissectors::time::Time;
use rules::evidence::{Evidence, Value};

use crate::output::json::Json;

/// `evidence`; moments are seconds from `hello`.
pub(super) fn write(json: &mut Json<'_>, evidence: &[Evidence], hello: Time) {
    if evidence.is_empty() {
        return;
    }
    json.key("evidence").list(evidence, |json, line| {
        json.object(|json| {
            json.key("name").word(line.name);
            value(json.key("value"), &line.value, hello);
            json.key("weight").number(line.weight.value());
        });
    });
}

fn value(json: &mut Json<'_>, value: &Value, hello: Time) {
    match value {
        Value::Text(text) => json.text(text),
        Value::Number(number) => json.signed(*number),
        Value::Span(span) => json.span(*span),
        Value::Times(times) => json.list(times, |json, time| json.offset(*time, hello)),
    }
}
