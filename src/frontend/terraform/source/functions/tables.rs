//! Functions on lists that stand for tables.

use super::super::equal::Typing;
use super::super::evaluate::Evaluator;
use super::super::value::{Member, Val};
use crate::model::Truth;
use crate::source::Span;
use std::collections::BTreeMap;

impl Evaluator<'_> {
    /// The list in pieces of a size.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float saturates")]
    pub(super) fn chunks(&self, list: &Val, size: &Val, span: Span) -> Val {
        let (Some(items), Some(size)) = (list.items(), size.as_number()) else {
            return self.needs("chunklist", &[list.clone(), size.clone()], span);
        };
        let size = if size < 1.0 { items.len().max(1) } else { size as usize };
        let items = self.uniform(items, span);
        let chunk = |chunk: &[Val]| Val::list(span, chunk.to_vec()).typed(Typing::Uniform);
        Val::list(span, items.chunks(size).map(chunk).collect()).typed(Typing::Uniform)
    }

    /// The place of a value in a list.
    pub(super) fn place_in(&self, list: &Val, value: &Val, span: Span) -> Val {
        let Some(items) = list.items() else { return self.needs("index", std::slice::from_ref(list), span) };
        for (index, item) in items.iter().enumerate() {
            match self.equal(item, value) {
                Truth::Yes => return Val::number(span, &index.to_string()),
                Truth::No => {}
                Truth::Maybe => return self.not_known(item, span, "it is not known which item is the value"),
            }
        }
        self.failed(span, "the list does not hold the value")
    }

    /// The values whose keys are among those wanted.
    pub(super) fn matching(&self, values: &Val, keys: &Val, wanted: &Val, span: Span) -> Val {
        let (Some(items), Some(names), Some(others)) = (values.items(), keys.items(), wanted.items()) else {
            return self.needs("matchkeys", &[values.clone(), keys.clone(), wanted.clone()], span);
        };
        if !self.spend(names.len().saturating_mul(others.len())) {
            return self.too_large(span);
        }
        let (names, others) = self.of_one_type(names, others, span);
        let mut out = Vec::new();
        for (item, name) in items.iter().zip(names.iter()) {
            match others.iter().map(|other| self.equal(name, other)).fold(Truth::No, either) {
                Truth::Yes => out.push(item.clone()),
                Truth::No => {}
                Truth::Maybe => return self.not_known(name, span, "it is not known whether a key is wanted"),
            }
        }
        Val::list(span, out)
    }

    /// Lists by name turned round: the names by the items of their lists.
    pub(super) fn transposed(&self, map: &Val, span: Span) -> Val {
        let Some(members) = map.members() else { return self.needs("transpose", std::slice::from_ref(map), span) };
        let mut turned: BTreeMap<String, Vec<Val>> = BTreeMap::new();
        for member in Val::ordered(members) {
            let Some(items) = member.value.items() else {
                return self.needs("transpose", std::slice::from_ref(&member.value), span);
            };
            for item in items.iter() {
                let Some(name) = item.as_literal().filter(|_| self.spend(1)) else {
                    return self.not_known(item, span, "an item is not known");
                };
                turned.entry(name).or_default().push(Val::text(member.key_span, &member.key));
            }
        }
        let member = |(name, items): (String, Vec<Val>)| Member {
            key: name.into(),
            key_span: span,
            value: Val::list(span, items),
        };
        Val::object(span, turned.into_iter().map(member).collect())
    }
}

/// Yes where one is, Maybe where one may be.
pub(super) fn either(one: Truth, two: Truth) -> Truth {
    match (one, two) {
        (Truth::Yes, _) | (_, Truth::Yes) => Truth::Yes,
        (Truth::Maybe, _) | (_, Truth::Maybe) => Truth::Maybe,
        _ => Truth::No,
    }
}
