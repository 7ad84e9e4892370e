//! Distinguished names: DER to compare by, text to read.
//!
//! Names are compared as DER only. Their text is for people, and nothing that it contains can end a line, reverse the
//! reading order or fake another attribute.

use std::fmt::Write;
use std::sync::Arc;

use x509_parser::asn1_rs::{Any, FromDer, Oid, Tag, oid};
use x509_parser::x509::{AttributeTypeAndValue, X509Name};

use super::Hex;
use super::part::Part;

/// The longest text of a name or of one of its values, in bytes; what was cut ends in `…`.
pub const MAX_NAME_TEXT: usize = 1024;

/// RFC 4514, section 3, RFC 4519, and those that certificates add to them (X.520, PKCS #9, the CA/Browser Forum).
const SHORT_NAMES: &[(Oid<'static>, &str)] = &[
    (oid!(2.5.4.3), "CN"),
    (oid!(2.5.4.4), "SN"),
    (oid!(2.5.4.5), "serialNumber"),
    (oid!(2.5.4.6), "C"),
    (oid!(2.5.4.7), "L"),
    (oid!(2.5.4.8), "ST"),
    (oid!(2.5.4.9), "STREET"),
    (oid!(2.5.4.10), "O"),
    (oid!(2.5.4.11), "OU"),
    (oid!(2.5.4.12), "title"),
    (oid!(2.5.4.13), "description"),
    (oid!(2.5.4.15), "businessCategory"),
    (oid!(2.5.4.17), "postalCode"),
    (oid!(2.5.4.42), "GN"),
    (oid!(2.5.4.46), "dnQualifier"),
    (oid!(2.5.4.97), "organizationIdentifier"),
    (oid!(0.9.2342.19200300.100.1.1), "UID"),
    (oid!(0.9.2342.19200300.100.1.25), "DC"),
    (oid!(1.2.840.113549.1.9.1), "emailAddress"),
    (oid!(1.3.6.1.4.1.311.60.2.1.1), "jurisdictionL"),
    (oid!(1.3.6.1.4.1.311.60.2.1.2), "jurisdictionST"),
    (oid!(1.3.6.1.4.1.311.60.2.1.3), "jurisdictionC"),
];

/// A distinguished name (RFC 5280, section 4.1.2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The whole encoding. Two names are the same if these bytes are.
    pub der: Part,
    /// RFC 4514 text: the last attribute first, escaped, at most [`MAX_NAME_TEXT`] bytes.
    pub text: Box<str>,
}

impl Name {
    /// The name that stands in `der`.
    pub(super) fn new(der: &Arc<[u8]>, name: &X509Name<'_>) -> Self {
        Self { der: Part::of(der, name.as_raw()), text: text(name) }
    }

    /// The first common name and the first organisation name, read now, decoded and not escaped: for comparison, not for
    /// display.
    pub fn common_name_and_organization(&self) -> (Option<String>, Option<String>) {
        let Ok((_, name)) = X509Name::from_der(&self.der) else { return (None, None) };
        (first(name.iter_common_name()), first(name.iter_organization()))
    }
}

fn first<'a>(mut attributes: impl Iterator<Item = &'a AttributeTypeAndValue<'a>>) -> Option<String> {
    let mut value = decode(attributes.next()?.attr_value())?;
    truncate(&mut value, MAX_NAME_TEXT);
    Some(value)
}

/// RFC 4514, section 2.1: the sequence in reverse, `+` within a set, `,` between sets.
fn text(name: &X509Name<'_>) -> Box<str> {
    let sets: Vec<_> = name.iter_rdn().collect();
    let mut text = String::new();
    for (place, set) in sets.iter().rev().enumerate() {
        for (index, attribute) in set.iter().enumerate() {
            text.push_str(separator(place, index));
            push_attribute(&mut text, attribute);
        }
        if text.len() > MAX_NAME_TEXT {
            break;
        }
    }
    truncate(&mut text, MAX_NAME_TEXT);
    text.into()
}

fn separator(set: usize, attribute: usize) -> &'static str {
    match (set, attribute) {
        (0, 0) => "",
        (_, 0) => ",",
        _ => "+",
    }
}

/// RFC 4514, section 2.3 and 2.4: `TYPE=value`, or `1.2.3=#<BER in hex>` for what has no name or is no string.
fn push_attribute(text: &mut String, attribute: &AttributeTypeAndValue<'_>) {
    let short = short_name(attribute.attr_type());
    match short {
        Some(short) => text.push_str(short),
        None => text.push_str(&attribute.attr_type().to_id_string()),
    }
    text.push('=');
    match decode(attribute.attr_value()) {
        Some(value) if short.is_some() => push_value(text, &value),
        _ => push_hex(text, attribute.attr_value()),
    }
}

fn push_hex(text: &mut String, value: &Any<'_>) {
    let shown = value.data.get(..MAX_NAME_TEXT).unwrap_or(value.data);
    // Writing to a string cannot fail.
    let _ = write!(text, "#{:02x}{}", value.tag().0, Hex(shown));
}

/// RFC 4514, section 2.4: escapes, and with them everything that would mislead a reader.
fn push_value(text: &mut String, value: &str) {
    if is_plain(value) {
        return text.push_str(value);
    }
    let last = value.len().saturating_sub(1);
    for (at, character) in value.char_indices() {
        match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.extend(['\\', character]),
            '#' if at == 0 => text.push_str("\\#"),
            ' ' if at == 0 || at == last => text.push_str("\\ "),
            _ => push_readable(text, character),
        }
    }
}

/// `text` with every unreadable character escaped, at most `limit` bytes.
pub(super) fn escaped(text: &str, limit: usize) -> Box<str> {
    if text.len() <= limit && is_plain(text) {
        return text.into();
    }
    let mut shown = String::new();
    for character in text.chars().take(limit) {
        match character {
            '\\' => shown.push_str("\\5c"),
            _ => push_readable(&mut shown, character),
        }
    }
    truncate(&mut shown, limit);
    shown.into()
}

/// Whether a text is printable ASCII of which nothing needs an escape, wherever it stands: nearly all are.
fn is_plain(text: &str) -> bool {
    let is_special = |byte| matches!(byte, b'"' | b'#' | b'+' | b',' | b';' | b'<' | b'>' | b'\\');
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && !is_special(byte)) && text.trim_ascii().len() == text.len()
}

fn push_readable(text: &mut String, character: char) {
    if !misleads(character) {
        return text.push(character);
    }
    let mut utf8 = [0; 4];
    for byte in character.encode_utf8(&mut utf8).bytes() {
        // Writing to a string cannot fail.
        let _ = write!(text, "\\{byte:02x}");
    }
}

/// Controls, and the invisible characters that break lines or change the reading order (Unicode, UAX #9 and UAX #14).
fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn truncate(text: &mut String, limit: usize) {
    if text.len() > limit {
        let room = limit.saturating_sub('…'.len_utf8());
        let end = (0..=room).rev().find(|&at| text.is_char_boundary(at));
        text.truncate(end.unwrap_or(0));
        text.push('…');
    }
}

/// The string types of RFC 5280, section 4.1.2.4, and the older ones still in use. `None` for what is no string or not
/// valid in its own encoding.
fn decode(value: &Any<'_>) -> Option<String> {
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            std::str::from_utf8(value.data).ok().map(str::to_owned)
        }
        // In practice Latin-1, whatever T.61 says.
        Tag::TeletexString => Some(value.data.iter().map(|&byte| char::from(byte)).collect()),
        Tag::BmpString => decode_bmp(value.data),
        Tag::UniversalString => decode_universal(value.data),
        _ => None,
    }
}

fn decode_bmp(data: &[u8]) -> Option<String> {
    let (pairs, rest) = data.as_chunks::<2>();
    let units = pairs.iter().map(|&pair| u16::from_be_bytes(pair));
    rest.is_empty().then(|| char::decode_utf16(units).collect::<Result<_, _>>().ok())?
}

fn decode_universal(data: &[u8]) -> Option<String> {
    let (quads, rest) = data.as_chunks::<4>();
    let characters = quads.iter().map(|&quad| char::from_u32(u32::from_be_bytes(quad)));
    rest.is_empty().then(|| characters.collect())?
}

fn short_name(attribute: &Oid<'_>) -> Option<&'static str> {
    SHORT_NAMES.iter().find_map(|(oid, name)| (oid == attribute).then_some(*name))
}
