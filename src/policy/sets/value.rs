//! Values of condition keys: how operators compare them, and which ones a key can have.

use super::super::literal::{Cidr, Instant, Number, parse_base64, parse_bool};
use super::Sides;
use super::element::Glob;
use super::glob::{Approximation, GlobPattern, Machine, Matching, Variables};
use crate::model::{Date, Piece, SymbolKind, Text};
use crate::policy::OperatorBase as Op;
use std::cmp::Ordering;

/// What kind of values an operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Family {
    /// Text.
    String,
    /// ARNs.
    Arn,
    /// Numbers.
    Numeric,
    /// Instants.
    Date,
    /// Booleans.
    Bool,
    /// Addresses.
    Ip,
    /// Binary data.
    Binary,
    /// `Null`, which asks for the key itself.
    Null,
}

impl Family {
    /// The family of an operator.
    pub(crate) fn of(base: Op) -> Self {
        match base {
            Op::StringEquals
            | Op::StringNotEquals
            | Op::StringEqualsIgnoreCase
            | Op::StringNotEqualsIgnoreCase
            | Op::StringLike
            | Op::StringNotLike => Self::String,
            Op::ArnEquals | Op::ArnNotEquals | Op::ArnLike | Op::ArnNotLike => Self::Arn,
            Op::NumericEquals
            | Op::NumericNotEquals
            | Op::NumericLessThan
            | Op::NumericLessThanEquals
            | Op::NumericGreaterThan
            | Op::NumericGreaterThanEquals => Self::Numeric,
            Op::DateEquals
            | Op::DateNotEquals
            | Op::DateLessThan
            | Op::DateLessThanEquals
            | Op::DateGreaterThan
            | Op::DateGreaterThanEquals => Self::Date,
            Op::Bool => Self::Bool,
            Op::IpAddress | Op::NotIpAddress => Self::Ip,
            Op::BinaryEquals => Self::Binary,
            Op::Null => Self::Null,
        }
    }
}

/// Whether an operator holds where none of its values match.
pub(crate) fn is_negated(base: Op) -> bool {
    matches!(
        base,
        Op::StringNotEquals
            | Op::StringNotEqualsIgnoreCase
            | Op::StringNotLike
            | Op::ArnNotEquals
            | Op::ArnNotLike
            | Op::NumericNotEquals
            | Op::DateNotEquals
            | Op::NotIpAddress
    )
}

/// A value of a condition, read for its operator.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Text or an ARN.
    Text(Box<TextValue>),
    /// A number.
    Number(Number),
    /// An instant.
    Date(Instant),
    /// Addresses.
    Ip(Cidr),
    /// A boolean.
    Bool(bool),
    /// Binary data, and how it was written.
    Binary(Vec<u8>, String),
    /// The key's own value, by a policy variable.
    Same,
    /// Not known, or in a spelling of no documented meaning.
    Unknown,
}

/// A text to compare with.
#[derive(Clone, Debug)]
pub(crate) struct TextValue {
    glob: Glob,
    text: Text,
    /// True where the value is one fixed text that is not known: a value of the request either is that text, and then
    /// stands in the space as that unknown itself, or it is not.
    atom: bool,
    /// Whether letters beyond ASCII may be compared without case, which nothing documents.
    folded: bool,
}

impl Value {
    /// Reads a value of an operator. `lean`: booleans in any letter case, for a leaning.
    pub(crate) fn read(base: Op, text: &Text, variables: Variables, lean: bool) -> Self {
        let read = |style| TextValue::read(text, variables, style, is_negated(base));
        let literal = text.as_literal();
        let other = match Family::of(base) {
            Family::String => match base {
                Op::StringEquals | Op::StringNotEquals => return read(Matching::Exact),
                Op::StringEqualsIgnoreCase | Op::StringNotEqualsIgnoreCase => return read(Matching::ExactFolded),
                _ => return read(Matching::Glob),
            },
            Family::Arn if is_arn(text) => return read(Matching::Arn),
            // An unknown ARN, whose segments cannot be told apart, is itself.
            Family::Arn if literal.is_none() && !has_wildcard(text) && !has_free(text) => return read(Matching::Exact),
            Family::Arn => None,
            Family::Numeric => literal.and_then(Number::parse).map(Value::Number),
            Family::Date => literal.and_then(Instant::parse).map(Value::Date),
            // Whatever range it is, some address is in it: the one that stands in the space as the unknown itself. Whether
            // others are is not known, so that only who asks for those outside can do with that.
            Family::Ip if literal.is_none() && is_negated(base) => return read(Matching::Exact),
            Family::Ip => literal.and_then(Cidr::parse).map(Value::Ip),
            Family::Bool | Family::Null => {
                let read =
                    |text: &str| if lean { parse_bool(&text.trim().to_ascii_lowercase()) } else { parse_bool(text) };
                literal.and_then(read).map(Value::Bool)
            }
            Family::Binary => literal.and_then(|text| Some(Value::Binary(parse_base64(text)?, text.to_owned()))),
        };
        other.unwrap_or(Value::Unknown)
    }

    /// The positive comparison with a value of the request. `canonical`: known text of the request stands for itself
    /// only, and never for an unknown that may be equal to it.
    pub(crate) fn sides(&self, base: Op, value: &Text, canonical: bool) -> Sides {
        let literal = value.as_literal();
        let answer = match self {
            Value::Text(text) => Some(text.sides(value, canonical)),
            Value::Number(own) => literal.and_then(Number::parse).map(|value| ordered(base, value.cmp(own))),
            Value::Date(own) => literal.and_then(Instant::parse).map(|value| ordered(base, value.cmp(own))),
            Value::Ip(own) => literal.and_then(Cidr::parse).map(|value| Sides::of(own.contains(&value))),
            Value::Bool(own) => literal.and_then(parse_bool).map(|value| Sides::of(value == *own)),
            Value::Binary(own, _) => literal.and_then(parse_base64).map(|value| Sides::of(value == *own)),
            Value::Same => Some(Sides::YES),
            Value::Unknown => None,
        };
        answer.unwrap_or(Sides::MAYBE)
    }

    /// The machines of a text.
    pub(crate) fn machines(&self) -> impl Iterator<Item = &Machine> {
        let glob = match self {
            Value::Text(text) => Some(&text.glob),
            _ => None,
        };
        glob.into_iter().flat_map(|glob| [Some(&glob.sure), glob.loose.as_ref()]).flatten()
    }

    /// What each text that it may match begins with, as far as that is fixed. Nothing is where letter case does not
    /// matter, or where a part is not known.
    pub(crate) fn fixed_start(&self) -> Option<&str> {
        let Value::Text(own) = self else { return None };
        let text = own.text.as_literal().filter(|_| !own.folded)?;
        text.split(['*', '?', '$']).next()
    }

    /// The text, where it has no holes.
    pub(crate) fn literal_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => text.text.as_literal(),
            _ => None,
        }
    }

    /// The text, where it has holes.
    pub(crate) fn unknown_text(&self) -> Option<&Text> {
        match self {
            Value::Text(text) => Some(&text.text).filter(|text| text.as_literal().is_none()),
            _ => None,
        }
    }
}

/// Whether a text has the six segments of an ARN for sure: no hole may hide a colon before the last.
fn is_arn(text: &Text) -> bool {
    let mut colons = 0;
    for piece in text.pieces() {
        match piece {
            Piece::Literal(text) => colons += text.matches(':').count(),
            Piece::Hole(symbol) => {
                let one_segment = matches!(symbol.kind(), SymbolKind::Pseudo | SymbolKind::BucketName);
                if colons < 5 && !one_segment {
                    return false;
                }
            }
        }
    }
    colons >= 5
}

fn has_wildcard(text: &Text) -> bool {
    text.pieces().iter().any(|piece| matches!(piece, Piece::Literal(text) if text.contains(['*', '?', '$'])))
}

fn has_free(text: &Text) -> bool {
    text.symbols().any(|symbol| *symbol.kind() == SymbolKind::Free)
}

fn ordered(base: Op, order: Ordering) -> Sides {
    Sides::of(match base {
        Op::NumericLessThan | Op::DateLessThan => order == Ordering::Less,
        Op::NumericLessThanEquals | Op::DateLessThanEquals => order != Ordering::Greater,
        Op::NumericGreaterThan | Op::DateGreaterThan => order == Ordering::Greater,
        Op::NumericGreaterThanEquals | Op::DateGreaterThanEquals => order != Ordering::Less,
        _ => order == Ordering::Equal,
    })
}

impl TextValue {
    fn read(text: &Text, variables: Variables, style: Matching, negated: bool) -> Value {
        let pattern = GlobPattern::read(text, variables, style);
        let fixed = match style {
            Matching::Exact => !has_wildcard(text) || variables == Variables::Text,
            Matching::Glob | Matching::Arn => !has_wildcard(text) && !has_free(text),
            Matching::GlobFolded | Matching::ExactFolded => false,
        };
        Value::Text(Box::new(TextValue {
            glob: Glob::new(&pattern, negated),
            text: text.clone(),
            atom: text.as_literal().is_none() && fixed,
            folded: style == Matching::ExactFolded,
        }))
    }

    fn sides(&self, value: &Text, canonical: bool) -> Sides {
        let Some(literal) = value.as_literal() else {
            // An unknown of the request against a text of the policy.
            let must = self.text == *value && self.atom
                || self.glob.sure.accepts(&self.glob.sure.run(value, Approximation::Sure, false));
            let loose = self.glob.loose.as_ref().unwrap_or(&self.glob.sure);
            return Sides { must, may: must || loose.accepts(&loose.run(value, Approximation::Possible, false)) };
        };
        if self.atom && canonical {
            return Sides::NO;
        }
        let undocumented = self.folded && !literal.is_ascii() && !self.text.as_literal().is_some_and(str::is_ascii);
        let folded = if undocumented { Sides::MAYBE } else { Sides::NO };
        self.glob.sides(|machine| machine.accepts_text(literal)).or(folded)
    }
}

/// Numbers such that any other compares with `own` as one of them does.
pub(crate) fn numbers(mut own: Vec<Number>) -> Option<Vec<String>> {
    own.sort();
    own.dedup();
    let (Some(first), Some(last)) = (own.first(), own.last()) else { return Some(vec!["1".to_owned()]) };
    let mut found = vec![above(last), below(first)];
    for (low, high) in own.iter().zip(own.iter().skip(1)) {
        found.push(between(low, high)?);
    }
    found.extend(own.iter().map(ToString::to_string));
    Some(found)
}

fn above(number: &Number) -> String {
    let shown = number.to_string();
    let whole = shown.split('.').next().unwrap_or(&shown);
    if shown.starts_with('-') { "0".to_owned() } else { format!("1{whole}") }
}

fn below(number: &Number) -> String {
    let shown = number.to_string();
    let whole = shown.split('.').next().unwrap_or(&shown);
    shown.strip_prefix('-').map_or_else(|| "-1".to_owned(), |_| format!("-1{}", whole.trim_start_matches('-')))
}

/// A number between two others.
fn between(low: &Number, high: &Number) -> Option<String> {
    let (shown_low, shown_high) = (low.to_string(), high.to_string());
    if shown_low.starts_with('-') {
        if !shown_high.starts_with('-') && shown_high != "0" {
            return Some("0".to_owned());
        }
        let (low, high) =
            (Number::parse(shown_high.trim_start_matches('-'))?, Number::parse(shown_low.strip_prefix('-')?)?);
        return Some(format!("-{}", between(&low, &high)?));
    }
    let point = if shown_low.contains('.') { "" } else { "." };
    (0..400).map(|zeros| format!("{shown_low}{point}{}1", "0".repeat(zeros))).find_map(|text| {
        let number = Number::parse(&text)?;
        (number > *low && number < *high).then_some(text)
    })
}

const SECOND: i128 = 1_000_000_000;

/// The whole seconds since 1970 of an instant.
pub(crate) fn second_of(instant: Instant) -> i128 {
    instant.0.div_euclid(SECOND)
}

/// The start of a second since 1970, as far as instants reach.
pub(crate) fn at_second(second: i128) -> Instant {
    Instant(second.saturating_mul(SECOND))
}

/// The second that a number of seconds since 1970 falls into; `None` beyond all clocks.
pub(crate) fn whole_seconds(number: &Number) -> Option<Instant> {
    let shown = number.to_string();
    let whole: i128 = shown.split('.').next()?.parse().ok()?;
    // Rounded down, also below zero.
    let below = shown.starts_with('-') && shown.contains('.');
    Some(Instant(whole.checked_sub(i128::from(below))?.checked_mul(SECOND)?))
}

/// Instants such that any other compares with `own` as one of them does.
pub(crate) fn dates(mut own: Vec<Instant>) -> Vec<String> {
    own.sort_unstable();
    own.dedup();
    let (Some(first), Some(last)) = (own.first(), own.last()) else { return vec!["2030-01-01T00:00:00Z".to_owned()] };
    let mut found =
        vec![Instant((last.0.div_euclid(SECOND) + 1) * SECOND), Instant((first.0 - 1).div_euclid(SECOND) * SECOND)];
    for (low, high) in own.iter().zip(own.iter().skip(1)) {
        let second = (low.0.div_euclid(SECOND) + 1) * SECOND;
        found.push(Instant(if second < high.0 { second } else { low.0 + 1 }));
    }
    found.extend(&own);
    found.iter().filter_map(|instant| spell(*instant)).collect()
}

/// An instant as text; `None` where there is no form for it.
pub(crate) fn spell(instant: Instant) -> Option<String> {
    let (seconds, nanos) = (instant.0.div_euclid(SECOND), instant.0.rem_euclid(SECOND));
    let day = i64::try_from(seconds).ok().and_then(Date::of_epoch_seconds);
    let text = match day {
        Some(day) => {
            let clock = seconds.rem_euclid(86_400);
            let fraction = if nanos == 0 { String::new() } else { format!(".{nanos:09}") };
            format!("{day}T{:02}:{:02}:{:02}{fraction}Z", clock / 3_600, clock / 60 % 60, clock % 60)
        }
        None => seconds.to_string(),
    };
    (Instant::parse(&text) == Some(instant)).then_some(text)
}

/// Addresses such that any other lies in the same ranges of `own` as one of them; IPv4 and IPv6.
pub(crate) fn addresses(own: &[Cidr]) -> Vec<String> {
    let mut found = vec!["203.0.113.7".to_owned(), "2001:db8::7".to_owned()];
    for v6 in [false, true] {
        let last = if v6 { u128::MAX } else { u128::from(u32::MAX) };
        let ranges = own.iter().filter(|range| range.v6 == v6);
        let mut starts: Vec<u128> =
            ranges.flat_map(|range| [range.first, range.last.checked_add(1).unwrap_or(0)]).collect();
        starts.push(0);
        starts.sort_unstable();
        starts.dedup();
        for start in starts.into_iter().filter(|start| *start <= last) {
            found.push(match u32::try_from(start) {
                Ok(start) if !v6 => std::net::Ipv4Addr::from(start).to_string(),
                _ => std::net::Ipv6Addr::from(start).to_string(),
            });
        }
    }
    found
}

/// Binary data: those given, and another.
pub(crate) fn binaries(own: &[(&[u8], &str)]) -> Vec<String> {
    let is_new = |text: &String| parse_base64(text).is_some_and(|bytes| own.iter().all(|(own, _)| **own != bytes));
    let other = (1..=own.len() + 1).map(|count| "AAAA".repeat(count)).find(is_new);
    other.into_iter().chain(own.iter().map(|(_, text)| (*text).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_any_two_numbers_lies_another() {
        let own: Vec<Number> = ["-3", "-1.5", "-1.49", "0", "0.001", "1", "1.0001", "10"]
            .iter()
            .map(|text| Number::parse(text).unwrap())
            .collect();
        let mut all: Vec<Number> =
            numbers(own.clone()).unwrap().iter().map(|text| Number::parse(text).unwrap()).collect();
        all.sort();
        all.dedup();
        // One below, one above, one in each gap, and themselves.
        assert_eq!(all.len(), own.len() * 2 + 1);
        assert!(all.iter().skip(1).step_by(2).eq(own.iter()));
    }

    #[test]
    fn instants_are_spelled_as_they_are_read() {
        let own =
            ["0000-01-01", "1969-12-31T23:59:59Z", "2000-02-29T12:34:56.789Z", "2024-12-31", "9999-12-31T23:59:59Z"];
        let own: Vec<Instant> = own.iter().map(|text| Instant::parse(text).unwrap()).collect();
        for instant in &own {
            assert_eq!(spell(*instant).and_then(|text| Instant::parse(&text)), Some(*instant));
        }
        let mut all: Vec<Instant> = dates(own.clone()).iter().map(|text| Instant::parse(text).unwrap()).collect();
        all.sort_unstable();
        // Nothing can be written that comes before the first.
        assert!(all.iter().step_by(2).eq(own.iter()), "{all:?}");
        assert_eq!(all.len(), own.len() * 2);
    }

    #[test]
    fn addresses_stand_on_both_sides_of_each_bound() {
        let found = addresses(&[Cidr::parse("10.0.0.0/8").unwrap(), Cidr::parse("::/0").unwrap()]);
        for address in ["0.0.0.0", "10.0.0.0", "11.0.0.0", "::"] {
            assert!(found.contains(&address.to_owned()), "{address} {found:?}");
        }
    }
}
