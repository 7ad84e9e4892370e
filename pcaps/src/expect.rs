//! What a case expects: filters with counts over the lines of `eve.json`, so that unrelated output may change.
//!
//! A filter is an object of paths and values. A path names a field by its keys, joined by dots; a key that ends in `[]`
//! is a list of which any element will do. A value is compared as it is; a list of values means any of them, and null
//! means that the field is absent.

use std::fmt;

use serde_json::{Map, Value, json};

/// Paths and the values that they must have.
pub type Fields = Map<String, Value>;

/// What one case expects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// Further arguments for `hushwire replay`; a file of the case's folder is named `{case}/FILE`.
    pub args: Vec<String>,
    /// The filters, each of which must hold.
    pub filters: Vec<Filter>,
}

/// A filter over events.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// How many events match.
    pub count: i64,
    /// What an event must have.
    pub fields: Fields,
    /// What its line must contain besides.
    pub contains: Option<String>,
    /// Events that match this are subtracted: withdrawn alerts.
    pub minus: Option<Fields>,
}

/// Why an expectation file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

impl Expected {
    /// Reads `expected.json`.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        let value: Value = serde_json::from_str(text).map_err(|error| Unreadable(error.to_string()))?;
        let args = value.get("args").and_then(Value::as_array).into_iter().flatten();
        let args = args.filter_map(Value::as_str).map(str::to_owned).collect();
        let filters = value.get("events").and_then(Value::as_array).ok_or(Unreadable("no list `events`".into()))?;
        Ok(Self { args, filters: filters.iter().map(Filter::parse).collect::<Result<_, _>>()? })
    }

    /// As `expected.json`.
    pub fn to_json(&self) -> String {
        let filters: Vec<Value> = self.filters.iter().map(Filter::to_value).collect();
        let mut whole = json!({ "events": filters });
        if let (false, Some(object)) = (self.args.is_empty(), whole.as_object_mut()) {
            object.insert("args".into(), json!(self.args));
        }
        format!("{whole:#}\n")
    }

    /// Compares with the lines of an `eve.json`. What differs, told so that one sees which field it is.
    pub fn check(&self, eve: &str) -> Result<(), String> {
        let mut events = Vec::new();
        for (number, line) in eve.lines().enumerate() {
            let event: Value = serde_json::from_str(line).map_err(|error| format!("line {}: {error}", number + 1))?;
            events.push((event, line));
        }
        let complaints: String = self.filters.iter().filter_map(|filter| filter.complaint(&events)).collect();
        if complaints.is_empty() { Ok(()) } else { Err(complaints) }
    }
}

impl Filter {
    /// A filter that `count` events must match.
    pub fn new<const N: usize>(count: i64, fields: [(&str, Value); N]) -> Self {
        let fields = fields.into_iter().map(|(path, value)| (path.to_owned(), value)).collect();
        Self { count, fields, contains: None, minus: None }
    }

    fn parse(value: &Value) -> Result<Self, Unreadable> {
        let wrong = |what: &str| Unreadable(format!("{what} in {value}"));
        let known = ["count", "match", "contains", "minus"];
        let object = value.as_object().ok_or_else(|| wrong("no object"))?;
        if let Some(key) = object.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(wrong(&format!("unknown key `{key}`")));
        }
        Ok(Self {
            count: object.get("count").and_then(Value::as_i64).ok_or_else(|| wrong("no `count`"))?,
            fields: object.get("match").and_then(Value::as_object).ok_or_else(|| wrong("no `match`"))?.clone(),
            contains: object.get("contains").and_then(Value::as_str).map(str::to_owned),
            minus: object.get("minus").and_then(Value::as_object).cloned(),
        })
    }

    fn to_value(&self) -> Value {
        let mut out = json!({ "count": self.count, "match": self.fields });
        if let Some(object) = out.as_object_mut() {
            object.extend(self.contains.iter().map(|text| ("contains".to_owned(), json!(text))));
            object.extend(self.minus.iter().map(|fields| ("minus".to_owned(), json!(fields))));
        }
        out
    }

    /// How many events match, less those that are subtracted.
    fn found(&self, events: &[(Value, &str)]) -> i64 {
        let contains = |line: &str| self.contains.as_ref().is_none_or(|text| line.contains(text));
        let all = |event: &Value, fields: &Fields| fields.iter().all(|(path, wanted)| agrees(event, path, wanted));
        let matching = events.iter().filter(|(event, line)| all(event, &self.fields) && contains(line)).count();
        let subtracted = |fields: &Fields| events.iter().filter(|(event, _)| all(event, fields)).count();
        matching as i64 - self.minus.as_ref().map_or(0, subtracted) as i64
    }

    fn complaint(&self, events: &[(Value, &str)]) -> Option<String> {
        let found = self.found(events);
        (found != self.count).then(|| {
            let lines: String = events.iter().enumerate().map(|(n, (event, _))| self.compare(n, event)).collect();
            format!("expected {} but found {found} of {}\n{lines}", self.count, self.to_value())
        })
    }

    /// One event beside this filter, field by field.
    fn compare(&self, number: usize, event: &Value) -> String {
        let kind = event.get("event_type").and_then(Value::as_str).unwrap_or("?");
        let mut out = format!("  line {} ({kind}):", number + 1);
        for (path, wanted) in &self.fields {
            let mark = if agrees(event, path, wanted) { "=" } else { "≠" };
            let found = lookup(event, path);
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            out += &format!(" {path} {mark} {};", if found.is_empty() { "absent".into() } else { found.join(" | ") });
        }
        out + "\n"
    }
}

/// Whether the field at `path` is what is wanted.
fn agrees(event: &Value, path: &str, wanted: &Value) -> bool {
    let found = lookup(event, path);
    let is = |wanted: &Value| match wanted {
        Value::Null => found.iter().all(|value| value.is_null()),
        _ => found.contains(&wanted),
    };
    match wanted {
        Value::Array(any) => any.iter().any(is),
        one => is(one),
    }
}

/// The values at a path: none, one, or several where it goes through a list.
fn lookup<'a>(event: &'a Value, path: &str) -> Vec<&'a Value> {
    path.split('.').fold(vec![event], |found, key| match key.strip_suffix("[]") {
        Some(list) => found.iter().filter_map(|value| value.get(list)?.as_array()).flatten().collect(),
        None => found.iter().filter_map(|value| value.get(key)).collect(),
    })
}

#[cfg(test)]
mod tests;
