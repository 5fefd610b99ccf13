//! A day of the calendar.

use std::fmt;

/// A day (UTC) of the proleptic Gregorian calendar, from year 0 to 9999. The default is 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    /// Days since 1970-01-01.
    days: i32,
}

/// Days from 0000-03-01, where the calendar of [`Date`] counts its years from, to 1970-01-01.
const TO_EPOCH: i64 = 719_468;
/// Days of four hundred years.
const ERA: i64 = 146_097;
const SECONDS: i64 = 86_400;

impl Date {
    /// The day that holds a moment; `None` outside of the years 0 to 9999.
    #[must_use]
    pub(crate) fn of_epoch_seconds(seconds: i64) -> Option<Self> {
        let date = Self { days: i32::try_from(seconds.div_euclid(SECONDS)).ok()? };
        (0..=9999).contains(&date.parts().0).then_some(date)
    }

    /// Its first second, in seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub(crate) fn epoch_seconds(self) -> i64 {
        i64::from(self.days) * SECONDS
    }

    /// Reads `2027-03-31`; `None` where that is no day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-').map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then_some(part).map(|part| (part.len(), part.parse::<i64>().unwrap_or(0)))
        });
        let (Some(Some((4, year))), Some(Some((2, month))), Some(Some((2, day))), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        if !(1..=12).contains(&month) {
            return None;
        }
        let date = Self::of(year, month, day)?;
        (date.parts() == (year, month, day)).then_some(date)
    }

    // The arithmetic of http://howardhinnant.github.io/date_algorithms.html: years start in March, so that the leap
    // day is a year's last.
    fn of(year: i64, month: i64, day: i64) -> Option<Self> {
        let year = if month <= 2 { year - 1 } else { year };
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let days = era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - TO_EPOCH;
        Some(Self { days: i32::try_from(days).ok()? })
    }

    /// Year, month and day.
    fn parts(self) -> (i64, i64, i64) {
        let days = i64::from(self.days) + TO_EPOCH;
        let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let of_year = day - (365 * year + year / 4 - year / 100);
        let shifted = (5 * of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = era * 400 + year + i64::from(month <= 2);
        (year, month, of_year - (153 * shifted + 2) / 5 + 1)
    }
}

/// `2027-03-31`
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_seconds_agree() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2027-03-31", 20_908),
            ("0001-01-01", -719_162),
            ("0000-01-01", -719_528),
        ] {
            let date = Date::parse(text).unwrap();
            assert_eq!(date.epoch_seconds(), days * SECONDS, "{text}");
            assert_eq!(date.to_string(), text);
            assert_eq!(Date::of_epoch_seconds(days * SECONDS + SECONDS - 1), Some(date));
        }
    }

    #[test]
    fn what_is_no_day_is_none() {
        for text in [
            "",
            "2027-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-01-00",
            "27-01-01",
            "2027-1-1",
            "2027-01-01x",
            "+027-01-01",
            "2027-01-01-01",
            "0000-02-30",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert_eq!(Date::of_epoch_seconds(i64::MAX), None);
        assert_eq!(Date::of_epoch_seconds(i64::MIN), None);
        assert_eq!(Date::of_epoch_seconds(253_402_300_800), None, "the year 10000");
    }

    #[test]
    fn every_day_of_eight_hundred_years_is_itself() {
        let first = Date::parse("1900-01-01").unwrap();
        for day in 0..(800 * 366) {
            let date = Date { days: first.days + day };
            assert_eq!(Date::parse(&date.to_string()), Some(date));
        }
    }
}
