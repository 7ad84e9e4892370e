//! A writer of JSON (RFC 8259): one line after the other into a buffer that the caller keeps, without an allocation of
//! its own.
//!
//! It knows nothing of what it writes. Everything it is given is text already, so that invalid UTF-8 cannot come out;
//! the tests read its lines back with another implementation.

use std::time::Duration;

use dissectors::time::Time;

use super::text;

/// Appends JSON to a buffer. Commas come by themselves: every value leaves one behind it, which the end of what it is in
/// takes back. So nobody has to look at what stands before, and a value's end and its comma are one step.
#[derive(Debug)]
pub(super) struct Json<'a>(&'a mut Vec<u8>);

impl<'a> Json<'a> {
    /// A writer that goes on where `buffer` ends: at its beginning or behind a line.
    pub(super) fn new(buffer: &'a mut Vec<u8>) -> Self {
        Self(buffer)
    }

    /// Ends the line, behind its only value.
    pub(super) fn end_line(&mut self) {
        self.replace_comma(b'\n');
    }

    /// The key of the member whose value comes next. It needs no escaping: keys are words of this program.
    #[inline(always)]
    pub(super) fn key(&mut self, key: &'static str) -> &mut Self {
        push_joined(self.0, [b"\"", key.as_bytes(), b"\":"]);
        self
    }

    /// An object with the members that `members` writes.
    pub(super) fn object(&mut self, members: impl FnOnce(&mut Self)) {
        self.0.push(b'{');
        members(self);
        self.close(b'}');
    }

    /// A list of what `element` writes of each item.
    pub(super) fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut element: impl FnMut(&mut Self, T)) {
        self.0.push(b'[');
        for item in items {
            element(self, item);
        }
        self.close(b']');
    }

    /// A string that needs no escaping: a word of this program.
    #[inline(always)]
    pub(super) fn word(&mut self, word: &'static str) {
        self.string(|out| out.extend_from_slice(word.as_bytes()));
    }

    /// A string.
    pub(super) fn text(&mut self, text: &str) {
        self.string(|out| push_escaped(out, text.as_bytes()));
    }

    /// A string of ASCII that needs no escaping.
    #[inline(always)]
    pub(super) fn plain(&mut self, append: impl FnOnce(&mut Vec<u8>)) {
        self.string(append);
    }

    /// A number.
    #[inline(always)]
    pub(super) fn number(&mut self, number: impl Into<u64>) {
        self.raw(|out| text::push_decimal(out, number.into()));
    }

    /// A number that may be negative.
    pub(super) fn signed(&mut self, number: i64) {
        if number < 0 {
            self.0.push(b'-');
        }
        self.number(number.unsigned_abs());
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, flag: bool) {
        self.0.extend_from_slice(if flag { b"true," } else { b"false," });
    }

    /// `null`.
    pub(super) fn null(&mut self) {
        self.0.extend_from_slice(b"null,");
    }

    /// A number with a fraction, in the fewest digits that read back as the same.
    pub(super) fn float(&mut self, number: f64) {
        // Writing into a vector cannot fail.
        self.raw(|out| drop(serde_json::to_writer(out, &number)));
    }

    /// A span, in seconds.
    pub(super) fn span(&mut self, span: Duration) {
        self.raw(|out| text::push_seconds(out, i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)));
    }

    /// How long `time` is after `origin`, in seconds; negative where it is before.
    pub(super) fn offset(&mut self, time: Time, origin: Time) {
        self.raw(|out| text::push_seconds(out, time.0.saturating_sub(origin.0)));
    }

    /// A string of hexadecimal digits.
    pub(super) fn hex(&mut self, bytes: &[u8]) {
        self.string(|out| text::push_hex(out, bytes));
    }

    /// A value that `append` writes as it is to stand there.
    #[inline(always)]
    pub(super) fn raw(&mut self, append: impl FnOnce(&mut Vec<u8>)) {
        append(self.0);
        self.0.push(b',');
    }

    /// What `members` writes, as it stands there.
    pub(super) fn written(&mut self, members: impl FnOnce(&mut Self)) -> &[u8] {
        let start = self.0.len();
        members(self);
        self.0.get(start..).unwrap_or_default()
    }

    /// Members that were written before, once more.
    pub(super) fn again(&mut self, members: &[u8]) {
        self.0.extend_from_slice(members);
    }

    #[inline(always)]
    fn string(&mut self, append: impl FnOnce(&mut Vec<u8>)) {
        self.0.push(b'"');
        append(self.0);
        self.0.extend_from_slice(b"\",");
    }

    /// Ends an object or a list.
    fn close(&mut self, bracket: u8) {
        if self.0.last() == Some(&b',') {
            self.replace_comma(bracket);
        } else {
            self.0.push(bracket);
        }
        self.0.push(b',');
    }

    /// Takes back the comma of the last value.
    fn replace_comma(&mut self, by: u8) {
        if let Some(comma) = self.0.last_mut() {
            *comma = by;
        }
    }
}

/// Appends pieces as one. Always inlined: of pieces whose length the compiler knows it makes a few stores, and a line has
/// some forty keys.
#[inline(always)]
fn push_joined<const N: usize>(out: &mut Vec<u8>, pieces: [&[u8]; N]) {
    let (mut joined, mut used) = ([0; 32], 0);
    for piece in pieces {
        match joined.get_mut(used..used + piece.len()) {
            Some(room) => room.copy_from_slice(piece),
            None => return pieces.iter().for_each(|piece| out.extend_from_slice(piece)),
        }
        used += piece.len();
    }
    out.extend_from_slice(joined.get(..used).unwrap_or_default());
}

/// RFC 8259, section 7: the quotation mark, the backslash and the control characters must be escaped.
fn push_escaped(out: &mut Vec<u8>, text: &[u8]) {
    // Most texts need none.
    if is_clean::<16>(text).or_else(|| is_clean::<4>(text)).unwrap_or(false) {
        return out.extend_from_slice(text);
    }
    for byte in text {
        if needs_escape(*byte) { push_escape(out, *byte) } else { out.push(*byte) }
    }
}

/// Whether nothing in a text of at least `N` bytes needs an escape, `N` bytes at once. The last may be looked at twice.
fn is_clean<const N: usize>(text: &[u8]) -> Option<bool> {
    let last = text.last_chunk::<N>()?;
    let (chunks, _) = text.as_chunks();
    Some(!chunks.iter().chain([last]).any(any_needs_escape))
}

/// Without a branch, so that all are looked at together.
fn any_needs_escape<const N: usize>(bytes: &[u8; N]) -> bool {
    bytes.iter().fold(false, |needs, byte| needs | needs_escape(*byte))
}

fn push_escape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' | b'\\' => out.extend([b'\\', byte]),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        other => {
            out.extend_from_slice(b"\\u00");
            text::push_hex(out, &[other]);
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

    /// What is written, without its line's end.
    fn written(write: impl FnOnce(&mut Json<'_>)) -> String {
        let mut buffer = Vec::new();
        let mut json = Json::new(&mut buffer);
        write(&mut json);
        json.end_line();
        assert_eq!(buffer.pop(), Some(b'\n'));
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
