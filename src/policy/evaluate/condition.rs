//! One condition against the request's context.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>.

use super::answer::Answer;
use super::glob::{Globs, Subject, TextReader, Token};
use super::held::{self, Holds};
use crate::model::{Piece, Text, Unknown};
use crate::policy::facts::{self, KeyKind};
use crate::policy::literal::{Cidr, Instant, Number, parse_base64, parse_bool};
use crate::policy::{Condition, OperatorBase as Op, Pattern, Quantifier, Request};
use std::cmp::Ordering;

/// Whether the condition holds.
pub(super) fn holds(condition: &Condition, request: &Request, reader: &TextReader<'_>) -> Answer {
    let held = held::holds(request, &condition.key);
    if condition.operator.base == Op::Null {
        return null(condition, held == Holds::Nothing);
    }
    if !fits(condition.operator.base, facts::key(&condition.key).kind, &condition.key) {
        return maybe(condition, "compares a key of another type, which has no documented meaning");
    }
    let values = match held {
        Holds::Values(values) => values,
        Holds::Nothing => return absent(condition),
        Holds::Something => return maybe(condition, "compares a value that the request does not give"),
    };
    let mut each = values.iter().map(|value| one_value(condition, value, reader));
    match condition.operator.quantifier {
        Quantifier::ForAllValues => Answer::all(each),
        Quantifier::ForAnyValue => Answer::any(each),
        Quantifier::Single => match (each.next(), each.next()) {
            (Some(only), None) => only,
            _ => maybe(condition, "has neither `ForAllValues` nor `ForAnyValue`, but the key has several values"),
        },
    }
}

/// `Null` with `true` asks for the key to be absent, with `false` to be present.
fn null(condition: &Condition, is_absent: bool) -> Answer {
    if condition.operator.quantifier != Quantifier::Single {
        return maybe(condition, "has no documented meaning");
    }
    one_of(condition, |item| match item.pattern.as_literal().map(parse_bool) {
        Some(Some(wants_absent)) => Answer::of(wants_absent == is_absent),
        _ => unreadable(condition, item),
    })
}

/// An absent key matches nothing, so that only a negated operator holds, or one that asks for it to exist first, or
/// one over all of its no values. `ForAnyValue` (false on an absent key) with `IfExists` (true on one) is documented
/// nowhere: it proves nothing.
fn absent(condition: &Condition) -> Answer {
    let operator = condition.operator;
    if operator.if_exists && operator.quantifier == Quantifier::ForAnyValue {
        return maybe(condition, "joins `ForAnyValue` and `IfExists`, which on an absent key contradict each other");
    }
    Answer::of(match operator.quantifier {
        _ if operator.if_exists => true,
        Quantifier::ForAllValues => true,
        Quantifier::ForAnyValue => false,
        Quantifier::Single => is_negated(condition.operator.base),
    })
}

/// One of the policy's values has to match; for a negated operator, none may.
fn one_value(condition: &Condition, value: &Text, reader: &TextReader<'_>) -> Answer {
    let answer = one_of(condition, |item| compare(condition, item, value, reader));
    if is_negated(condition.operator.base) { answer.not() } else { answer }
}

fn one_of(condition: &Condition, matches: impl Fn(&Pattern) -> Answer) -> Answer {
    let unknown = condition.unknown.iter().map(|unknown| Answer::maybe(unknown.clone()));
    Answer::any(condition.values.iter().map(matches).chain(unknown))
}

/// The positive comparison of one value of the policy with one of the request.
fn compare(condition: &Condition, item: &Pattern, value: &Text, reader: &TextReader<'_>) -> Answer {
    let negated = is_negated(condition.operator.base);
    let subject = Subject::value(reader, value);
    let text = |globs| reader.pattern(&item.pattern, globs);
    match condition.operator.base {
        Op::StringEquals | Op::StringNotEquals => text(Globs::Literal).matches(&subject, negated, item.span),
        Op::StringLike | Op::StringNotLike => text(Globs::Live).matches(&subject, negated, item.span),
        Op::StringEqualsIgnoreCase | Op::StringNotEqualsIgnoreCase => {
            match text(Globs::Literal).lower_case().matches(&subject.lower_case(), negated, item.span) {
                // How letters beyond ASCII are folded is not documented.
                Answer::No if !is_ascii(&item.pattern) || !is_ascii(value) => unreadable(condition, item),
                answer => answer,
            }
        }
        Op::ArnEquals | Op::ArnNotEquals | Op::ArnLike | Op::ArnNotLike => arn(condition, item, &subject, reader),
        // An address of the unknown range itself.
        Op::NotIpAddress if value.as_literal().is_none() && *value == item.pattern => Answer::Yes,
        base => literals(base, item, value).unwrap_or_else(|| unreadable(condition, item)),
    }
}

/// Comparisons of values that are no texts. `None` where one of them is unknown or cannot be read.
fn literals(base: Op, item: &Pattern, value: &Text) -> Option<Answer> {
    let (policy, request) = (item.pattern.as_literal()?, value.as_literal()?);
    let numbers = || Some(Number::parse(request)?.cmp(&Number::parse(policy)?));
    let dates = || Some(Instant::parse(request)?.cmp(&Instant::parse(policy)?));
    let holds = match base {
        Op::NumericEquals | Op::NumericNotEquals => numbers()? == Ordering::Equal,
        Op::NumericLessThan => numbers()? == Ordering::Less,
        Op::NumericLessThanEquals => numbers()? != Ordering::Greater,
        Op::NumericGreaterThan => numbers()? == Ordering::Greater,
        Op::NumericGreaterThanEquals => numbers()? != Ordering::Less,
        Op::DateEquals | Op::DateNotEquals => dates()? == Ordering::Equal,
        Op::DateLessThan => dates()? == Ordering::Less,
        Op::DateLessThanEquals => dates()? != Ordering::Greater,
        Op::DateGreaterThan => dates()? == Ordering::Greater,
        Op::DateGreaterThanEquals => dates()? != Ordering::Less,
        Op::Bool => parse_bool(policy)? == parse_bool(request)?,
        Op::BinaryEquals => parse_base64(policy)? == parse_base64(request)?,
        Op::IpAddress | Op::NotIpAddress => Cidr::parse(policy)?.contains(&Cidr::parse(request)?),
        _ => return None,
    };
    Some(Answer::of(holds))
}

/// Each of the six fields of an ARN is a glob of its own; `ArnEquals` and `ArnLike` behave the same.
fn arn(condition: &Condition, item: &Pattern, subject: &Subject, reader: &TextReader<'_>) -> Answer {
    let pattern = reader.pattern(&item.pattern, Globs::Live);
    match (fields(&pattern.tokens), fields(&subject.tokens)) {
        (Some(globs), Some(texts)) => Answer::all(globs.iter().zip(texts).map(|(glob, text)| {
            pattern.part(glob).matches(&subject.part(text), is_negated(condition.operator.base), item.span)
        })),
        _ if pattern.tokens == subject.tokens => Answer::Yes,
        // What is no ARN, or may be one, has no documented meaning here.
        _ => unreadable(condition, item),
    }
}

fn fields(tokens: &[Token]) -> Option<Vec<&[Token]>> {
    let fields: Vec<&[Token]> = tokens.splitn(6, |token| *token == Token::Char(':')).collect();
    (fields.len() == 6).then_some(fields)
}

fn is_ascii(text: &Text) -> bool {
    text.pieces().iter().all(|piece| match piece {
        Piece::Literal(part) => part.is_ascii(),
        Piece::Hole(_) => true,
    })
}

/// Whether the operator asks for values not to match.
pub(in crate::policy) fn is_negated(base: Op) -> bool {
    matches!(
        base,
        Op::StringNotEquals
            | Op::StringNotEqualsIgnoreCase
            | Op::StringNotLike
            | Op::NumericNotEquals
            | Op::DateNotEquals
            | Op::NotIpAddress
            | Op::ArnNotEquals
            | Op::ArnNotLike
    )
}

/// Whether an operator is documented for a key's type. String operators are for ARNs too, and `aws:EpochTime` takes
/// numeric ones.
fn fits(base: Op, kind: KeyKind, key: &str) -> bool {
    let wanted = match base {
        Op::StringEquals
        | Op::StringNotEquals
        | Op::StringEqualsIgnoreCase
        | Op::StringNotEqualsIgnoreCase
        | Op::StringLike
        | Op::StringNotLike => KeyKind::String,
        Op::NumericEquals
        | Op::NumericNotEquals
        | Op::NumericLessThan
        | Op::NumericLessThanEquals
        | Op::NumericGreaterThan
        | Op::NumericGreaterThanEquals => KeyKind::Numeric,
        Op::DateEquals
        | Op::DateNotEquals
        | Op::DateLessThan
        | Op::DateLessThanEquals
        | Op::DateGreaterThan
        | Op::DateGreaterThanEquals => KeyKind::Date,
        Op::Bool => KeyKind::Bool,
        Op::BinaryEquals => KeyKind::Binary,
        Op::IpAddress | Op::NotIpAddress => KeyKind::Ip,
        Op::ArnEquals | Op::ArnNotEquals | Op::ArnLike | Op::ArnNotLike => KeyKind::Arn,
        Op::Null => return true,
    };
    kind == KeyKind::Unknown
        || kind == wanted
        || (kind == KeyKind::Arn && wanted == KeyKind::String)
        || (key == "aws:epochtime" && wanted == KeyKind::Numeric)
}

fn maybe(condition: &Condition, what: &str) -> Answer {
    Answer::maybe(Unknown::new(
        format!("`{}` on `{}` {what}", condition.operator.name(), condition.key_written),
        condition.operator_span,
        "use the operator that is documented for this condition key",
    ))
}

/// A comparison that hangs on a hole, or on a spelling that is not documented.
fn unreadable(condition: &Condition, item: &Pattern) -> Answer {
    Answer::maybe(match item.pattern.symbols().next() {
        Some(symbol) => symbol.unknown().clone(),
        None => Unknown::new(
            format!(
                "how `{}` reads `{}` is not documented for this request",
                condition.operator.name(),
                item.pattern.shown()
            ),
            item.span,
            match condition.operator.base {
                Op::Bool | Op::Null => "write `true` or `false` in lower case",
                _ => "write the value in a documented form",
            },
        ),
    })
}
