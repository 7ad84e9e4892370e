//! Which server names meet which action.

use std::str::FromStr;

use super::actions::{ACTIONS, Action};

/// A server name, or `*.` before a name for all names below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamePattern {
    /// Exactly this name.
    Exact(String),
    /// Any name that ends with a dot and this one.
    Below(String),
}

impl FromStr for NamePattern {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.to_ascii_lowercase();
        Ok(match name.strip_prefix("*.") {
            Some(parent) => Self::Below(parent.to_owned()),
            None => Self::Exact(name),
        })
    }
}

impl NamePattern {
    /// Whether `name`, in lower case, is meant.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => name == exact,
            Self::Below(parent) => name.strip_suffix(parent.as_str()).is_some_and(|rest| rest.ends_with('.')),
        }
    }
}

/// An ordered list of rules; the first that matches wins.
#[derive(Default)]
pub struct Rules(Vec<(NamePattern, &'static Action)>);

impl Rules {
    /// Adds a rule after all others; false where no action has this name.
    pub fn add(&mut self, action: &str, pattern: NamePattern) -> bool {
        let action = ACTIONS.iter().find(|known| known.name == action);
        self.0.extend(action.map(|action| (pattern, *action)));
        action.is_some()
    }

    /// What happens to a hello that names `server_name`; nothing where no rule matches.
    pub fn action_for(&self, server_name: &str) -> Option<&'static Action> {
        self.0.iter().find(|(pattern, _)| pattern.matches(server_name)).map(|(_, action)| *action)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("news.example", "news.example", true),
            ("News.Example", "news.example", true),
            ("news.example", "www.news.example", false),
            ("*.news.example", "www.news.example", true),
            ("*.news.example", "a.b.news.example", true),
            ("*.news.example", "news.example", false),
            ("*.news.example", "goodnews.example", false),
        ] {
            let Ok(parsed) = pattern.parse::<NamePattern>();
            assert_eq!(parsed.matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn first_match_wins_and_unknown_actions_are_refused() {
        let mut rules = Rules::default();
        assert!(rules.add("drop", NamePattern::Exact("a.test".into())));
        assert!(rules.add("reset", NamePattern::Below("test".into())));
        assert!(!rules.add("throttle", NamePattern::Below("test".into())));
        let name_of = |name| rules.action_for(name).map(|action| action.name);
        assert_eq!(name_of("a.test"), Some("drop"));
        assert_eq!(name_of("b.test"), Some("reset"));
        assert_eq!(name_of("b.example"), None);
    }
}
