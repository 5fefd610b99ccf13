//! Choices inside of text and lists, lifted out of them: each side is then exact.

use super::call::Call;
use super::reader::Reader;
use crate::model::{Condition, Data, SymbolKind, Value};
use std::sync::Arc;

/// How many sides one expression may have.
const MAX_SIDES: u32 = 64;

/// Whether two conditions are the same one. Named ones go by name, so that formulas are never walked.
pub(super) fn same(one: &Condition, two: &Condition) -> bool {
    match (one, two) {
        (Condition::Named { name: one, .. }, Condition::Named { name: two, .. }) => one == two,
        (Condition::Named { .. }, _) | (_, Condition::Named { .. }) => false,
        (Condition::Not(one), Condition::Not(two)) => same(one, two),
        (Condition::Equals(..), Condition::Equals(..)) => one == two,
        _ => false,
    }
}

/// A value that is one of two; the one where that is settled.
pub(super) fn choose(condition: Condition, then: Value, otherwise: Value, place: &Call<'_>) -> Value {
    match condition {
        Condition::Always => then,
        Condition::Never => otherwise,
        condition => {
            let data = Data::Choice { condition, then: Arc::new(then), otherwise: Arc::new(otherwise) };
            Value::new(place.span, data)
        }
    }
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
        let mut sides = MAX_SIDES;
        self.lift_under(call, parts, &mut Vec::new(), &mut sides, combine)
    }

    fn lift_under(
        &mut self,
        call: &Call<'a>,
        mut parts: Vec<Value>,
        facts: &mut Vec<(Condition, bool)>,
        sides: &mut u32,
        combine: &mut dyn FnMut(&mut Self, Vec<Value>) -> Value,
    ) -> Value {
        while let Some(at) = parts.iter().position(|part| matches!(part.data, Data::Choice { .. })) {
            let Some(part) = parts.get_mut(at) else { break };
            let Data::Choice { condition, then, otherwise } = part.data.clone() else { break };
            if let Some((_, holds)) = facts.iter().find(|(known, _)| same(known, &condition)) {
                *part = Value::clone(if *holds { &then } else { &otherwise });
                continue;
            }
            let cost = u32::try_from(parts.len()).unwrap_or(u32::MAX);
            if *sides == 0 || !self.spend(cost) {
                return self.opaque(call, SymbolKind::Free, Self::too_large(call.span));
            }
            *sides -= 1;
            let mut side = |reader: &mut Self, value: &Value, holds: bool| {
                let mut parts = parts.clone();
                if let Some(part) = parts.get_mut(at) {
                    *part = value.clone();
                }
                facts.push((condition.clone(), holds));
                let result = reader.lift_under(call, parts, facts, sides, combine);
                facts.pop();
                result
            };
            let then = side(self, &then, true);
            let otherwise = side(self, &otherwise, false);
            return if then.data == otherwise.data { then } else { choose(condition, then, otherwise, call) };
        }
        combine(self, parts)
    }
}
