//! Names from the wire as text that is safe to print, to store and to compare.

use std::fmt::Write;

/// How many bytes of a name are kept: a domain name has no more than 255 (RFC 1035, section 2.3.4).
pub const MAX_NAME: usize = 255;

/// The server name that `host_name` states: ASCII in lower case, without trailing dots, escaped as in [`escape`].
///
/// `None` if nothing is left.
pub fn server_name(host_name: &[u8]) -> Option<String> {
    let len = host_name.iter().rposition(|&byte| byte != b'.')?.saturating_add(1);
    let name = host_name.get(..len)?.to_ascii_lowercase();
    if name.len() > MAX_NAME || !name.iter().copied().all(stands_for_itself) {
        return Some(escape(&name));
    }
    String::from_utf8(name).ok()
}

/// `bytes` as text, so that different bytes never give the same text.
///
/// Letters, digits and `-._~:/*%[]` stand for themselves, a backslash is doubled, and every other byte becomes `\xnn`.
/// Text therefore holds no space, quote, comma, bracket, line break or character that a spreadsheet takes for a
/// formula, and nothing that begins with `(` can be a name. Of a name longer than [`MAX_NAME`] only the beginning is
/// kept, and `\+n` says how many bytes are not shown.
pub fn escape(bytes: &[u8]) -> String {
    let (shown, cut) = bytes.split_at_checked(MAX_NAME).unwrap_or((bytes, &[]));
    let mut text = String::with_capacity(shown.len());
    for &byte in shown {
        push_escaped(&mut text, byte);
    }
    if !cut.is_empty() {
        push_formatted(&mut text, format_args!("\\+{}", cut.len()));
    }
    text
}

fn stands_for_itself(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'*' | b'%' | b'[' | b']')
}

fn push_escaped(text: &mut String, byte: u8) {
    match byte {
        plain if stands_for_itself(plain) => text.push(char::from(plain)),
        b'\\' => text.push_str("\\\\"),
        other => push_formatted(text, format_args!("\\x{other:02x}")),
    }
}

fn push_formatted(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing into a `String` cannot fail.
    let _ = text.write_fmt(arguments);
}

#[cfg(test)]
mod tests {
    use super::{MAX_NAME, escape, server_name};
    use std::collections::HashMap;

    #[test]
    fn server_names() {
        let cases: [(&[u8], Option<&str>); 9] = [
            (b"Example.COM", Some("example.com")),
            (b"example.com.", Some("example.com")),
            (b"server4:443", Some("server4:443")),
            (b"", None),
            (b"..", None),
            (b"a\\x00b", Some("a\\\\x00b")),
            (b"a\0b\n,\"", Some("a\\x00b\\x0a\\x2c\\x22")),
            (b"(other)", Some("\\x28other\\x29")),
            ("b\u{fc}cher.de".as_bytes(), Some("b\\xc3\\xbccher.de")),
        ];
        for (bytes, name) in cases {
            assert_eq!(server_name(bytes).as_deref(), name, "{bytes:?}");
        }
    }

    #[test]
    fn different_bytes_give_different_text() {
        let alphabet: Vec<u8> = (0..=u8::MAX).collect();
        let mut seen: HashMap<String, Vec<u8>> = HashMap::new();
        for &a in &alphabet {
            for b in [&b""[..], b"\\", b"x", b"x5c", b"\\x5c", b"0", b"+1"] {
                let bytes = [&[a], b].concat();
                let before = seen.insert(escape(&bytes), bytes.clone());
                assert!(before.is_none(), "{before:?} {bytes:?}");
            }
        }
    }

    #[test]
    fn a_name_that_is_too_long_says_so() {
        let text = escape(&vec![b'a'; MAX_NAME + 7]);
        assert_eq!(text, format!("{}\\+7", "a".repeat(MAX_NAME)));
        assert_eq!(escape(&vec![b'a'; MAX_NAME]).len(), MAX_NAME);
    }
}
