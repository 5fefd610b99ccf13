//! Functions on numbers.

use super::super::evaluate::Evaluator;
use super::super::number::Decimal;
use super::super::tree::Operator;
use super::super::value::Val;
use crate::source::Span;
use std::cmp::Ordering;

impl Evaluator<'_> {
    pub(super) fn number_function(&self, name: &str, arguments: &[Val], span: Span) -> Option<Val> {
        let items = match (name, arguments) {
            ("max" | "min", [_, ..]) | ("abs" | "ceil" | "floor" | "signum", [_]) => arguments,
            ("sum", [list]) => match list.items().filter(|items| !items.is_empty()) {
                Some(items) => items,
                None => return Some(self.needs(name, arguments, span)),
            },
            ("log" | "pow", [one, two]) => {
                let value = match (one.as_number(), two.as_number()) {
                    (Some(one), Some(two)) => self.floating(name, one, two, span),
                    _ => self.needs(name, arguments, span),
                };
                return Some(value);
            }
            ("parseint", [text, base]) => {
                let number = parsed(text, base).map(|number| self.number(Some(Decimal::whole_number(number)), span));
                return Some(number.unwrap_or_else(|| self.needs(name, arguments, span)));
            }
            _ => return None,
        };
        Some(match items.iter().map(Val::as_decimal).collect::<Option<Vec<Decimal>>>() {
            Some(numbers) => self.number(computed(name, &numbers), span),
            None => self.needs(name, arguments, span),
        })
    }

    /// Terraform calculates these as the machine does.
    fn floating(&self, name: &str, one: f64, two: f64, span: Span) -> Val {
        let number = if name == "log" { one.ln() / two.ln() } else { one.powf(two) };
        if number.is_finite() && number != 0.0 {
            Val::number(span, &number.to_string())
        } else if number == 0.0 {
            Val::number(span, "0")
        } else {
            self.failed(span, format!("`{name}` gives no number here"))
        }
    }
}

fn computed(name: &str, numbers: &[Decimal]) -> Option<Decimal> {
    let pick = |wanted: Ordering| {
        let (first, rest) = numbers.split_first()?;
        rest.iter().try_fold(*first, |best, next| Some(if next.compare(best)? == wanted { *next } else { best }))
    };
    match (name, numbers) {
        ("max", _) => pick(Ordering::Greater),
        ("min", _) => pick(Ordering::Less),
        ("sum", [first, rest @ ..]) => rest.iter().try_fold(*first, |sum, next| sum.calculated(Operator::Plus, *next)),
        ("abs", [number]) => number.absolute(),
        ("ceil" | "floor", [number]) => number.whole(name == "ceil"),
        ("signum", [number]) => Some(Decimal::whole_number(number.sign())),
        _ => None,
    }
}

fn parsed(text: &Val, base: &Val) -> Option<i128> {
    let base: u32 = base.as_literal()?.parse().ok().filter(|base| (2..=36).contains(base))?;
    i128::from_str_radix(&text.as_literal()?, base).ok()
}
