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
        client_text(self).into_string()
    }

    /// The JA3 fingerprint.
    pub fn ja3(&self) -> Ja3 {
        client_text(self).hash()
    }
}

impl ServerHello<'_> {
    /// The text under the JA3S hash: `version,cipher,extensions`. The version is the hello's own field.
    pub fn ja3s_text(&self) -> String {
        server_text(self).into_string()
    }

    /// The JA3S fingerprint.
    pub fn ja3s(&self) -> Ja3 {
        server_text(self).hash()
    }
}

/// Lists in decimal: commas between lists, dashes within. `write!` would cost more than the hash does.
struct Text(Vec<u8>);

impl Text {
    fn begin(version: u16) -> Self {
        let mut text = Self(Vec::with_capacity(512));
        text.decimal(version);
        text
    }

    fn list(&mut self, values: impl Iterator<Item = u16>) {
        self.0.push(b',');
        let start = self.0.len();
        for value in values.filter(|&value| !is_grease(value)) {
            self.decimal(value);
            self.0.push(b'-');
        }
        // The last one has no dash behind it.
        self.0.truncate(self.0.len().saturating_sub(1).max(start));
    }

    /// Writes all five digits and shifts the leading zeros out: a slice of a length that is not known would cost as much
    /// again.
    fn decimal(&mut self, value: u16) {
        let digit = |unit: u16| b'0' + (value / unit % 10) as u8;
        let digits = u64::from_le_bytes([digit(10_000), digit(1000), digit(100), digit(10), digit(1), 0, 0, 0]);
        let zeros = [10, 100, 1000, 10_000].iter().filter(|&&more| value < more).count();
        self.0.extend_from_slice(&(digits >> (8 * zeros)).to_le_bytes());
        self.0.truncate(self.0.len() - 3 - zeros);
    }

    fn hash(&self) -> Ja3 {
        Ja3(Md5::digest(&self.0).into())
    }

    fn into_string(self) -> String {
        // Made of ASCII only.
        String::from_utf8(self.0).unwrap_or_default()
    }
}

fn client_text(hello: &ClientHello<'_>) -> Text {
    let mut text = Text::begin(hello.version);
    text.list(hello.ciphers.iter());
    text.list(hello.extensions.kinds());
    text.list(hello.groups.iter());
    text.list(hello.point_formats.iter().map(|&format| u16::from(format)));
    text
}

fn server_text(hello: &ServerHello<'_>) -> Text {
    let mut text = Text::begin(hello.version);
    text.list(std::iter::once(hello.cipher));
    text.list(hello.extensions.kinds());
    text
}
