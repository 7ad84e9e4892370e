//! Fields of records: hexadecimal, base64, words.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Problem;
use crate::blocklist::entry::{Class, Kind};

/// Hexadecimal of any length, as certificates' tools print it: upper or lower case, with or without colons.
pub(super) fn hex(field: &'static str, text: &str) -> Result<Vec<u8>, Problem> {
    let digits: Vec<u8> = text.bytes().filter(|&byte| byte != b':').collect();
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes: Option<Vec<u8>> = pairs.iter().map(|&pair| byte(pair)).collect();
    bytes.filter(|_| rest.is_empty() && !text.is_empty()).ok_or(Problem::Hex(field, None))
}

/// Hexadecimal of a fixed length.
pub(super) fn hash<const N: usize>(field: &'static str, text: &str) -> Result<[u8; N], Problem> {
    let bytes = hex(field, text).map_err(|_| Problem::Hex(field, Some(N)))?;
    bytes.try_into().map_err(|_| Problem::Hex(field, Some(N)))
}

/// A serial number in hexadecimal, without its leading zeros; an odd number of digits is one as well.
pub(super) fn serial(field: &'static str, text: &str) -> Result<Box<[u8]>, Problem> {
    let odd = text.bytes().filter(|&byte| byte != b':').count() % 2 == 1;
    let text = if odd { format!("0{text}") } else { text.to_owned() };
    Ok(significant(&hex(field, &text)?).into())
}

/// The octets after the leading zeros.
pub(super) fn significant(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|&&octet| octet == 0).count();
    serial.get(zeros..).unwrap_or_default()
}

/// Standard base64 with its padding.
pub(super) fn base64(text: &str) -> Result<Vec<u8>, Problem> {
    STANDARD.decode(text).map_err(|_| Problem::Base64)
}

pub(super) fn class(word: &str) -> Result<Class, Problem> {
    Class::from_word(word).ok_or_else(|| Problem::Class(word.to_owned()))
}

pub(super) fn kind(word: &str) -> Result<Kind, Problem> {
    Kind::from_word(word).ok_or_else(|| Problem::Kind(word.to_owned()))
}

fn byte([high, low]: [u8; 2]) -> Option<u8> {
    let digit = |character: u8| char::from(character).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}
