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
        let mut text = Self(Vec::with_capacity(256));
        text.decimal(version);
        text
    }

    fn list(&mut self, values: impl Iterator<Item = u16>) {
        self.0.push(b',');
        for (index, value) in values.filter(|&value| !is_grease(value)).enumerate() {
            if index > 0 {
                self.0.push(b'-');
            }
            self.decimal(value);
        }
    }

    fn decimal(&mut self, mut value: u16) {
        let mut digits = [b'0'; 5];
        let mut zeros = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (value % 10) as u8;
            value /= 10;
            zeros -= 1;
            if value == 0 {
                break;
            }
        }
        self.0.extend_from_slice(digits.get(zeros..).unwrap_or_default());
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
