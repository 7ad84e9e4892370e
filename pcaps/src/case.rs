//! A golden case: a story, what it shows, by which rule, and what is expected of its capture.

use serde_json::{Value, json};

use crate::expect::{Expected, Filter};
use crate::story::Story;

/// One case, and so one folder of `cases/`.
#[derive(Clone, Debug)]
pub struct Case {
    /// Name of the folder.
    pub name: &'static str,
    /// What it shows, one sentence.
    pub shows: &'static str,
    /// The rule that decides it, in the words of the rules.
    pub rule: &'static str,
    /// The capture.
    pub story: Story,
    /// Files that its arguments name.
    pub files: Vec<(&'static str, &'static str)>,
    /// What is expected of every alert: a count over all that stands beside the single filters.
    alerts: Alerts,
    /// Whether there may be attempts that it does not name.
    further_attempts: bool,
    expected: Expected,
}

/// What a case says of all alerts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alerts {
    /// Those that it names, and no other.
    Named,
    /// Nothing more than it names; others may stand beside.
    Open,
    /// As many withdrawn as raised.
    NetZero,
}

impl Case {
    /// A case that expects no attempt and no alert until told otherwise.
    pub fn new(name: &'static str, story: Story) -> Self {
        let expected = Expected::default();
        Self {
            name,
            shows: "",
            rule: "",
            story,
            files: Vec::new(),
            alerts: Alerts::Named,
            further_attempts: false,
            expected,
        }
    }

    /// What it shows.
    pub fn shows(self, shows: &'static str) -> Self {
        Self { shows, ..self }
    }

    /// The rule that decides it.
    pub fn rule(self, rule: &'static str) -> Self {
        Self { rule, ..self }
    }

    /// One attempt with this name and outcome is expected.
    pub fn attempt(mut self, sni: &str, outcome: &str) -> Self {
        let fields = [("event_type", json!("tls")), ("tls.sni", json!(sni)), ("hushwire.outcome", json!(outcome))];
        self.expected.filters.push(Filter::new(1, fields));
        self
    }

    /// One attempt over QUIC with this name and outcome is expected.
    pub fn quic_attempt(mut self, sni: &str, outcome: &str) -> Self {
        let fields = [("event_type", json!("quic")), ("quic.sni", json!(sni)), ("hushwire.outcome", json!(outcome))];
        self.expected.filters.push(Filter::new(1, fields));
        self
    }

    /// One attempt over QUIC without a name is expected.
    pub fn nameless_quic_attempt(mut self, outcome: &str) -> Self {
        let fields = [("event_type", json!("quic")), ("quic.sni", Value::Null), ("hushwire.outcome", json!(outcome))];
        self.expected.filters.push(Filter::new(1, fields));
        self
    }

    /// One attempt without a name is expected.
    pub fn nameless_attempt(mut self, outcome: &str) -> Self {
        let fields = [("event_type", json!("tls")), ("tls.sni", Value::Null), ("hushwire.outcome", json!(outcome))];
        self.expected.filters.push(Filter::new(1, fields));
        self
    }

    /// One attempt with this outcome is expected; whether its name could be read is left open.
    pub fn attempt_of_any_name(mut self, outcome: &str) -> Self {
        let fields = [("event_type", json!("tls")), ("hushwire.outcome", json!(outcome))];
        self.expected.filters.push(Filter::new(1, fields));
        self
    }

    /// No attempt with this outcome is expected; for cases that allow further ones.
    pub fn no_attempt_with(mut self, outcome: &str) -> Self {
        let fields = [("event_type", json!("tls")), ("hushwire.outcome", json!(outcome))];
        self.expected.filters.push(Filter::new(0, fields));
        self
    }

    /// What follows may be told as attempts of their own: the rules do not say.
    pub fn further_attempts_allowed(self) -> Self {
        Self { further_attempts: true, ..self }
    }

    /// One undecided attempt is expected, for this reason.
    pub fn unresolved(self, sni: &str, reason: &str) -> Self {
        self.attempt(sni, "unresolved").having("hushwire.reason", json!(reason))
    }

    /// What the attempt or alert named last has besides.
    pub fn having(mut self, path: &str, value: Value) -> Self {
        if let Some(filter) = self.expected.filters.last_mut() {
            filter.fields.insert(path.to_owned(), value);
        }
        self
    }

    /// What the line of the attempt or alert named last contains, wherever it stands.
    pub fn containing(mut self, text: &str) -> Self {
        if let Some(filter) = self.expected.filters.last_mut() {
            filter.contains = Some(text.to_owned());
        }
        self
    }

    /// One alert is expected.
    pub fn alert(mut self, detector: &str, level: &str, sni: &str) -> Self {
        self.expected.filters.push(Filter::new(
            1,
            [
                ("event_type", json!("alert")),
                ("alert.action", json!("allowed")),
                ("hushwire.detector", json!(detector)),
                ("hushwire.level", json!(level)),
                ("tls.sni", json!(sni)),
            ],
        ));
        self
    }

    /// The alert or the withdrawal named last is about an attempt over QUIC.
    pub fn over_quic(mut self) -> Self {
        if let Some(filter) = self.expected.filters.last_mut()
            && let Some(name) = filter.fields.remove("tls.sni")
        {
            filter.fields.insert("quic.sni".to_owned(), name);
        }
        self
    }

    /// One alert of this detector is expected to be withdrawn.
    pub fn withdrawn(mut self, detector: &str, sni: &str) -> Self {
        let fields = [
            ("event_type", json!("alert")),
            ("alert.action", json!("withdrawn")),
            ("hushwire.detector", json!(detector)),
            ("tls.sni", json!(sni)),
        ];
        self.expected.filters.push(Filter::new(1, fields));
        self
    }

    /// Alerts of other detectors than those named may stand beside.
    pub fn other_alerts_allowed(self) -> Self {
        Self { alerts: Alerts::Open, ..self }
    }

    /// Alerts may be raised, if each is withdrawn.
    pub fn alerts_cancel_out(self) -> Self {
        Self { alerts: Alerts::NetZero, ..self }
    }

    /// No alert of this detector is expected; for cases that allow others.
    pub fn no_alert_of(mut self, detector: &str) -> Self {
        let fields = [("event_type", json!("alert")), ("hushwire.detector", json!(detector))];
        self.expected.filters.push(Filter::new(0, fields));
        self
    }

    /// The tool is run with these arguments.
    pub fn args(mut self, args: &[&str]) -> Self {
        self.expected.args = args.iter().map(|&arg| arg.to_owned()).collect();
        self
    }

    /// The folder holds this file too.
    pub fn file(mut self, name: &'static str, content: &'static str) -> Self {
        self.files.push((name, content));
        self
    }

    /// All that is expected: what was said, and that there is nothing else.
    pub fn expected(&self) -> Expected {
        let mut expected = self.expected.clone();
        let total = |kind: &str| {
            let of_kind = expected.filters.iter().filter(|f| f.fields.get("event_type") == Some(&json!(kind)));
            of_kind.map(|filter| filter.count).sum()
        };
        let mut sums = Vec::new();
        if !self.further_attempts {
            sums.push(Filter::new(total("tls"), [("event_type", json!("tls"))]));
            if total("quic") > 0 {
                sums.push(Filter::new(total("quic"), [("event_type", json!("quic"))]));
            }
        }
        match self.alerts {
            Alerts::Open => {}
            Alerts::Named => sums.push(Filter::new(total("alert"), [("event_type", json!("alert"))])),
            Alerts::NetZero => sums.push(Filter {
                minus: Some(Filter::new(0, [("alert.action", json!("withdrawn"))]).fields),
                ..Filter::new(0, [("alert.action", json!("allowed"))])
            }),
        }
        expected.filters.extend(sums);
        expected
    }

    /// The folder's README.
    pub fn readme(&self, module: &str) -> String {
        let arguments = match self.expected.args.as_slice() {
            [] => String::new(),
            args => format!("\n**Arguments.** `{}`\n", args.join(" ")),
        };
        format!(
            "# {}\n\n{}\n\n**Rule.** {}\n\n**Expected.** {}\n{arguments}\n**Origin.** Told by the builder, \
             `pcaps/src/cases/{module}.rs`; no packet of it was ever on a wire. What would be encrypted or signed is \
             seeded random bytes; the origin of certificates is in `pcaps/certs/README.md`. Written by `cargo run -p \
             pcaps --bin make-cases`, as are the other files of this folder: edit the story, not them.\n",
            self.name,
            self.shows,
            self.rule,
            self.summary()
        )
    }

    /// What is expected, in a line.
    pub fn summary(&self) -> String {
        let attempts = self.expected.filters.iter().filter(|filter| filter.count > 0).map(describe);
        let mut parts: Vec<String> = attempts.collect();
        if parts.is_empty() {
            parts.push("no attempt".into());
        }
        match self.alerts {
            Alerts::Named if !parts.iter().any(|part| part.starts_with("alert")) => parts.push("no alert".into()),
            Alerts::NetZero => parts.push("no alert that is not withdrawn".into()),
            _ => {}
        }
        parts.join("; ")
    }
}

/// A filter in words.
fn describe(filter: &Filter) -> String {
    let text = |path: &str| filter.fields.get(path).map(plain);
    let name = text("tls.sni").or(text("quic.sni")).map_or(String::new(), |sni| format!(" ({sni})"));
    match text("hushwire.detector") {
        Some(detector) => {
            let level = text("hushwire.level").or(text("alert.action")).unwrap_or_default();
            format!("alert `{detector}`, {level}{name}")
        }
        None => {
            let reason = text("hushwire.reason").map_or(String::new(), |reason| format!(": {reason}"));
            format!("`{}{reason}`{name}", text("hushwire.outcome").unwrap_or_default())
        }
    }
}

/// A value without its quotation marks; a list of them as alternatives.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(" or "),
        Value::Null => "no name".into(),
        other => other.to_string(),
    }
}
