//! Patterns for names of products: literal text in which `*` stands for any characters.

/// A pattern over a whole value, case-sensitive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    parts: Vec<Box<str>>,
}

impl Pattern {
    /// The pattern written as `text`.
    pub fn new(text: &str) -> Self {
        Self { parts: text.split('*').map(Box::from).collect() }
    }

    /// Whether the whole of `value` matches: first and last part at the ends, the others in order between them.
    pub fn matches(&self, value: &str) -> bool {
        match self.parts.as_slice() {
            [] => false,
            [whole] => **whole == *value,
            [first, between @ .., last] => {
                let middle = value.strip_prefix(&**first).and_then(|rest| rest.strip_suffix(&**last));
                middle.is_some_and(|middle| in_order(middle, between))
            }
        }
    }
}

/// The earliest place for each part leaves the most room for the rest.
fn in_order(mut value: &str, parts: &[Box<str>]) -> bool {
    parts.iter().all(|part| value.split_once(&**part).map(|(_, rest)| value = rest).is_some())
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn whole_values() {
        let cases = [
            ("Zscaler Inc.", "Zscaler Inc.", true),
            ("Zscaler Inc.", "Zscaler Inc. ", false),
            ("Blue Coat*", "Blue Coat", true),
            ("Blue Coat*", "Blue Coat Systems", true),
            ("Blue Coat*", "Not Blue Coat", false),
            ("CA (*)", "CA (12)", true),
            ("CA (*)", "CA (", false),
            ("a*a", "a", false),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "a1c2b", false),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
        ];
        for (pattern, value, expected) in cases {
            assert_eq!(Pattern::new(pattern).matches(value), expected, "{pattern:?} on {value:?}");
        }
    }
}
