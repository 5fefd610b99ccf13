//! The values that condition operators compare: numbers, instants, address ranges, binary data.
//!
//! Each is read from the text of a policy or of a request. A text that cannot be read gives `None`, never a guess.
//! The forms are those of
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

use crate::model::Date;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use std::cmp::Ordering;
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// More digits than this are no number that anybody compares; longer texts are not read.
const MAX_DIGITS: usize = 400;

/// A decimal number, compared exactly: `1.2` equals `1.20`, and no digit is ever rounded away.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    negative: bool,
    /// Digits before the point, without leading zeros.
    whole: String,
    /// Digits after the point, without trailing zeros.
    fraction: String,
}

impl Number {
    /// Reads an integer or decimal, with an optional sign and exponent.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_DIGITS {
            return None;
        }
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let point = isize::try_from(whole.len()).ok()?.checked_add(exponent)?;
        Some(Self::normal(negative, &digits, point))
    }

    /// `digits` with the point before the digit at `point`, which may lie outside of them.
    fn normal(negative: bool, digits: &str, point: isize) -> Self {
        let zeros = |count: isize| "0".repeat(usize::try_from(count).unwrap_or(0));
        let length = isize::try_from(digits.len()).unwrap_or(isize::MAX);
        let padded = format!("{}{digits}{}", zeros(-point), zeros(point - length));
        let (whole, fraction) = padded.split_at_checked(usize::try_from(point).unwrap_or(0)).unwrap_or((&padded, ""));
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        let zero = whole.is_empty() && fraction.is_empty();
        Self { negative: negative && !zero, whole, fraction }
    }

    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        (self.whole.len().cmp(&other.whole.len()))
            .then_with(|| self.whole.cmp(&other.whole))
            .then_with(|| self.fraction.cmp(&other.fraction))
    }
}

fn read_exponent(text: &str) -> Option<isize> {
    let exponent: isize = text.parse().ok()?;
    (exponent.unsigned_abs() <= MAX_DIGITS).then_some(exponent)
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.cmp_magnitude(other),
            (true, true) => other.cmp_magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        let whole = if self.whole.is_empty() { "0" } else { &self.whole };
        let point = if self.fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{}", self.fraction)
    }
}

/// A point in time, in nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i128);

const NANOS: i128 = 1_000_000_000;

impl Instant {
    /// The first moment of a day (UTC).
    #[must_use]
    pub fn start_of(date: Date) -> Self {
        Self(i128::from(date.epoch_seconds()) * NANOS)
    }

    /// Reads the ISO 8601 forms of the W3C profile (<https://www.w3.org/TR/NOTE-datetime>) and seconds since 1970.
    ///
    /// Four digits are a year in the one form and seconds in the other; nothing says which, so they are not read.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > 40 {
            return None;
        }
        if text.len() != 4 && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self(text.parse::<i128>().ok()?.checked_mul(NANOS)?));
        }
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let day = Self::start_of(read_date(date, time.is_some())?);
        let nanos = time.map_or(Some(0), read_time)?;
        Some(Self(day.0 + nanos))
    }

    /// Whether a text may be a date in a form that is not documented: it has the characters of one, and its day, where
    /// that is written as documented, is in the calendar.
    #[must_use]
    pub(crate) fn is_plausible(text: &str) -> bool {
        let (day, time) = text.split_at_checked("YYYY-MM-DD".len()).unwrap_or((text, ""));
        let shape =
            |text: &str| text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte }).collect::<Vec<u8>>();
        let is_no_day = shape(day) == *b"0000-00-00" && Date::parse(day).is_none();
        let hours = time.get(1..).and_then(|time| time.split(':').next()?.parse::<u32>().ok());
        if is_no_day || time.starts_with('T') && hours.is_some_and(|hours| hours > 24) {
            return false;
        }
        text.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_digit() || b"-:TtZz.+ ".contains(&byte))
    }
}

/// `YYYY-MM-DD`, or `YYYY-MM` for its first day where no time follows.
fn read_date(text: &str, with_time: bool) -> Option<Date> {
    if text.len() == 7 && !with_time { Date::parse(&format!("{text}-01")) } else { Date::parse(text) }
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s…` with `Z` or `±hh:mm`, as nanoseconds since midnight UTC.
fn read_time(text: &str) -> Option<i128> {
    let (clock, offset) = if let Some(clock) = text.strip_suffix('Z') {
        (clock, 0)
    } else {
        let at = text.rfind(['+', '-'])?;
        let (clock, zone) = text.split_at_checked(at)?;
        let sign = if zone.starts_with('-') { -1 } else { 1 };
        let (hours, minutes) = zone.get(1..)?.split_once(':')?;
        let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
        (hours < 24 && minutes < 60).then_some(())?;
        (clock, sign * (hours * 60 + minutes))
    };
    let mut parts = clock.split(':');
    let (hours, minutes) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let (seconds, nanos) = parts.next().map_or(Some((0, 0)), read_seconds)?;
    if parts.next().is_some() || hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let seconds = (hours * 60 + minutes - offset) * 60 + seconds;
    Some(i128::from(seconds) * NANOS + i128::from(nanos))
}

fn read_seconds(text: &str) -> Option<(i64, i64)> {
    let (seconds, fraction) = match text.split_once('.') {
        Some((seconds, fraction)) if (1..=9).contains(&fraction.len()) => (seconds, fraction),
        Some(_) => return None,
        None => (text, "0"),
    };
    Some((digits(seconds, 2)?, digits(&format!("{fraction:0<9}"), 9)?))
}

/// Exactly `count` decimal digits.
fn digits(text: &str, count: usize) -> Option<i64> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

/// A range of IP addresses. A bare address is the range that holds just itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    /// True for IPv6.
    pub v6: bool,
    /// The first address, as a number.
    pub first: u128,
    /// The last address, as a number.
    pub last: u128,
}

impl Cidr {
    /// Reads an address, or an address with a prefix length. Bits after the prefix are ignored.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let (v6, width, number) = if let Ok(address) = address.parse::<Ipv4Addr>() {
            (false, 32, u128::from(u32::from(address)))
        } else {
            (true, 128, u128::from(address.parse::<Ipv6Addr>().ok()?))
        };
        let length = match prefix {
            Some(prefix) if (1..=3).contains(&prefix.len()) && prefix.bytes().all(|b| b.is_ascii_digit()) => {
                prefix.parse().ok()?
            }
            Some(_) => return None,
            None => width,
        };
        let rest = u32::checked_sub(width, length)?;
        let host = 1_u128.checked_shl(rest).map_or(u128::MAX, |bit| bit - 1);
        Some(Self { v6, first: number & !host, last: number | host })
    }

    /// Whether every address of `other` lies in this range.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.v6 == other.v6 && self.first <= other.first && other.last <= self.last
    }
}

/// A boolean as IAM writes it. Only lower case is documented; other cases are `None`.
#[must_use]
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Decodes base64 (RFC 4648, with padding; bits past the last byte do not matter).
#[must_use]
pub(crate) fn parse_base64(text: &str) -> Option<Vec<u8>> {
    let lenient = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(&STANDARD, lenient).decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap_or_else(|| panic!("{text} is a number"))
    }

    #[test]
    fn numbers_compare_exactly() {
        for (one, two) in [("1.2", "1.20"), ("-0", "0"), ("1e3", "1000"), ("12e-1", "1.2"), (".5", "0.5"), ("+7", "7")]
        {
            assert_eq!(number(one), number(two), "{one} {two}");
        }
        for (less, more) in [("1.2", "1.3"), ("9", "10"), ("-2", "-1"), ("-1", "0"), ("1.05", "1.5"), ("0.1", "0.11")] {
            assert!(number(less) < number(more), "{less} < {more}");
        }
        // A double cannot tell these apart.
        assert!(number("9007199254740992.1") < number("9007199254740992.2"));
        assert_eq!(number("-01.50").to_string(), "-1.5");
    }

    #[test]
    fn what_is_no_number_is_not_read() {
        for text in ["", "-", ".", "1.2.3", "1,2", "abc", "NaN", "1e", "1e999999999999", "٣", "0x10", " 1"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_instants() {
        let at = |text: &str| Instant::parse(text).unwrap_or_else(|| panic!("{text} is a date"));
        assert_eq!(at("1970-01-01T00:00:00Z"), Instant(0));
        assert_eq!(at("2012-10-17"), at("1350432000"));
        assert_eq!(at("2020-02-29T23:59:59.5+01:00"), at("2020-02-29T22:59:59.50Z"));
        assert_eq!(at("2020-03"), at("2020-03-01T00:00Z"));
        assert!(at("1969-12-31T23:59:59Z") < Instant(0));
    }

    #[test]
    fn what_is_no_date_is_not_read() {
        for text in ["", "2020", "2019-02-29", "2020-13-01", "2020-01-01T25:00Z", "2020-01-01T00:00", "soon", "-5"] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
        assert!(Instant::is_plausible("2020-01-01T00:00"));
        assert!(Instant::is_plausible("2020-01-01T24:00:00Z"));
        for text in ["soon", "2020-13-01", "2019-02-29T00:00:00Z", "2020-01-01T25:00Z"] {
            assert!(!Instant::is_plausible(text), "{text}");
        }
    }

    #[test]
    fn addresses_are_ranges() {
        let range = |text: &str| Cidr::parse(text).unwrap_or_else(|| panic!("{text} is a range"));
        assert!(range("10.0.0.0/8").contains(&range("10.255.0.1")));
        assert!(!range("10.0.0.0/8").contains(&range("11.0.0.1")));
        assert!(range("0.0.0.0/0").contains(&range("255.255.255.255")));
        assert!(!range("0.0.0.0/0").contains(&range("::1")));
        assert!(range("::/0").contains(&range("2001:db8::1")));
        assert!(range("2001:db8::/32").contains(&range("2001:db8:ffff::/48")));
        assert_eq!(range("10.1.2.3/8"), range("10.0.0.0/8"));
        for text in ["", "10.0.0.0/33", "10.0.0", "::/129", "10.0.0.0/", "10.0.0.0/+8", "010.0.0.1", "a/b/c"] {
            assert_eq!(Cidr::parse(text), None, "{text}");
        }
    }

    #[test]
    fn base64_is_decoded() {
        assert_eq!(parse_base64("QmluYXJ5VmFsdWVJbkJhc2U2NA=="), Some(b"BinaryValueInBase64".to_vec()));
        assert_eq!(parse_base64(""), Some(Vec::new()));
        for text in ["A", "AA=A", "====", "AAA~", "Zm9v\n"] {
            assert_eq!(parse_base64(text), None, "{text}");
        }
    }
}
