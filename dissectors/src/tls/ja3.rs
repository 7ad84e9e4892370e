//! JA3 and JA3S (github.com/salesforce/ja3): MD5 over decimal lists. GREASE is left out.

use super::{ClientHello, ServerHello, is_grease};
use md5::{Digest, Md5};
use std::fmt;

/// A JA3 or JA3S fingerprint; as text 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ja3(pub [u8; 16]);

impl Ja3 {
    fn of(text: &str) -> Self {
        Self(Md5::digest(text).into())
    }
}

impl fmt::Display for Ja3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl ClientHello<'_> {
    /// The text under the JA3 hash: `version,ciphers,extensions,groups,point formats`. The version is the hello's own
    /// field, whatever `supported_versions` says.
    pub fn ja3_text(&self) -> String {
        let mut text = Text::begin(self.version);
        text.list(self.ciphers.iter());
        text.list(self.extensions.kinds());
        text.list(self.groups.iter());
        text.list(self.point_formats.iter().map(|&format| u16::from(format)));
        text.0
    }

    /// The JA3 fingerprint.
    pub fn ja3(&self) -> Ja3 {
        Ja3::of(&self.ja3_text())
    }
}

impl ServerHello<'_> {
    /// The text under the JA3S hash: `version,cipher,extensions`. The version is the hello's own field.
    pub fn ja3s_text(&self) -> String {
        let mut text = Text::begin(self.version);
        text.list([self.cipher].into_iter());
        text.list(self.extensions.kinds());
        text.0
    }

    /// The JA3S fingerprint.
    pub fn ja3s(&self) -> Ja3 {
        Ja3::of(&self.ja3s_text())
    }
}

/// Lists in decimal: commas between lists, dashes within. `write!` would cost more than the hash does.
struct Text(String);

impl Text {
    fn begin(version: u16) -> Self {
        let mut text = Self(String::with_capacity(256));
        text.decimal(version);
        text
    }

    fn list(&mut self, values: impl Iterator<Item = u16>) {
        self.0.push(',');
        for (index, value) in values.filter(|&value| !is_grease(value)).enumerate() {
            if index > 0 {
                self.0.push('-');
            }
            self.decimal(value);
        }
    }

    fn decimal(&mut self, value: u16) {
        let mut power = 10_000;
        while power > 1 && value < power {
            power /= 10;
        }
        while power > 0 {
            self.0.extend(char::from_digit(u32::from(value / power % 10), 10));
            power /= 10;
        }
    }
}
