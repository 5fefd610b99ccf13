//! Choices inside of text and lists, lifted out of them: each side is then exact.

use super::call::Call;
use super::reader::Reader;
use crate::model::{Condition, Data, SymbolKind, Value};
use crate::source::Span;
use std::sync::Arc;

/// How many sides one expression may have.
const MAX_SIDES: u32 = 64;

/// Whether two conditions are the same one. Named ones go by name, so that formulas are never walked.
pub(super) fn same(one: &Condition, two: &Condition) -> bool {
    match (one, two) {
        (Condition::Named { scope: one, name: first, .. }, Condition::Named { scope: two, name: second, .. }) => {
            one == two && first == second
        }
        (Condition::Not(one), Condition::Not(two)) => same(one, two),
        (Condition::Equals(..), Condition::Equals(..)) => one == two,
        // The keys of one mapping.
        (Condition::Any(one), Condition::Any(two)) => {
            one.len() == two.len() && one.iter().zip(two.iter()).all(|(one, two)| same(one, two))
        }
        _ => false,
    }
}

/// A value that is one of two; the one where that is settled.
pub(super) fn choose(condition: Condition, then: Value, otherwise: Value, span: Span) -> Value {
    match condition {
        Condition::Always => then,
        Condition::Never => otherwise,
        condition => {
            let data = Data::Choice { condition, then: Arc::new(then), otherwise: Arc::new(otherwise) };
            Value::new(span, data)
        }
    }
}

/// What stands for a result that has too many sides.
type Overflow<'f, 'a> = &'f dyn Fn(&Reader<'a>) -> Value;

/// What makes a result of parts without choices.
type Combine<'f, 'a> = &'f mut dyn FnMut(&mut Reader<'a>, Vec<Value>) -> Value;

/// The state of lifting the choices out of one expression.
struct Lift<'f, 'a> {
    span: Span,
    /// The sides that were taken on the way.
    facts: Vec<(Condition, bool)>,
    sides: u32,
    overflow: Overflow<'f, 'a>,
    combine: Combine<'f, 'a>,
}

impl<'a> Reader<'a> {
    /// Puts `parts` together with `combine`, which sees no choice among them: one result for each combination of
    /// sides, as a choice of results.
    pub(super) fn lift(
        &mut self,
        call: &Call<'a>,
        parts: Vec<Value>,
        combine: &mut dyn FnMut(&mut Self, Vec<Value>) -> Value,
    ) -> Value {
        let overflow = |reader: &Self| reader.opaque(call, SymbolKind::Free, Self::too_large(call.span));
        self.lift_at(call.span, parts, &overflow, combine)
    }

    /// [`Reader::lift`] in any place; `overflow` gives the result where there are too many sides.
    pub(super) fn lift_at(
        &mut self,
        span: Span,
        parts: Vec<Value>,
        overflow: &dyn Fn(&Self) -> Value,
        combine: &mut dyn FnMut(&mut Self, Vec<Value>) -> Value,
    ) -> Value {
        Lift { span, facts: Vec::new(), sides: MAX_SIDES, overflow, combine }.run(self, parts)
    }
}

impl<'a> Lift<'_, 'a> {
    fn run(&mut self, reader: &mut Reader<'a>, mut parts: Vec<Value>) -> Value {
        while let Some(part) = parts.iter_mut().find(|part| matches!(part.data, Data::Choice { .. })) {
            let Data::Choice { condition, then, otherwise } = part.data.clone() else { break };
            if let Some((_, holds)) = self.facts.iter().find(|(known, _)| same(known, &condition)) {
                *part = Value::clone(if *holds { &then } else { &otherwise });
                continue;
            }
            let cost = u32::try_from(parts.len()).unwrap_or(u32::MAX);
            if self.sides == 0 || !reader.spend(cost) {
                return (self.overflow)(reader);
            }
            self.sides -= 1;
            let then = self.side(reader, &parts, &condition, &then, true);
            let otherwise = self.side(reader, &parts, &condition, &otherwise, false);
            return if then.data == otherwise.data { then } else { choose(condition, then, otherwise, self.span) };
        }
        (self.combine)(reader, parts)
    }

    /// The result where `condition` holds or not: its first choice among the parts is `value` then.
    fn side(
        &mut self,
        reader: &mut Reader<'a>,
        parts: &[Value],
        condition: &Condition,
        value: &Value,
        holds: bool,
    ) -> Value {
        let mut parts = parts.to_vec();
        if let Some(part) = parts.iter_mut().find(|part| matches!(part.data, Data::Choice { .. })) {
            *part = value.clone();
        }
        self.facts.push((condition.clone(), holds));
        let result = self.run(reader, parts);
        self.facts.pop();
        result
    }
}
