//! Moments in scenario files.

use dissectors::time::Time;
use sensor::output::{time_of, timestamp};
use serde::Deserialize;
use toml::value::Datetime;

/// A moment: TOML's date and time, in UTC unless it states an offset; a date alone is its midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Datetime")]
pub struct Date(pub Time);

impl TryFrom<Datetime> for Date {
    type Error = &'static str;

    fn try_from(datetime: Datetime) -> Result<Self, Self::Error> {
        time_of(&datetime.to_string()).map(Self).ok_or("a moment needs a date")
    }
}

impl Date {
    /// As UTCTime writes it (RFC 5280, section 4.1.2.5.1): `YYMMDDHHMMSSZ`.
    pub fn utc_time(self) -> Vec<u8> {
        let digits = timestamp(self.0).into_bytes().into_iter().filter(u8::is_ascii_digit);
        digits.skip(2).take(12).chain([b'Z']).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written() {
        for (text, seconds, utc_time) in [
            ("1970-01-01", 0, "700101000000Z"),
            ("2019-07-20T12:34:56Z", 1_563_626_096, "190720123456Z"),
            ("2024-02-29T00:00:00+06:00", 1_709_143_200, "240228180000Z"),
            ("2000-12-31T23:59:59", 978_307_199, "001231235959Z"),
        ] {
            let date = Date::try_from(text.parse::<Datetime>().unwrap()).unwrap();
            assert_eq!(date.0, Time::new(seconds, 0), "{text}");
            assert_eq!(date.utc_time(), utc_time.as_bytes(), "{text}");
        }
        assert!(Date::try_from("12:00:00".parse::<Datetime>().unwrap()).is_err());
    }
}
