//! Numbers, spans and moments as text, appended to a buffer: no allocation, no locale, and the same bytes everywhere.
//!
//! Nothing here goes through a floating-point number.

use std::io::Write as _;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dissectors::time::Time;

const NANOS_A_SECOND: i64 = 1_000_000_000;
const SECONDS_A_DAY: i64 = 86_400;

/// Digits of `u64::MAX`, in whole pairs.
const MAX_DIGITS: usize = 20;

/// `00` to `99`.
#[expect(clippy::indexing_slicing, reason = "the compiler runs it")]
static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < pairs.len() {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// `0.` to `255.`, with as many bytes behind it as it is shorter than the longest.
#[expect(clippy::indexing_slicing, reason = "the compiler runs it")]
static OCTETS: [[u8; 4]; 256] = {
    let mut octets = [[b'.'; 4]; 256];
    let mut octet = 0;
    while octet < octets.len() {
        let [hundreds, tens, ones] = [octet / 100, octet / 10 % 10, octet % 10];
        let digits = [b'0' + hundreds as u8, b'0' + tens as u8, b'0' + ones as u8];
        octets[octet] = match octet {
            0..10 => [digits[2], b'.', b'.', b'.'],
            10..100 => [digits[1], digits[2], b'.', b'.'],
            _ => [digits[0], digits[1], digits[2], b'.'],
        };
        octet += 1;
    }
    octets
};

/// Appends the first `used` bytes of `padded`. To copy as many bytes as may be and to take back the rest is a few
/// instructions; to copy any number is a call.
#[inline(always)]
fn push_padded<const N: usize>(out: &mut Vec<u8>, padded: &[u8; N], used: usize) {
    let end = out.len() + used.min(N);
    out.extend_from_slice(padded);
    out.truncate(end);
}

/// Appends a number in decimal.
pub(super) fn push_decimal(out: &mut Vec<u8>, number: u64) {
    // The pairs stand at the end of the first half; the second lets the same number of bytes be copied from anywhere.
    let mut digits = [b'0'; 2 * MAX_DIGITS];
    let (mut rest, mut start) = (number, MAX_DIGITS);
    loop {
        start -= 2;
        put(&mut digits, start, two_digits((rest % 100) as u32));
        if rest < 100 {
            break;
        }
        rest /= 100;
    }
    start += usize::from(rest < 10);
    if let Some(digits) = digits.get(start..).and_then(<[u8]>::first_chunk::<MAX_DIGITS>) {
        push_padded(out, digits, MAX_DIGITS - start);
    }
}

/// Puts `chunk` at `place` of `bytes`, if there is room for it.
#[inline(always)]
fn put<const N: usize>(bytes: &mut [u8], place: usize, chunk: [u8; N]) {
    if let Some(room) = bytes.get_mut(place..).and_then(<[u8]>::first_chunk_mut) {
        *room = chunk;
    }
}

/// Two decimal digits, of a number's last ones.
fn two_digits(number: u32) -> [u8; 2] {
    PAIRS.get((number % 100) as usize).copied().unwrap_or_default()
}

/// Six decimal digits.
fn six_digits(number: u32) -> [u8; 6] {
    let ([a, b], [c, d], [e, f]) = (two_digits(number / 10_000), two_digits(number / 100), two_digits(number));
    [a, b, c, d, e, f]
}

/// Appends a span of nanoseconds as decimal seconds, cut (not rounded) to microseconds so that a lower bound stays one,
/// without trailing zeros.
pub(super) fn push_seconds(out: &mut Vec<u8>, nanoseconds: i64) {
    let micros = nanoseconds / 1000;
    if micros < 0 {
        out.push(b'-');
    }
    let micros = micros.unsigned_abs();
    push_decimal(out, micros / 1_000_000);
    let [a, b, c, d, e, f] = six_digits((micros % 1_000_000) as u32);
    let digits = [b'.', a, b, c, d, e, f];
    let used = digits.iter().rposition(|digit| !matches!(digit, b'0' | b'.')).map_or(0, |last| last + 1);
    push_padded(out, &digits, used);
}

/// Appends bytes in lower-case hexadecimal.
pub(super) fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    let (chunks, rest) = bytes.as_chunks::<16>();
    for chunk in chunks {
        out.extend_from_slice(chunk.map(|byte| hex_pair(byte, b'a')).as_flattened());
    }
    for byte in rest {
        out.extend_from_slice(&hex_pair(*byte, b'a'));
    }
}

/// Appends bytes in hexadecimal with colons between them, as Suricata writes fingerprints (with `ten` = `a`) and serial
/// numbers (with `A`).
pub(super) fn push_colons(out: &mut Vec<u8>, bytes: &[u8], ten: u8) {
    let start = out.len();
    out.resize(start + 3 * bytes.len(), b':');
    let (places, _) = out.get_mut(start..).unwrap_or_default().as_chunks_mut();
    for ([high, low, _], byte) in places.iter_mut().zip(bytes) {
        [*high, *low] = hex_pair(*byte, ten);
    }
    // No colon behind the last.
    out.truncate((start + 3 * bytes.len()).saturating_sub(usize::from(!bytes.is_empty())));
}

fn hex_pair(byte: u8, ten: u8) -> [u8; 2] {
    // Without a branch, so that many are made at once.
    [byte >> 4, byte & 15].map(|nibble| b'0' + nibble + u8::from(nibble > 9) * (ten - b'0' - 10))
}

/// Appends `0x` and four hexadecimal digits, as versions and cipher suites are written.
pub(super) fn push_code(out: &mut Vec<u8>, code: u16) {
    let [[a, b], [c, d]] = code.to_be_bytes().map(|byte| hex_pair(byte, b'a'));
    out.extend_from_slice(&[b'0', b'x', a, b, c, d]);
}

/// Appends bytes in base64.
pub(super) fn push_base64(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    // The room is that of the text.
    let _ = STANDARD.encode_slice(bytes, out.get_mut(start..).unwrap_or_default());
}

/// Appends an address.
pub(super) fn push_address(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            let (mut text, mut used) = ([0; 16], 0);
            for octet in address.octets() {
                put(&mut text, used, OCTETS.get(usize::from(octet)).copied().unwrap_or_default());
                used += 2 + usize::from(octet >= 10) + usize::from(octet >= 100);
            }
            // No dot behind the last.
            push_padded(out, &text, used - 1);
        }
        // Writing into a vector cannot fail.
        IpAddr::V6(address) => drop(write!(out, "{address}")),
    }
}

/// Appends a moment as EVE writes it: ISO 8601 in UTC with microseconds, `2019-07-17T10:00:00.000123+0000`.
pub(super) fn push_timestamp(out: &mut Vec<u8>, time: Time) {
    let seconds = time.0.div_euclid(NANOS_A_SECOND);
    push_civil(out, seconds);
    // Less than a second fits.
    let nanos = time.0.wrapping_sub(seconds.wrapping_mul(NANOS_A_SECOND)) as u32;
    let [a, b, c, d, e, f] = six_digits(nanos / 1000);
    out.extend_from_slice(&[b'.', a, b, c, d, e, f, b'+', b'0', b'0', b'0', b'0']);
}

/// Appends seconds since the Unix epoch as `2019-07-17T10:00:00`, the form of EVE's certificate dates.
pub(super) fn push_civil(out: &mut Vec<u8>, seconds: i64) {
    let days = seconds.div_euclid(SECONDS_A_DAY);
    let (year, month, day) = civil(days);
    // Less than a day fits.
    let second = seconds.wrapping_sub(days.wrapping_mul(SECONDS_A_DAY)) as u32;
    if year < 0 {
        out.push(b'-');
    }
    // Certificates reach year 9999 and no further (RFC 5280, section 4.1.2.5).
    let year = (year.unsigned_abs() % 10_000) as u32;
    let ([y0, y1], [y2, y3], [m0, m1]) = (two_digits(year / 100), two_digits(year), two_digits(month));
    let ([d0, d1], [h0, h1]) = (two_digits(day), two_digits(second / 3600));
    let ([n0, n1], [s0, s1]) = (two_digits(second / 60 % 60), two_digits(second % 60));
    out.extend_from_slice(&[y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', n0, n1, b':', s0, s1]);
}

/// Year, month and day of a day number (0 is 1 January 1970), in the proleptic Gregorian calendar: the algorithm of
/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn civil(days: i64) -> (i64, u32, u32) {
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097) as u32;
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era.saturating_mul(400).saturating_add(year_of_era.into());
    (year.saturating_add(i64::from(month <= 2)), month, day)
}

/// A moment as EVE writes it.
pub fn timestamp(time: Time) -> String {
    text_of(|out| push_timestamp(out, time))
}

/// The moment that ISO 8601 states: a date, and a time of day and an offset from UTC if it has them. Fractions are read
/// to the nanosecond.
pub fn time_of(text: &str) -> Option<Time> {
    let (date, rest) = text.split_at_checked(10)?;
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let days = days_since_1970(parts.next()??, parts.next()??, parts.next()??);
    let midnight = Time::new(days.checked_mul(SECONDS_A_DAY)?, 0);
    let Some(rest) = rest.strip_prefix(['T', ' ']) else { return rest.is_empty().then_some(midnight) };
    let (clock, offset) = rest.split_at(rest.find(['Z', '+', '-']).unwrap_or(rest.len()));
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = clock.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let seconds = parts.next()?? * 3_600 + parts.next()?? * 60 + parts.next().unwrap_or(Some(0))?;
    let nanoseconds: i64 = format!("{fraction:0<9.9}").parse().ok()?;
    let seconds = seconds.checked_sub(offset_of(offset)?)?;
    Some(Time(midnight.0.checked_add(seconds.checked_mul(NANOS_A_SECOND)?)?.checked_add(nanoseconds)?))
}

/// Seconds of `Z`, `+06:00` or `-0500`; none is UTC.
fn offset_of(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1) {
        None | Some(("Z", "")) => return Some(0),
        Some(("+", digits)) => (1, digits.replace(':', "")),
        Some(("-", digits)) => (-1, digits.replace(':', "")),
        Some(_) => return None,
    };
    let (hours, minutes) = digits.split_at_checked(2)?;
    Some(sign * (hours.parse::<i64>().ok()? * 3_600 + minutes.parse::<i64>().ok()? * 60))
}

/// The inverse of [`civil`], from the same source.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year.saturating_sub(1) } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * month.saturating_add(9).rem_euclid(12) + 2) / 5 + day.clamp(1, 31) - 1;
    era.saturating_mul(146_097) + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

/// What one of the functions above appends, as text of its own.
pub(super) fn text_of(append: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    append(&mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read() {
        for (text, nanoseconds) in [
            ("1970-01-01", 0),
            ("1970-01-01T00:00:01.5Z", 1_500_000_000),
            ("2019-07-17T10:00:00.000123+0000", 1_563_357_600_000_123_000),
            ("2024-02-29 00:00:00+06:00", 1_709_143_200_000_000_000),
            ("2024-02-29T00:00-0500", 1_709_182_800_000_000_000),
        ] {
            assert_eq!(time_of(text), Some(Time(nanoseconds)), "{text}");
        }
        for text in ["", "2024", "2024-xx-01", "2024-01-01T", "2024-01-01T1:2:x", "2024-01-01Q", "2024-01-01T00:00+x"] {
            assert_eq!(time_of(text), None, "{text}");
        }
        for days in (-200_000..200_000).step_by(17) {
            let (year, month, day) = civil(days);
            assert_eq!(days_since_1970(year, month.into(), day.into()), days);
        }
    }

    #[test]
    fn decimals() {
        for number in [0, 7, 10, 99, 100, 12_345, u64::MAX] {
            assert_eq!(text_of(|out| push_decimal(out, number)), number.to_string());
        }
    }

    #[test]
    fn seconds_are_cut_to_microseconds() {
        let cases = [
            (0, "0"),
            (999, "0"),
            (1000, "0.000001"),
            (80_000_000, "0.08"),
            (3_000_000_000, "3"),
            (12_345_678_999, "12.345678"),
            (-100_000_000, "-0.1"),
            (-999, "0"),
            (i64::MAX, "9223372036.854775"),
            (i64::MIN, "-9223372036.854775"),
        ];
        for (nanoseconds, text) in cases {
            assert_eq!(text_of(|out| push_seconds(out, nanoseconds)), text);
        }
    }

    #[test]
    fn moments() {
        let cases = [
            (Time(0), "1970-01-01T00:00:00.000000+0000"),
            (Time::new(951_782_400, 0), "2000-02-29T00:00:00.000000+0000"),
            (Time::new(1_563_357_600, 123_999), "2019-07-17T10:00:00.000123+0000"),
            (Time::new(4_107_542_399, 999_999_999), "2100-02-28T23:59:59.999999+0000"),
            (Time(-1), "1969-12-31T23:59:59.999999+0000"),
            (Time(i64::MIN), "1677-09-21T00:12:43.145224+0000"),
            (Time(i64::MAX), "2262-04-11T23:47:16.854775+0000"),
        ];
        for (time, text) in cases {
            assert_eq!(text_of(|out| push_timestamp(out, time)), text);
        }
        assert_eq!(text_of(|out| push_civil(out, 253_402_300_799)), "9999-12-31T23:59:59");
        assert_eq!(text_of(|out| push_civil(out, -62_135_596_800)), "0001-01-01T00:00:00");
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut before = civil(-200_000);
        for day in -199_999..200_000 {
            let now = civil(day);
            let next_day = (now.0, now.1, now.2) == (before.0, before.1, before.2 + 1);
            let next_month = now.2 == 1 && (28..=31).contains(&before.2);
            assert!(next_day || next_month, "{before:?} {now:?}");
            before = now;
        }
    }

    #[test]
    fn bytes_and_addresses() {
        assert_eq!(text_of(|out| push_hex(out, &[0, 0x9a, 0xff])), "009aff");
        assert_eq!(text_of(|out| push_colons(out, &[0, 0x9a, 0xff], b'A')), "00:9A:FF");
        assert_eq!(text_of(|out| push_code(out, 0x0304)), "0x0304");
        for address in ["0.0.0.0", "192.0.2.255", "2001:db8::1", "::ffff:192.0.2.1"] {
            assert_eq!(text_of(|out| push_address(out, address.parse().unwrap())), address);
        }
    }
}
