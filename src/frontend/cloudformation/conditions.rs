//! The section `Conditions`, and the functions that conditions are made of.
//!
//! See <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html>.

use super::call::{Call, Function};
use super::choice;
use super::reader::{Loops, Reader};
use crate::model::{Condition, Data, Text, Truth, Unknown, Value};
use crate::source::Span;
use crate::syntax::Node;
use std::sync::Arc;

/// The largest formula, in functions, with the named conditions in it written out. Named conditions that use each
/// other twice grow without bound.
const MAX_SIZE: u32 = 5_000;

/// The deepest formula, in functions, named conditions written out. Whoever walks one may recurse.
const MAX_HEIGHT: u32 = 128;

/// A condition of the section.
#[derive(Clone, Debug)]
pub(super) struct Named<'a> {
    node: Node<'a>,
    loops: Loops,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Unread,
    /// It is being read: whoever asks now is part of it.
    Reading,
    Read(Sized),
}

/// A condition with its measures.
#[derive(Clone, Debug)]
struct Sized {
    condition: Condition,
    size: u32,
    height: u32,
}

impl<'a> Reader<'a> {
    /// Collects the section `Conditions`.
    pub(super) fn declare_conditions(&mut self) {
        let Some(section) = self.root.get("Conditions") else { return };
        for entry in self.section("Conditions") {
            let key = entry.key().into_owned();
            let named = Named { node: entry.value, loops: entry.loops, state: State::Unread };
            self.conditions.insert(key, named);
        }
        // CloudFormation evaluates all conditions before anything else, used or not.
        let names: Vec<String> = self.conditions.keys().cloned().collect();
        for name in names {
            self.named_condition(&name, section.span());
        }
    }

    /// The condition with that name, used at `span`.
    pub(super) fn named_condition(&mut self, name: &str, span: Span) -> Condition {
        self.named(name, span).condition
    }

    /// A condition where it is written out.
    pub(super) fn condition(&mut self, node: Node<'a>) -> Condition {
        self.formula(node, false).condition
    }

    fn named(&mut self, name: &str, span: Span) -> Sized {
        let Some(named) = self.conditions.get_mut(name) else {
            let message = format!("`{}` is no condition of this template", self.legible(name));
            if !self.macros.adds_conditions {
                self.notice(message.clone(), span);
            }
            return Sized::unknown(Unknown::new(message, span, "name a condition of the section `Conditions`"));
        };
        let (node, loops) = (named.node, named.loops.clone());
        match &named.state {
            State::Read(done) => return done.clone(),
            State::Reading => {
                let cause = format!("condition `{name}` is defined by itself");
                self.notice(cause.clone(), span);
                return Sized::unknown(Unknown::new(cause, span, "define it by parameters"));
            }
            State::Unread => named.state = State::Reading,
        }
        let formula = self
            .within(loops, |reader| reader.evaluated_where(Condition::Always, |reader| reader.formula(node, false)));
        let read = match formula.condition {
            Condition::Always | Condition::Never => formula,
            condition => {
                let name = self.legible(name).into();
                let condition = Condition::Named { scope: self.scope, name, formula: Arc::new(condition) };
                Sized { condition, size: formula.size, height: formula.height + 1 }
            }
        };
        if let Some(named) = self.conditions.get_mut(name) {
            named.state = State::Read(read.clone());
        }
        read
    }

    fn formula(&mut self, node: Node<'a>, ignore_tag: bool) -> Sized {
        let span = node.resolved().span();
        if !self.enter() {
            return Sized::unknown(Self::too_large(span));
        }
        let formula = match Call::of_condition(node, ignore_tag) {
            Some(call) => self.function(&call),
            None => match node.text() {
                Some("true") => Sized::leaf(Condition::Always),
                Some("false") => Sized::leaf(Condition::Never),
                _ => self.no_condition(span),
            },
        };
        self.leave();
        if formula.size > MAX_SIZE || formula.height > MAX_HEIGHT {
            Sized::unknown(Self::too_large(span))
        } else {
            formula
        }
    }

    fn function(&mut self, call: &Call<'a>) -> Sized {
        match call.function {
            Function::And => self.several(call, true),
            Function::Or => self.several(call, false),
            Function::Not => {
                let items = call.items();
                let [inner] = items.as_slice() else { return self.no_condition(call.span) };
                let inner = self.formula(*inner, false);
                let condition = match inner.condition {
                    Condition::Always => Condition::Never,
                    Condition::Never => Condition::Always,
                    other => Condition::Not(Arc::new(other)),
                };
                Sized { condition, size: inner.size + 1, height: inner.height + 1 }
            }
            Function::Equals => self.equals(call),
            Function::Condition => match self.scalar(call.argument) {
                Some(name) => {
                    let named = self.named(&name, call.span);
                    Sized { size: named.size + 1, ..named }
                }
                None => self.no_condition(call.span),
            },
            Function::Transform => Sized::unknown(super::transforms::inner(call)),
            _ => self.no_condition(call.span),
        }
    }

    /// `Fn::And` (`all`) and `Fn::Or`.
    fn several(&mut self, call: &Call<'a>, all: bool) -> Sized {
        let (neutral, absorbing) =
            if all { (Condition::Always, Condition::Never) } else { (Condition::Never, Condition::Always) };
        let mut kept = Vec::new();
        let (mut size, mut height) = (1u32, 1u32);
        let items = call.items();
        if items.is_empty() {
            return self.no_condition(call.span);
        }
        let mut settled = false;
        // All of it is evaluated, whatever comes of a part: what cannot be fails the deployment.
        for item in items {
            let formula = self.formula(item, false);
            settled |= formula.condition == absorbing;
            if settled {
                continue;
            }
            size = size.saturating_add(formula.size);
            height = height.max(formula.height + 1);
            if formula.condition != neutral {
                kept.push(formula.condition);
            }
        }
        if settled {
            return Sized::leaf(absorbing);
        }
        let condition = match (kept.pop(), kept.is_empty()) {
            (None, _) => neutral,
            (Some(only), true) => only,
            (Some(last), false) => {
                kept.push(last);
                if all { Condition::All(kept.into()) } else { Condition::Any(kept.into()) }
            }
        };
        Sized { condition, size, height }
    }

    fn equals(&mut self, call: &Call<'a>) -> Sized {
        let items = call.items();
        let [one, two] = items.as_slice() else { return self.no_condition(call.span) };
        let (one, two) = (self.value(*one), self.value(*two));
        let mut facts = Vec::new();
        self.compare(call, one, two, &mut facts)
    }

    /// Compares texts. A choice on either side becomes: it holds and its one side is equal, or it does not and the
    /// other side is.
    fn compare(&mut self, call: &Call<'a>, one: Value, two: Value, facts: &mut Vec<(Condition, bool)>) -> Sized {
        let (choice, other) = match (&one.data, &two.data) {
            (Data::Choice { .. }, _) => (&one, &two),
            (_, Data::Choice { .. }) => (&two, &one),
            _ => return self.compare_texts(call, one, two),
        };
        let Data::Choice { condition, then, otherwise } = &choice.data else { return self.no_condition(call.span) };
        if let Some((_, holds)) = facts.iter().find(|(known, _)| choice::same(known, condition)) {
            let side = Value::clone(if *holds { then } else { otherwise });
            return self.compare(call, side, other.clone(), facts);
        }
        if facts.len() > 12 || !self.spend(1) {
            return Sized::unknown(Self::too_large(call.span));
        }
        facts.push((condition.clone(), true));
        let yes = self.compare(call, Value::clone(then), other.clone(), facts);
        facts.pop();
        facts.push((condition.clone(), false));
        let no = self.compare(call, Value::clone(otherwise), other.clone(), facts);
        facts.pop();
        match (&yes.condition, &no.condition) {
            (yes_is, no_is) if yes_is == no_is => return yes,
            _ => {}
        }
        // What decides may come from the template that deploys this one, with a formula of its own.
        let decides = measured(condition);
        let not = Condition::not(condition.clone());
        let sides = [(condition.clone(), yes.condition), (not, no.condition)];
        let sides = sides.into_iter().map(|(side, equal)| Condition::all(vec![side, equal])).collect();
        Sized {
            condition: Condition::any(sides),
            size: yes.size.saturating_add(no.size).saturating_add(decides.0.saturating_mul(2)).saturating_add(5),
            height: yes.height.max(no.height).max(decides.1).saturating_add(3),
        }
    }

    fn compare_texts(&mut self, call: &Call<'a>, one: Value, two: Value) -> Sized {
        if let Some(condition) = self.compare_lists(call, &one, &two) {
            return condition;
        }
        let lists = [&one, &two].iter().any(|value| matches!(value.data, Data::List(_) | Data::Map(_)));
        let (one, two) = (self.as_text(one), self.as_text(two));
        match (text_of(&one), text_of(&two)) {
            (Some(one), Some(two)) if !lists => {
                let condition = match one.equals(two) {
                    Truth::Yes => Condition::Always,
                    Truth::No => Condition::Never,
                    Truth::Maybe => Condition::Equals(one.clone(), two.clone()),
                };
                Sized::leaf(condition)
            }
            _ => Sized::unknown(Unknown::new("it compares what is not a string", call.span, "compare strings")),
        }
    }

    /// Lists are equal where they are as long and each item is.
    fn compare_lists(&mut self, call: &Call<'a>, one: &Value, two: &Value) -> Option<Sized> {
        let (Data::List(one), Data::List(two)) = (&one.data, &two.data) else { return None };
        let settled =
            |items: &[Value]| !items.iter().any(|item| matches!(item.data, Data::Choice { .. } | Data::Absent));
        if !settled(one) || !settled(two) {
            return None;
        }
        if one.len() != two.len() {
            return Some(Sized::leaf(Condition::Never));
        }
        let mut all = Condition::Always;
        for (one, two) in one.iter().zip(two.iter()) {
            let both = self.compare_texts(call, one.clone(), two.clone());
            all = match (all, both.condition) {
                (Condition::Never, _) | (_, Condition::Never) => Condition::Never,
                (all, Condition::Always) => all,
                (all, both) => all.and(both),
            };
        }
        let size = u32::try_from(one.len()).unwrap_or(u32::MAX).saturating_add(1);
        // Each item nests one level deeper.
        Some(Sized { condition: all, size, height: size })
    }

    fn no_condition(&mut self, span: Span) -> Sized {
        let message = "a condition is needed here";
        self.notice(message, span);
        Sized::unknown(Unknown::new(message, span, "use `Fn::Equals`, `Fn::And`, `Fn::Or`, `Fn::Not` or `Condition`"))
    }
}

/// Size and height of a condition, named ones written out; as large as can be where it is larger than any may be.
fn measured(condition: &Condition) -> (u32, u32) {
    fn measure(condition: &Condition, left: &mut u32) -> Option<u32> {
        *left = left.checked_sub(1)?;
        let height = match condition {
            Condition::Named { formula, .. } | Condition::Not(formula) => measure(formula, left)?,
            Condition::All(parts) | Condition::Any(parts) => {
                parts.iter().try_fold(0, |height, part| Some(measure(part, left)?.max(height)))?
            }
            Condition::Always
            | Condition::Never
            | Condition::Equals(..)
            | Condition::Within(..)
            | Condition::Unknown(_) => 0,
        };
        Some(height + 1)
    }
    let mut left = MAX_SIZE;
    measure(condition, &mut left).map_or((u32::MAX, u32::MAX), |height| (MAX_SIZE - left, height))
}

fn text_of(value: &Value) -> Option<&Text> {
    match &value.data {
        Data::Text(text) => Some(text),
        _ => None,
    }
}

impl Sized {
    fn unknown(unknown: Unknown) -> Self {
        Self::leaf(Condition::Unknown(Arc::new(unknown)))
    }

    fn leaf(condition: Condition) -> Self {
        Self { condition, size: 1, height: 1 }
    }
}
