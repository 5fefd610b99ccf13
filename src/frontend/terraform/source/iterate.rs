//! What repeats: `for` expressions and templates.

use super::equal::Typing;
use super::evaluate::{DEPTH, Evaluator, Scope, put};
use super::tree::{For, Part};
use super::value::{Dat, Frag, Member, Val};
use crate::model::Condition;
use crate::source::Span;

impl Evaluator<'_> {
    /// The items of a collection with their keys, for `for` and its kin.
    pub(super) fn pairs(&self, collection: &Val) -> Result<Vec<(Val, Val)>, Val> {
        let span = collection.span;
        let pairs = match &collection.data {
            Dat::List(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| (Val::number(item.span, &index.to_string()), item.clone()))
                .collect::<Vec<_>>(),
            Dat::Set(items) => items.iter().map(|item| (item.clone(), item.clone())).collect(),
            Dat::Object(members) => {
                let pair = |member: &Member| (Val::text(member.key_span, &member.key), member.value.clone());
                Val::ordered(members).into_iter().map(pair).collect()
            }
            Dat::Null => return Err(self.failed(span, "there is nothing to iterate over: the collection is null")),
            Dat::Instances(address) => {
                let cause = format!("it is not known which instances of `{address}` there are");
                return Err(self.unknown(span, cause, "run with a plan that holds them"));
            }
            _ => return Err(self.not_known(collection, span, "the collection is not known")),
        };
        if self.spend(pairs.len()) { Ok(pairs) } else { Err(self.too_large(span)) }
    }

    pub(super) fn iteration(&self, iteration: &For, span: Span, scope: &Scope) -> Val {
        let collection = self.eval(&iteration.collection, scope);
        self.each_side(&collection, &|collection| self.iterated_over(iteration, collection, span, scope))
    }

    fn iterated_over(&self, iteration: &For, collection: &Val, span: Span, scope: &Scope) -> Val {
        if let (Dat::Open(items), None) = (&collection.data, &iteration.key) {
            return self.open_iteration(iteration, items, span, scope);
        }
        let pairs = match self.pairs(collection) {
            Ok(pairs) => pairs,
            Err(unknown) => return unknown.at(span),
        };
        let mut items = Vec::new();
        let mut members: Vec<Member> = Vec::new();
        for (key, value) in pairs {
            let mut inner = scope.with(&iteration.value_name, value);
            if let Some(name) = &iteration.key_name {
                inner = inner.with(name, key);
            }
            let condition = match self.holds_for(iteration.condition.as_ref(), &inner, span) {
                Ok(Condition::Never) => continue,
                Ok(condition) => condition,
                Err(unknown) => return unknown,
            };
            let value = self.eval(&iteration.value, &inner);
            let Some(key) = &iteration.key else {
                items.push(Self::item_if(&condition, value));
                continue;
            };
            if condition != Condition::Always {
                return self.unknown(span, "it is not known which keys this object has", "give the variables values");
            }
            let key = self.eval(key, &inner);
            if !self.spend(key.weight() + members.len() / 8) {
                return self.too_large(span);
            }
            let Some(text) = key.as_literal() else {
                return self.not_known(&key, span, "a key of this object is not known");
            };
            put_for(&mut members, Member { key: text.into(), key_span: key.span, value }, iteration.grouping);
        }
        let made = if iteration.key.is_some() { Val::object(span, members) } else { listed(span, items) };
        made.typed(Typing::Seen)
    }

    /// A `for` over a list of which some items may not be there, or are not known.
    fn open_iteration(&self, iteration: &For, items: &[Val], span: Span, scope: &Scope) -> Val {
        let one = |item: &Val| {
            if item.missing().is_some() {
                return self.not_known(item, span, "");
            }
            let mut inner = scope.with(&iteration.value_name, item.clone());
            if let Some(name) = &iteration.key_name {
                inner = inner.with(name, self.unknown(span, "the place of an item in the list is not known", ""));
            }
            match self.holds_for(iteration.condition.as_ref(), &inner, span) {
                Ok(Condition::Never) => Val::new(span, Dat::Absent),
                Ok(condition) => Self::item_if(&condition, self.eval(&iteration.value, &inner)),
                Err(unknown) => unknown,
            }
        };
        if !self.spend(items.len()) {
            return self.too_large(span);
        }
        let items = items.iter().map(|item| self.each_side(item, &one));
        Val::open_list(span, items.filter(|item| !matches!(item.data, Dat::Absent)).collect())
    }

    /// A string. One interpolation alone keeps the type of its value.
    pub(super) fn template(&self, parts: &[Part], span: Span, scope: &Scope) -> Val {
        if let [Part::Value(expression)] = parts {
            return self.eval(expression, scope);
        }
        let mut values = Vec::new();
        match self.template_parts(parts, span, scope, &mut values) {
            Ok(()) => self.joined(&values, span),
            Err(unknown) => unknown,
        }
    }

    /// The text of its parts. Of one of two values it is one of two texts.
    fn joined(&self, values: &[Val], span: Span) -> Val {
        if let Some(index) = values.iter().position(|value| matches!(value.data, Dat::Choice(_))) {
            return self.of_choice(values, index, span, |values| self.joined(values, span));
        }
        let mut frags = Vec::new();
        for value in values {
            match self.part(value) {
                Ok(part) => frags.extend(part),
                Err(unknown) => return unknown,
            }
        }
        Val::frags(span, frags)
    }

    fn part(&self, value: &Val) -> Result<Vec<Frag>, Val> {
        if value.missing().is_some_and(|missing| missing.failed) {
            return Err(value.clone());
        }
        match value.as_frags() {
            Some(frags) if self.spend(frags.len()) => Ok(frags),
            Some(_) => Err(self.too_large(value.span)),
            None => Err(self.not_known(value, value.span, "a value that is not a string stands in one")),
        }
    }

    /// Evaluates the parts of a template.
    fn template_parts(&self, parts: &[Part], span: Span, scope: &Scope, out: &mut Vec<Val>) -> Result<(), Val> {
        for part in parts {
            match part {
                Part::Literal(located) => {
                    out.push(Val::frags(located.span, vec![Frag::Literal(located.clone())]));
                }
                Part::Value(expression) => out.push(self.eval(expression, scope).at(expression.span)),
                Part::If { condition, then, otherwise } => {
                    let holds = self.eval(condition, scope);
                    match holds.as_bool() {
                        Some(true) => self.nested_parts(then, span, scope, out)?,
                        Some(false) => self.nested_parts(otherwise, span, scope, out)?,
                        None => match self.condition(condition, scope) {
                            Some(formula) => {
                                let (then, otherwise) =
                                    (self.side(then, span, scope)?, self.side(otherwise, span, scope)?);
                                out.push(Val::choice(span, formula, then, otherwise));
                            }
                            None => return Err(self.undecided(&holds, condition.span, span)),
                        },
                    }
                }
                Part::For { key_name, value_name, collection, body } => {
                    let collection = self.eval(collection, scope);
                    for (key, value) in self.pairs(&collection)? {
                        let mut inner = scope.with(value_name, value);
                        if let Some(name) = key_name {
                            inner = inner.with(name, key);
                        }
                        self.nested_parts(body, span, &inner, out)?;
                    }
                }
            }
            if !self.spend(1) {
                return Err(self.too_large(span));
            }
        }
        Ok(())
    }

    /// One side of a condition that is not known, as a text.
    fn side(&self, parts: &[Part], span: Span, scope: &Scope) -> Result<Val, Val> {
        let mut values = Vec::new();
        self.nested_parts(parts, span, scope, &mut values)?;
        Ok(self.joined(&values, span))
    }

    fn nested_parts(&self, parts: &[Part], span: Span, scope: &Scope, out: &mut Vec<Val>) -> Result<(), Val> {
        if self.depth.get() >= DEPTH {
            return Err(self.unknown(span, "the template is nested too deeply", "nest it less"));
        }
        self.depth.set(self.depth.get() + 1);
        let done = self.template_parts(parts, span, scope, out);
        self.depth.set(self.depth.get() - 1);
        done
    }
}

/// A list, open where an item may not be there.
fn listed(span: Span, items: Vec<Val>) -> Val {
    if items.iter().any(Val::may_be_absent) { Val::open_list(span, items) } else { Val::list(span, items) }
}

fn put_for(members: &mut Vec<Member>, member: Member, grouping: bool) {
    if !grouping {
        return put(members, member);
    }
    let span = member.value.span;
    match members.iter_mut().find(|earlier| earlier.key == member.key) {
        Some(earlier) => {
            let mut items = earlier.value.items().map(|items| items.to_vec()).unwrap_or_default();
            items.push(member.value);
            earlier.value = Val::list(earlier.value.span, items);
        }
        None => members.push(Member { value: Val::list(span, vec![member.value]), ..member }),
    }
}
