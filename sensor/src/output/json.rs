//! A writer of JSON (RFC 8259): one line after the other into a buffer that the caller keeps, without an allocation of
//! its own.
//!
//! It knows nothing of what it writes. Everything it is given is text already, so that invalid UTF-8 cannot come out;
//! the tests read its lines back with another implementation.

use std::time::Duration;

use dissectors::time::Time;

use super::text;

/// Appends JSON to a buffer. Commas come by themselves: a value that follows another one is separated from it.
#[derive(Debug)]
pub(super) struct Json<'a>(&'a mut Vec<u8>);

impl<'a> Json<'a> {
    /// A writer that goes on where `buffer` ends: at its beginning or behind a line.
    pub(super) fn new(buffer: &'a mut Vec<u8>) -> Self {
        Self(buffer)
    }

    /// Ends the line.
    pub(super) fn end_line(&mut self) {
        self.0.push(b'\n');
    }

    /// The key of the member whose value comes next. It needs no escaping: keys are words of this program. Always
    /// inlined: a copy of known length is a few instructions, and a line has some thirty keys.
    #[inline(always)]
    pub(super) fn key(&mut self, key: &'static str) -> &mut Self {
        self.quote();
        self.0.extend_from_slice(key.as_bytes());
        self.0.extend_from_slice(b"\":");
        self
    }

    /// An object with the members that `members` writes.
    pub(super) fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.separate();
        self.0.push(b'{');
        members(self);
        self.0.push(b'}');
    }

    /// A list of what `element` writes of each item.
    pub(super) fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut element: impl FnMut(&mut Self, T)) {
        self.separate();
        self.0.push(b'[');
        for item in items {
            element(self, item);
        }
        self.0.push(b']');
    }

    /// A string that needs no escaping: a word of this program.
    #[inline(always)]
    pub(super) fn word(&mut self, word: &'static str) {
        self.quote();
        self.0.extend_from_slice(word.as_bytes());
        self.0.push(b'"');
    }

    /// A string.
    pub(super) fn text(&mut self, text: &str) {
        self.string(|json| json.escaped(text));
    }

    /// A string of ASCII that needs no escaping.
    pub(super) fn plain(&mut self, append: impl FnOnce(&mut Vec<u8>)) {
        self.string(|json| append(json.0));
    }

    /// A number.
    pub(super) fn number(&mut self, number: impl Into<u64>) {
        self.separate();
        text::push_decimal(self.0, number.into());
    }

    /// A number that may be negative.
    pub(super) fn signed(&mut self, number: i64) {
        self.separate();
        if number < 0 {
            self.0.push(b'-');
        }
        text::push_decimal(self.0, number.unsigned_abs());
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, flag: bool) {
        self.separate();
        self.0.extend_from_slice(if flag { b"true" } else { b"false" });
    }

    /// A span, in seconds.
    pub(super) fn span(&mut self, span: Duration) {
        self.separate();
        text::push_seconds(self.0, i64::try_from(span.as_nanos()).unwrap_or(i64::MAX));
    }

    /// How long `time` is after `origin`, in seconds; negative where it is before.
    pub(super) fn offset(&mut self, time: Time, origin: Time) {
        self.separate();
        text::push_seconds(self.0, time.0.saturating_sub(origin.0));
    }

    /// A string of hexadecimal digits.
    pub(super) fn hex(&mut self, bytes: &[u8]) {
        self.plain(|out| text::push_hex(out, bytes));
    }

    /// Begins a new value. Only what opened an object, a list or a member ends in one of these bytes: a string ends in a
    /// quotation mark.
    #[inline(always)]
    fn separate(&mut self) {
        if self.follows_a_value() {
            self.0.push(b',');
        }
    }

    /// Begins a string, or a key.
    #[inline(always)]
    fn quote(&mut self) {
        if self.follows_a_value() {
            self.0.extend_from_slice(b",\"");
        } else {
            self.0.push(b'"');
        }
    }

    fn follows_a_value(&self) -> bool {
        !matches!(self.0.last(), None | Some(b'{' | b'[' | b':' | b'\n'))
    }

    fn string(&mut self, content: impl FnOnce(&mut Self)) {
        self.quote();
        content(self);
        self.0.push(b'"');
    }

    /// RFC 8259, section 7: the quotation mark, the backslash and the control characters must be escaped.
    fn escaped(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        // Most texts need none: looked at as a whole, many bytes at once.
        if !rest.iter().fold(false, |needs, byte| needs | needs_escape(*byte)) {
            return self.0.extend_from_slice(rest);
        }
        while let Some(place) = rest.iter().position(|byte| needs_escape(*byte)) {
            let (clean, behind) = rest.split_at(place);
            self.0.extend_from_slice(clean);
            let Some((byte, behind)) = behind.split_first() else { break };
            self.escape(*byte);
            rest = behind;
        }
        self.0.extend_from_slice(rest);
    }

    fn escape(&mut self, byte: u8) {
        match byte {
            b'"' | b'\\' => self.0.extend([b'\\', byte]),
            b'\n' => self.0.extend_from_slice(b"\\n"),
            b'\r' => self.0.extend_from_slice(b"\\r"),
            b'\t' => self.0.extend_from_slice(b"\\t"),
            other => {
                self.0.extend_from_slice(b"\\u00");
                text::push_hex(self.0, &[other]);
            }
        }
    }
}

/// DEL needs none by the RFC; terminals thank for it.
fn needs_escape(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\') | (byte == 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Json<'_>)) -> String {
        let mut buffer = Vec::new();
        write(&mut Json::new(&mut buffer));
        String::from_utf8(buffer).unwrap()
    }

    #[test]
    fn commas_stand_between_values_and_nowhere_else() {
        let line = written(|json| {
            json.object(|json| {
                json.key("empty").object(|_| {});
                json.key("none").list([0_u64; 0], |json, n| json.number(n));
                json.key("list").list([1_u64, 2], |json, n| json.number(n));
                json.key("text").text("ends in {[:");
                json.key("objects").list(["a", "b"], |json, t| json.object(|json| json.key("t").text(t)));
                json.key("signed").signed(-5);
                json.key("flag").flag(false);
                json.key("span").span(Duration::from_millis(1500));
                json.key("offset").offset(Time(5), Time(1_000_000_005));
            });
            json.end_line();
            json.object(|json| json.key("hex").hex(&[0xab]));
        });
        let expected = "{\"empty\":{},\"none\":[],\"list\":[1,2],\"text\":\"ends in {[:\",\"objects\":[{\"t\":\"a\"},\
                        {\"t\":\"b\"}],\"signed\":-5,\"flag\":false,\"span\":1.5,\"offset\":-1}\n{\"hex\":\"ab\"}";
        assert_eq!(line, expected);
    }

    #[test]
    fn every_character_reads_back() {
        let mut text: String = (0..=0x7f_u8).map(char::from).collect();
        text.push_str("é\u{2028}\u{202e}𝄞\u{fffd}");
        let line = written(|json| json.text(&text));
        assert!(line.bytes().all(|byte| byte >= 0x20 && byte != 0x7f), "no control character gets through");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
        for c in text.chars() {
            let one = c.to_string();
            assert_eq!(serde_json::from_str::<String>(&written(|json| json.text(&one))).unwrap(), one);
        }
    }
}
