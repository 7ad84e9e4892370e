//! Which version of a list or of rules was in force: the beginning of the SHA-256 of the file.

use dissectors::x509::{Hex, sha256};

/// The revision of a file with this content, in 12 hexadecimal digits.
pub fn of(content: &[u8]) -> String {
    Hex(sha256(content).first_chunk::<6>().map_or(&[], |first| first)).to_string()
}
