//! Moments in scenario files.

use dissectors::time::Time;
use serde::Deserialize;
use toml::value::Datetime;

/// A moment: TOML's date and time, in UTC unless it states an offset; a date alone is its midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Datetime")]
pub struct Date(pub Time);

impl TryFrom<Datetime> for Date {
    type Error = &'static str;

    fn try_from(datetime: Datetime) -> Result<Self, Self::Error> {
        let date = datetime.date.ok_or("a time of day alone is no moment")?;
        let days = days_since_1970(date.year.into(), date.month.into(), date.day.into());
        let seconds = datetime.time.map_or(0, |time| {
            i64::from(time.hour) * 3_600 + i64::from(time.minute) * 60 + i64::from(time.second.unwrap_or(0))
        });
        let offset = match datetime.offset {
            Some(toml::value::Offset::Custom { minutes }) => i64::from(minutes) * 60,
            Some(toml::value::Offset::Z) | None => 0,
        };
        Ok(Self(Time::new(days * 86_400 + seconds - offset, 0)))
    }
}

impl Date {
    /// As UTCTime writes it (RFC 5280, section 4.1.2.5.1): `YYMMDDHHMMSSZ`.
    pub fn utc_time(self) -> Vec<u8> {
        let seconds = self.0.0.div_euclid(1_000_000_000);
        let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
        let (year, month, day) = civil(days);
        let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
        format!("{:02}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z", year.rem_euclid(100)).into_bytes()
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. Years begin in March here, so that a leap day ends one
/// (Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013).
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

/// Year, month and day, so many days after 1970-01-01 (from the same source).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let (day, month) = (day_of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    (year + era * 400 + i64::from(month <= 2), month, day)
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

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        for days in -1_000..146_100 {
            let (year, month, day) = civil(days);
            assert_eq!(days_since_1970(year, month, day), days);
        }
    }
}
