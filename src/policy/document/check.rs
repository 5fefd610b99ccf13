//! What AWS would reject in values that are texts.

use super::{Correction, Element, OperatorBase, Pattern, Problem};
use crate::policy::literal::{Cidr, Instant, Number, parse_base64};
use crate::source::Span;

/// Reports actions that IAM's grammar rejects: an action has the form `service:name`. (What S3 makes of actions of
/// other services, and of those that it does not know, is another matter: see `remarks`.)
///
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>.
pub(super) fn actions(element: &Element<Pattern>, problems: &mut Vec<Problem>) {
    for item in &element.items {
        let Some(text) = item.pattern.as_literal() else { continue };
        if !text.contains(['*', '?', '$', ':']) {
            problems.push(Problem {
                message: format!("`{text}` is no action: the service is missing"),
                span: item.span,
                help: format!("write `s3:{text}`"),
                instead: Some(Correction::Word { from: text.to_owned(), to: format!("s3:{text}") }),
            });
        }
    }
}

/// Reports a value that the operator cannot read.
pub(super) fn value(operator: OperatorBase, text: &str, span: Span, problems: &mut Vec<Problem>) {
    let Some((what, help)) = unreadable(operator, text) else { return };
    problems.push(Problem {
        message: format!("{what}: {operator:?} cannot read it"),
        span,
        help: help.to_owned(),
        instead: None,
    });
}

fn unreadable(operator: OperatorBase, text: &str) -> Option<(&'static str, &'static str)> {
    use OperatorBase as Op;
    // Whether AWS minds blanks around a value is not documented.
    let text = text.trim();
    match operator {
        _ if operator.is_numeric() => {
            Number::parse(text).is_none().then_some(("this is no number", "write a number, such as `1.2`"))
        }
        Op::DateEquals
        | Op::DateNotEquals
        | Op::DateLessThan
        | Op::DateLessThanEquals
        | Op::DateGreaterThan
        | Op::DateGreaterThanEquals => (Instant::parse(text).is_none() && !Instant::is_plausible(text))
            .then_some(("this is no date", "write a date, such as `2030-01-31T00:00:00Z`")),
        Op::Bool | Op::Null => (!text.eq_ignore_ascii_case("true") && !text.eq_ignore_ascii_case("false"))
            .then_some(("this is neither `true` nor `false`", "write `true` or `false`")),
        Op::BinaryEquals => parse_base64(text).is_none().then_some(("this is no base64", "write the value in base64")),
        Op::IpAddress | Op::NotIpAddress => Cidr::parse(text)
            .is_none()
            .then_some(("this is no IP address or range", "write a range, such as `203.0.113.0/24`")),
        _ => None,
    }
}
