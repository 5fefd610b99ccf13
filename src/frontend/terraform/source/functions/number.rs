//! Functions on numbers.

use super::super::evaluate::{Evaluator, shown_number};
use super::super::value::Val;
use crate::source::Span;

impl Evaluator<'_> {
    pub(super) fn number_function(&self, name: &str, arguments: &[Val], span: Span) -> Option<Val> {
        let numbers = || arguments.iter().map(Val::as_number).collect::<Option<Vec<f64>>>();
        let value = match (name, arguments) {
            ("max" | "min", [_, ..]) | ("abs" | "ceil" | "floor" | "signum", [_]) | ("log" | "pow", [_, _]) => {
                numbers().and_then(|numbers| computed(name, &numbers))
            }
            ("sum", [list]) => {
                let items = list.items().filter(|items| !items.is_empty());
                items.and_then(|items| items.iter().map(Val::as_number).sum())
            }
            ("parseint", [text, base]) => parsed(text, base),
            _ => return None,
        };
        Some(match value {
            Some(number) if number.is_finite() => Val::number(span, shown_number(number)),
            Some(_) => self.failed(span, format!("`{name}` gives no number here")),
            None => self.needs(name, arguments, span),
        })
    }
}

fn computed(name: &str, numbers: &[f64]) -> Option<f64> {
    Some(match (name, numbers) {
        ("max", numbers) => numbers.iter().copied().reduce(f64::max)?,
        ("min", numbers) => numbers.iter().copied().reduce(f64::min)?,
        ("abs", [number]) => number.abs(),
        ("ceil", [number]) => number.ceil(),
        ("floor", [number]) => number.floor(),
        ("signum", [number]) => f64::from(i8::from(*number > 0.0) - i8::from(*number < 0.0)),
        ("log", [number, base]) => number.ln() / base.ln(),
        ("pow", [number, power]) => number.powf(*power),
        _ => return None,
    })
}

#[expect(clippy::cast_precision_loss, reason = "numbers of that size are not what policies hold")]
fn parsed(text: &Val, base: &Val) -> Option<f64> {
    let base: u32 = base.as_literal()?.parse().ok().filter(|base| (2..=36).contains(base))?;
    i64::from_str_radix(&text.as_literal()?, base).ok().map(|number| number as f64)
}
