//! What plain scalars mean: the types of YAML 1.1 (<https://yaml.org/type/>), as CloudFormation reads them.

use crate::syntax::Kind;

/// What an untagged plain scalar is. Dates stay strings: a policy's `Version: 2012-10-17` is text.
pub(super) fn plain(text: &str) -> Kind {
    let Some(first) = text.bytes().next() else { return Kind::Null };
    match first {
        b'~' | b'n' | b'N' if is_null(text) => Kind::Null,
        b'0'..=b'9' | b'+' | b'-' | b'.' if is_number(text) => Kind::Number,
        _ => boolean(text).map_or(Kind::String, Kind::Bool),
    }
}

fn is_null(text: &str) -> bool {
    matches!(text, "~" | "null" | "Null" | "NULL")
}

/// The boolean words, in the three spellings that YAML 1.1 has of each. `y` and `n` are text in every known loader.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// Integers (binary, octal, decimal, hexadecimal, base 60) and floats (with a point, base 60, infinite, not a number).
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    if let Some(digits) = unsigned.strip_prefix("0x") {
        return all(digits, |byte| byte.is_ascii_hexdigit());
    }
    if let Some(digits) = unsigned.strip_prefix("0b") {
        return all(digits, |byte| matches!(byte, b'0' | b'1'));
    }
    let old = match unsigned.split_once('.') {
        Some((whole, fraction)) => is_float(whole, fraction),
        None => is_integer(unsigned) || is_base_60(unsigned),
    };
    old || is_number_since_1_2(unsigned)
}

/// What is a number to readers of YAML 1.2, and a string to those of 1.1: `1e3`, `0o17`, `08`. None is written as every
/// tool writes it, so that as a text it is unknown.
fn is_number_since_1_2(unsigned: &str) -> bool {
    if let Some(digits) = unsigned.strip_prefix("0o") {
        return !digits.is_empty() && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    }
    let (decimal, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((decimal, exponent)) => (decimal, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && digits(exponent))
}

fn all(digits: &str, digit: fn(u8) -> bool) -> bool {
    !digits.is_empty() && digits.bytes().all(|byte| byte == b'_' || digit(byte))
}

fn is_integer(text: &str) -> bool {
    match text.strip_prefix('0') {
        Some(octal) => octal.bytes().all(|byte| matches!(byte, b'0'..=b'7' | b'_')),
        None => !text.starts_with('_') && all(text, |byte| byte.is_ascii_digit()),
    }
}

fn is_float(whole: &str, fraction: &str) -> bool {
    let (digits, exponent) = match fraction.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, Some(exponent)),
        None => (fraction, None),
    };
    let exponent_holds = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or("");
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let is_digits = |text: &str| text.bytes().all(|byte| byte == b'_' || byte.is_ascii_digit());
    let starts_with_digit = |text: &str| text.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    let whole_holds = if whole.is_empty() { starts_with_digit(digits) } else { starts_with_digit(whole) };
    let decimal = whole_holds && is_digits(whole);
    exponent_holds && is_digits(digits) && (decimal || exponent.is_none() && is_base_60(whole))
}

/// `1:30:00`: CloudFormation's YAML reads it as 5400.
fn is_base_60(text: &str) -> bool {
    let mut parts = text.split(':');
    let head = parts.next().unwrap_or("");
    let first = head.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
    let mut count = 0;
    let rest_holds = parts.all(|part| {
        count += 1;
        match part.as_bytes() {
            [low] => low.is_ascii_digit(),
            [high, low] => matches!(high, b'0'..=b'5') && low.is_ascii_digit(),
            _ => false,
        }
    });
    first && all(head, |byte| byte.is_ascii_digit()) && rest_holds && count > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_are_those_of_yaml_1_1_and_its_numbers_those_of_1_2_too() {
        for text in ["yes", "Yes", "TRUE", "on", "On", "true"] {
            assert_eq!(plain(text), Kind::Bool(true), "{text}");
        }
        for text in ["no", "No", "FALSE", "off", "OFF", "false"] {
            assert_eq!(plain(text), Kind::Bool(false), "{text}");
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain(text), Kind::Null, "{text}");
        }
        let numbers = "0 12 -1 +7 012 1_000 0x1F -0b1_0 1.5 .5 1. 1.5e+3 190:20:30 190:20:30.15 .inf -.INF .NaN \
                       123456789012 08 1e5 1.5e3 -2E-7 0o17";
        for text in numbers.split_whitespace() {
            assert_eq!(plain(text), Kind::Number, "{text}");
        }
        let strings = "y N yEs nULL 2012-10-17 2001-12-14t21:59:43.10-05:00 1e 1e+ 0o8 e5 0x 0b2 - + . .. -.nan 1.2.3 \
                       10.0.0.0/8 _1 1:99 12: :1 a1 arn:aws:s3:::b ~x nullx ._5 -.";
        for text in strings.split_whitespace() {
            assert_eq!(plain(text), Kind::String, "{text}");
        }
    }
}
