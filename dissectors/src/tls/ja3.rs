//! JA3 and JA3S (github.com/salesforce/ja3): MD5 over decimal lists. GREASE is left out.

use super::{ClientHello, ServerHello, is_grease};
use md5::{Digest, Md5};
use std::fmt;

/// A JA3 or JA3S fingerprint; as text 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ja3(pub [u8; 16]);

impl fmt::Display for Ja3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl ClientHello<'_> {
    /// The text under the JA3 hash: `version,ciphers,extensions,groups,point formats`. The version is the hello's own
    /// field, whatever `supported_versions` says.
    pub fn ja3_text(&self) -> String {
        string(client_text(self, Vec::new()))
    }

    /// The JA3 fingerprint.
    pub fn ja3(&self) -> Ja3 {
        Ja3(client_text(self, Md5::new()).finalize().into())
    }

    /// The same, where the text is wanted too: it is written at the end of `out`.
    pub fn write_ja3(&self, out: &mut Vec<u8>) -> Ja3 {
        let start = out.len();
        *out = client_text(self, std::mem::take(out));
        Ja3(Md5::digest(out.get(start..).unwrap_or_default()).into())
    }
}

impl ServerHello<'_> {
    /// The text under the JA3S hash: `version,cipher,extensions`. The version is the hello's own field.
    pub fn ja3s_text(&self) -> String {
        string(server_text(self, Vec::new()))
    }

    /// The JA3S fingerprint.
    pub fn ja3s(&self) -> Ja3 {
        Ja3(server_text(self, Md5::new()).finalize().into())
    }
}

fn client_text<S: Sink>(hello: &ClientHello<'_>, sink: S) -> S {
    let mut text = Text::new(sink, hello.version);
    text.list(hello.ciphers.iter());
    text.list(hello.extensions.kinds());
    text.list(hello.groups.iter());
    text.list(hello.point_formats.iter().map(|&format| u16::from(format)));
    text.end()
}

fn server_text<S: Sink>(hello: &ServerHello<'_>, sink: S) -> S {
    let mut text = Text::new(sink, hello.version);
    text.list(std::iter::once(hello.cipher));
    text.list(hello.extensions.kinds());
    text.end()
}

/// Where a text goes, piece by piece.
trait Sink {
    fn take(&mut self, piece: &[u8]);
}

impl Sink for Md5 {
    fn take(&mut self, piece: &[u8]) {
        self.update(piece);
    }
}

impl Sink for Vec<u8> {
    fn take(&mut self, piece: &[u8]) {
        self.extend_from_slice(piece);
    }
}

/// A text is made of ASCII only.
fn string(text: Vec<u8>) -> String {
    String::from_utf8(text).unwrap_or_default()
}

/// Lists in decimal: commas between lists, dashes within. Handed on in blocks of MD5, so that nothing is allocated, however
/// long the hello; `write!` would cost more than the hash does.
struct Text<S> {
    sink: S,
    ahead: [u8; BLOCK + WIDTH],
    len: usize,
}

/// The bytes that MD5 takes at once (RFC 1321, section 3.4).
const BLOCK: usize = 64;

/// The bytes written for one value, of which a separator and up to five digits count.
const WIDTH: usize = 8;

impl<S: Sink> Text<S> {
    fn new(sink: S, version: u16) -> Self {
        let mut text = Self { sink, ahead: [0; BLOCK + WIDTH], len: 0 };
        let (digits, len) = decimal(version);
        text.push(digits, len);
        text
    }

    fn list(&mut self, values: impl Iterator<Item = u16>) {
        let mut separator = b',';
        for value in values.filter(|&value| !is_grease(value)) {
            let (digits, len) = decimal(value);
            self.push(digits << 8 | u64::from(separator), len + 1);
            separator = b'-';
        }
        if separator == b',' {
            self.push(u64::from(separator), 1);
        }
    }

    /// Appends the first `len` bytes of `bytes`, the lowest first. All are written: a length that is known costs least.
    fn push(&mut self, bytes: u64, len: usize) {
        if let Some(free) = self.ahead.get_mut(self.len..).and_then(<[u8]>::first_chunk_mut) {
            *free = bytes.to_le_bytes();
        }
        self.len += len;
        if self.len >= BLOCK {
            self.hand_on();
        }
    }

    fn hand_on(&mut self) {
        if let Some((block, rest)) = self.ahead.split_first_chunk_mut::<BLOCK>() {
            self.sink.take(block);
            block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            self.len -= BLOCK;
        }
    }

    fn end(mut self) -> S {
        self.sink.take(self.ahead.get(..self.len).unwrap_or_default());
        self.sink
    }
}

/// How many hundreds a value can have, and one more.
const HUNDREDS: usize = u16::MAX as usize / 100 + 1;

/// The digits of the numbers below [`HUNDREDS`] without leading zeros, the first one first, and how many there are.
#[expect(clippy::indexing_slicing, reason = "an index out of bounds does not compile")]
static SHORT: [([u8; 3], u8); HUNDREDS] = {
    let mut all = [([0; 3], 0); HUNDREDS];
    let mut number = 0;
    while number < HUNDREDS {
        let [a, b, c] = [number / 100, number / 10 % 10, number % 10];
        let [a, b, c] = [b'0' + a as u8, b'0' + b as u8, b'0' + c as u8];
        all[number] = match number {
            0..10 => ([c, 0, 0], 1),
            10..100 => ([b, c, 0], 2),
            _ => ([a, b, c], 3),
        };
        number += 1;
    }
    all
};

/// The digits of `value` without leading zeros, the first one lowest, and how many there are.
fn decimal(value: u16) -> (u64, usize) {
    let short = |number: u16| SHORT.get(usize::from(number)).copied().unwrap_or_default();
    if usize::from(value) < HUNDREDS {
        let ([a, b, c], len) = short(value);
        return (u64::from_le_bytes([a, b, c, 0, 0, 0, 0, 0]), usize::from(len));
    }
    let (([a, b, c], len), pair) = (short(value / 100), value % 100);
    let pair = u64::from(b'0' + (pair / 10) as u8) | u64::from(b'0' + (pair % 10) as u8) << 8;
    let hundreds = u64::from_le_bytes([a, b, c, 0, 0, 0, 0, 0]);
    (hundreds | pair << (8 * len), usize::from(len) + 2)
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn every_value_in_decimal() {
        for value in 0..=u16::MAX {
            let (digits, len) = decimal(value);
            assert_eq!(digits.to_le_bytes()[..len], *value.to_string().as_bytes());
        }
    }
}
