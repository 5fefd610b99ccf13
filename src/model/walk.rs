//! The one walk over values, conditions and the texts in them, and the one way to change them.
//!
//! Whoever looks for something in a value, or puts something in, does it here: a walk of one's own forgets a part
//! (the conditions of choices, the likely values of unknowns, the formulas of named conditions) sooner or later.

use super::{BucketPolicy, Condition, Data, Entry, Symbol, Template, Text, Unknown, Value};
use std::sync::Arc;

/// What a walk comes by.
#[derive(Clone, Copy, Debug)]
pub enum Met<'a> {
    /// A value.
    Value(&'a Value),
    /// A condition: of a choice, or a part of another one.
    Condition(&'a Condition),
    /// A text: of a value, or one that a condition compares.
    Text(&'a Text),
}

impl Template {
    /// Calls `see` with all that the template says: of its buckets, its policies, its outputs, the stacks that it
    /// deploys, and what holds in every deployment.
    pub(crate) fn visit<'a>(&'a self, see: &mut impl FnMut(Met<'a>) -> bool) {
        for bucket in &self.buckets {
            bucket.exists.visit(see);
            if let Some(name) = &bucket.name {
                see(Met::Text(name));
            }
            bucket.inline_policy.iter().for_each(|policy| policy.visit(see));
        }
        self.policies.iter().for_each(|policy| policy.visit(see));
        for output in self.outputs.iter() {
            output.exists.visit(see);
            output.value.visit(see);
            output.export.iter().for_each(|name| name.visit(see));
        }
        for stack in &self.nested {
            stack.exists.visit(see);
            stack.location.visit(see);
            stack.arguments.visit(see);
        }
        self.choices.iter().for_each(|(_, value)| value.visit(see));
        self.assertions.iter().for_each(|assertion| assertion.holds.visit(see));
    }
}

impl BucketPolicy {
    /// Calls `see` with all that the policy says.
    pub(crate) fn visit<'a>(&'a self, see: &mut impl FnMut(Met<'a>) -> bool) {
        self.exists.visit(see);
        self.bucket.visit(see);
        self.document.visit(see);
    }
}

/// Keeps the symbols that a walk comes by, each once.
pub(super) fn each_once<'a>(found: &mut Vec<Symbol>) -> impl FnMut(Met<'a>) -> bool + use<'a, '_> {
    |met| {
        if let Met::Text(text) = met {
            for symbol in text.symbols() {
                if !found.contains(symbol) {
                    found.push(symbol.clone());
                }
            }
        }
        true
    }
}

impl Value {
    /// The symbols in it, and in what decides between its sides, each once.
    pub(crate) fn symbols(&self) -> Vec<Symbol> {
        let mut found = Vec::new();
        self.visit(&mut each_once(&mut found));
        found
    }

    /// Calls `see` with this value and all that is in it, from the outside in. What `see` answers `false` for is not
    /// gone into.
    pub(crate) fn visit<'a>(&'a self, see: &mut impl FnMut(Met<'a>) -> bool) {
        if !see(Met::Value(self)) {
            return;
        }
        match &self.data {
            Data::Text(text) => {
                see(Met::Text(text));
            }
            Data::List(items) => items.iter().for_each(|item| item.visit(see)),
            Data::Map(entries) => entries.iter().for_each(|entry| entry.value.visit(see)),
            Data::Json(inner) => inner.visit(see),
            Data::Choice { condition, then, otherwise } => {
                condition.visit(see);
                then.visit(see);
                otherwise.visit(see);
            }
            Data::Unknown(unknown) => unknown.likely.iter().for_each(|likely| likely.visit(see)),
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Absent => {}
        }
    }

    /// The value as `map` makes it; `None` where it stays as it is, so that nothing is copied.
    pub fn map(&self, map: &mut impl Map) -> Option<Value> {
        let data = match &self.data {
            Data::Text(text) => return map.text(text).map(|data| Value { data, ..self.clone() }),
            Data::List(items) => {
                let changed = all(items, |item| item.map(map))?;
                Data::List(changed.into())
            }
            Data::Map(entries) => {
                let changed = all(entries, |entry| {
                    let value = entry.value.map(map)?;
                    Some(Entry { key: entry.key.clone(), key_span: entry.key_span, value })
                })?;
                Data::Map(changed.into())
            }
            Data::Json(inner) => Data::Json(inner.map(map)?.into()),
            Data::Choice { condition, then, otherwise } => {
                let (taken, changed) = match map.choose(condition) {
                    Some(taken) => (Some(taken), None),
                    None => match condition.map(map) {
                        Some(Condition::Always) => (Some(true), None),
                        Some(Condition::Never) => (Some(false), None),
                        changed => (None, changed),
                    },
                };
                match taken {
                    Some(true) => return Some(then.map(map).unwrap_or_else(|| Value::clone(then))),
                    Some(false) => return Some(otherwise.map(map).unwrap_or_else(|| Value::clone(otherwise))),
                    None => {}
                }
                let decides = changed.as_ref().unwrap_or(condition);
                map.enter(decides.clone());
                let first = then.map(map);
                map.leave();
                map.enter(Condition::not(decides.clone()));
                let second = otherwise.map(map);
                map.leave();
                if changed.is_none() && first.is_none() && second.is_none() {
                    return None;
                }
                Data::Choice {
                    condition: changed.unwrap_or_else(|| condition.clone()),
                    then: first.map_or_else(|| Arc::clone(then), Arc::new),
                    otherwise: second.map_or_else(|| Arc::clone(otherwise), Arc::new),
                }
            }
            Data::Unknown(unknown) => {
                let likely = unknown.likely.as_ref()?.map(map)?;
                Data::Unknown(Box::new(Unknown { likely: Some(likely.into()), ..Unknown::clone(unknown) }))
            }
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Absent => return None,
        };
        Some(Value { span: self.span, hops: self.hops.clone(), data })
    }
}

impl Condition {
    /// Calls `see` with this condition, its parts and the texts that they compare. What `see` answers `false` for is
    /// not gone into.
    pub(crate) fn visit<'a>(&'a self, see: &mut impl FnMut(Met<'a>) -> bool) {
        if !see(Met::Condition(self)) {
            return;
        }
        match self {
            Condition::Named { formula, .. } | Condition::Not(formula) => formula.visit(see),
            Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| part.visit(see)),
            Condition::Equals(one, two) => {
                see(Met::Text(one));
                see(Met::Text(two));
            }
            Condition::Within(text, _) => {
                see(Met::Text(text));
            }
            Condition::Always | Condition::Never | Condition::Unknown(_) => {}
        }
    }

    /// The condition as `map` makes it; `None` where it stays as it is.
    pub fn map(&self, map: &mut impl Map) -> Option<Condition> {
        match self {
            Condition::Named { scope, name, formula } => {
                let changed = map.named(formula)?;
                Some(match changed {
                    Condition::Always | Condition::Never => changed,
                    formula => Condition::Named { scope: *scope, name: Arc::clone(name), formula: Arc::new(formula) },
                })
            }
            Condition::Not(inner) => inner.map(map).map(Condition::not),
            Condition::All(parts) => all(parts, |part| part.map(map)).map(Condition::all),
            Condition::Any(parts) => all(parts, |part| part.map(map)).map(Condition::any),
            Condition::Equals(one, two) => {
                let (first, second) = (map.text(one), map.text(two));
                if first.is_none() && second.is_none() {
                    return None;
                }
                Some(Condition::equals(text_of(first, one), text_of(second, two)))
            }
            Condition::Within(one, domain) => {
                let changed = map.text(one)?;
                Some(Condition::within(text_of(Some(changed), one), Arc::clone(domain)))
            }
            Condition::Always | Condition::Never | Condition::Unknown(_) => None,
        }
    }
}

/// The text that takes the place of another one; that one where it is no text.
fn text_of(changed: Option<Data>, text: &Text) -> Text {
    match changed {
        Some(Data::Text(text)) => text,
        _ => text.clone(),
    }
}

/// How values and conditions are changed.
pub trait Map: Sized {
    /// What becomes of a text; `None` where it stays. In conditions only a text can take its place.
    fn text(&mut self, text: &Text) -> Option<Data>;

    /// Which side of a choice is taken; `None` where both stay.
    fn choose(&mut self, condition: &Condition) -> Option<bool> {
        match condition {
            Condition::Always => Some(true),
            Condition::Never => Some(false),
            _ => None,
        }
    }

    /// Comes before the side of a choice that is there where `side` holds.
    fn enter(&mut self, side: Condition) {
        drop(side);
    }

    /// Comes after the side of a choice.
    fn leave(&mut self) {}

    /// What becomes of the formula of a named condition. Formulas are used again and again: whoever maps many values
    /// may remember what came of each.
    fn named(&mut self, formula: &Arc<Condition>) -> Option<Condition> {
        formula.map(self)
    }
}

/// All items as `change` makes them; `None` where none is changed.
fn all<T: Clone>(items: &[T], mut change: impl FnMut(&T) -> Option<T>) -> Option<Vec<T>> {
    let mut out: Option<Vec<T>> = None;
    for (at, item) in items.iter().enumerate() {
        match (change(item), &mut out) {
            (Some(changed), Some(out)) => out.push(changed),
            (Some(changed), None) => {
                let mut list = Vec::with_capacity(items.len());
                list.extend_from_slice(items.get(..at).unwrap_or(&[]));
                list.push(changed);
                out = Some(list);
            }
            (None, Some(out)) => out.push(item.clone()),
            (None, None) => {}
        }
    }
    out
}
