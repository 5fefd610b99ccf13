//! The one type that Terraform makes of several values: the sides of a conditional, the items of a list.

use super::equal::{Scalar, Typing};
use super::evaluate::{DEPTH, Evaluator};
use super::value::{Dat, Frag, Member, Val};
use crate::source::Span;

impl Evaluator<'_> {
    /// What a value becomes where it has to be of one type with another.
    pub(super) fn unified(&self, value: &Val, other: &Val, span: Span) -> Val {
        let value = match &other.data {
            Dat::Choice(choice) => {
                if self.depth.get() >= DEPTH || !self.spend(1) {
                    return self.too_large(span);
                }
                self.depth.set(self.depth.get() + 1);
                let value = self.unified(&self.unified(value, &choice.then, span), &choice.otherwise, span);
                self.depth.set(self.depth.get() - 1);
                return value;
            }
            Dat::Null | Dat::Absent => return value.clone(),
            _ => value,
        };
        self.each_side(value, &|value| self.with_type_of(value, other, span))
    }

    fn with_type_of(&self, value: &Val, other: &Val, span: Span) -> Val {
        let is_collection = |value: &Val| matches!(value.data, Dat::List(_) | Dat::Set(_) | Dat::Object(_));
        match (value.scalar(), other.scalar()) {
            (Some(Scalar::String), _) | (Some(_) | None, Some(Scalar::String))
                if value.as_frags().is_some() && value.missing().is_none() && !is_collection(other) =>
            {
                Val::frags(value.span, value.as_frags().unwrap_or_default()).typed(Typing::Seen)
            }
            (Some(one), Some(two)) if one == two => value.clone(),
            (Some(_), Some(_)) => self.failed(span, "the sides are of different types"),
            (Some(_), None) if is_collection(other) => self.failed(span, "the sides are of different types"),
            (None, Some(_)) if is_collection(value) => self.failed(span, "the sides are of different types"),
            _ => self.unsure(value),
        }
    }

    /// The value with the types of its parts left open.
    pub(super) fn unsure(&self, value: &Val) -> Val {
        if self.depth.get() >= DEPTH || !self.spend(1) {
            return self.too_large(value.span);
        }
        self.depth.set(self.depth.get() + 1);
        let items = |items: &[Val]| items.iter().map(|item| self.unsure(item)).collect();
        let member = |member: &Member| Member { value: self.unsure(&member.value), ..member.clone() };
        let data = match &value.data {
            Dat::List(list) => Dat::List(items(list)),
            Dat::Set(set) => Dat::Set(items(set)),
            Dat::Open(list) => Dat::Open(items(list)),
            Dat::Object(members) => Dat::Object(members.iter().map(member).collect()),
            other => other.clone(),
        };
        self.depth.set(self.depth.get() - 1);
        let is_string = value.scalar() == Some(Scalar::String);
        Val::new(value.span, data).typed(if is_string { Typing::Seen } else { Typing::Unsure })
    }

    /// The items of a list or set: numbers and booleans beside texts become texts.
    pub(super) fn uniform(&self, items: &[Val], span: Span) -> Vec<Val> {
        let mut kinds = items.iter().filter(|item| !item.is_null()).map(Val::scalar);
        let Some(first) = kinds.next() else { return items.to_vec() };
        if items.len() == 1 || first.is_some() && kinds.all(|kind| kind == first) {
            return items.to_vec();
        }
        if !self.spend(items.len()) {
            return vec![self.too_large(span)];
        }
        let text = items.iter().find(|item| item.scalar() == Some(Scalar::String));
        match text {
            Some(text) => items.iter().map(|item| self.unified(item, text, span)).collect(),
            None => items.iter().map(|item| self.unsure(item)).collect(),
        }
    }

    /// The items of two collections that have to be of one type.
    pub(super) fn of_one_type(&self, one: &[Val], two: &[Val], span: Span) -> (Vec<Val>, Vec<Val>) {
        let mut all = self.uniform(&[one, two].concat(), span);
        let rest = all.split_off(one.len().min(all.len()));
        (all, rest)
    }

    /// A map, whose values are of one type.
    pub(super) fn uniform_members(&self, members: &[Member], span: Span) -> Val {
        let values: Vec<Val> = members.iter().map(|member| member.value.clone()).collect();
        let values = self.uniform(&values, span);
        let members = members.iter().zip(values).map(|(member, value)| Member { value, ..member.clone() });
        Val::object(span, members.collect()).typed(Typing::Uniform)
    }
}

/// The type of the values of a variable that has none: that of its default.
pub(super) fn typed_as(value: Val, default: &Val) -> Val {
    let is_hole = matches!(&value.data, Dat::Text(frags) if matches!(frags.as_ref(), [Frag::Symbol(_)]));
    match default.scalar() {
        Some(scalar) if is_hole => value.typed(Typing::Hole(scalar)),
        _ => value,
    }
}
