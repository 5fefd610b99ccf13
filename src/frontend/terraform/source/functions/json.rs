//! Conversions: JSON and types.

use super::super::equal::{Scalar, Typing};
use super::super::evaluate::Evaluator;
use super::super::value::{Dat, Val};
use crate::source::Span;
use std::cmp::Ordering;

impl Evaluator<'_> {
    pub(super) fn json_function(&self, name: &str, arguments: &[Val], span: Span) -> Option<Val> {
        let value = match (name, arguments) {
            ("jsonencode", [value]) => Val::json(span, value.clone()),
            ("jsondecode", [value]) => self.parse_json(value, span),
            ("nonsensitive", [value]) => value.clone(),
            ("sensitive", [value]) => {
                let key = self.missing_id(span);
                self.hidden(value, &key, "sensitive(…)", 0)
            }
            ("tostring", [value]) => self.to_string(value, span),
            ("tobool", [value]) => match value.as_bool() {
                Some(flag) => Val::bool(span, flag),
                None => self.converted(value, span, "a boolean"),
            },
            ("tonumber", [value]) if value.as_number().is_some() => {
                value.as_literal().map_or_else(|| self.too_large(span), |number| Val::number(span, &number))
            }
            ("tonumber", [value]) => self.converted(value, span, "a number"),
            ("tolist" | "toset", [value]) if matches!(value.data, Dat::Open(_)) => value.clone().at(span),
            ("tolist", [value]) => match value.items() {
                Some(items) => Val::list(span, self.uniform(items, span)).typed(Typing::Uniform),
                None => self.converted(value, span, "a list"),
            },
            ("toset", [value]) => match value.items() {
                Some(items) => self.set(items, span),
                None => self.converted(value, span, "a set"),
            },
            ("tomap", [value]) => match value.members() {
                Some(members) => self.uniform_members(members, span),
                None => self.converted(value, span, "a map"),
            },
            _ => return None,
        };
        Some(value)
    }

    /// A value where Terraform takes strings; what is not known stays so.
    pub(super) fn as_string(&self, value: &Val, span: Span) -> Val {
        if value.missing().is_some() { value.clone() } else { self.to_string(value, span) }
    }

    /// A value where Terraform takes the type of another one.
    pub(super) fn as_type_of(&self, value: &Val, other: &Val, span: Span) -> Val {
        let conversion = match other.scalar() {
            Some(Scalar::String) => "tostring",
            Some(Scalar::Number) => "tonumber",
            Some(Scalar::Bool) => "tobool",
            None => return self.unified(value, other, span),
        };
        self.json_function(conversion, std::slice::from_ref(value), span).unwrap_or_else(|| self.unsure(value))
    }

    fn to_string(&self, value: &Val, span: Span) -> Val {
        match value.as_frags() {
            Some(frags) if value.missing().is_none() => Val::frags(span, frags).typed(Typing::Seen),
            _ => self.converted(value, span, "a string"),
        }
    }

    /// What a conversion gives that could not be made: null stays null, an unknown stays one, the rest fails.
    fn converted(&self, value: &Val, span: Span, wanted: &str) -> Val {
        let has_holes = value.as_frags().is_some() && value.as_literal().is_none();
        match &value.data {
            Dat::Null => Val::null(span),
            Dat::Unknown(_) | Dat::Instances(_) => self.not_known(value, span, "the value is not known"),
            _ if has_holes => self.not_known(value, span, "the value is not known"),
            _ => self.failed(span, format!("the value is not {wanted}")),
        }
    }

    /// A set: equal items once. Items that may be equal make the set unknown, unless nothing hangs on their number:
    /// texts with holes are kept side by side.
    pub(in super::super) fn set(&self, items: &[Val], span: Span) -> Val {
        let mut known = std::collections::BTreeMap::new();
        let mut others: Vec<Val> = Vec::new();
        for item in self.uniform(items, span) {
            match item.as_literal() {
                Some(text) => {
                    known.entry(text).or_insert(item);
                }
                None if others.len() > 1_000 => return self.too_large(span),
                None => {
                    let equal = |other: &Val| self.same(&item, other) == crate::model::Truth::Yes;
                    if !others.iter().any(equal) {
                        others.push(item);
                    }
                }
            }
        }
        if !self.spend(others.len() * others.len() + known.len()) {
            return self.too_large(span);
        }
        if let Some(unknown) = others.iter().find(|item| item.missing().is_some()) {
            return self.not_known(unknown, span, "an item of the set is not known");
        }
        let mut known: Vec<Val> = known.into_values().collect();
        // Numbers go by their size, texts by their bytes.
        known.sort_by(|one, two| match (one.scalar(), one.as_decimal(), two.as_decimal()) {
            (Some(Scalar::Number), Some(one), Some(two)) => one.compare(two).unwrap_or(Ordering::Equal),
            _ => Ordering::Equal,
        });
        Val::new(span, Dat::Set(known.into_iter().chain(others).collect()))
    }
}
