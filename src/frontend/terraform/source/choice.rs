//! Values of which a condition on free variables says what they are.

use super::evaluate::{DEPTH, Evaluator, Scope};
use super::tree::Expr;
use super::value::{Choice, Dat, Val};
use crate::model::Condition;
use crate::source::Span;

impl Evaluator<'_> {
    /// One function of one of two values. Whatever hangs on the same condition is on the same side.
    pub(super) fn of_choice(&self, arguments: &[Val], index: usize, span: Span, call: impl Fn(&[Val]) -> Val) -> Val {
        if self.depth.get() >= DEPTH || !self.spend(arguments.len()) {
            return self.too_large(span);
        }
        let Some(Dat::Choice(choice)) = arguments.get(index).map(|argument| &argument.data) else {
            return self.too_large(span);
        };
        let on = |side: fn(&Choice) -> &Val| {
            let of = |argument: &Val| match &argument.data {
                Dat::Choice(other) if other.condition == choice.condition => side(other).clone(),
                _ => argument.clone(),
            };
            call(&arguments.iter().map(of).collect::<Vec<_>>())
        };
        self.depth.set(self.depth.get() + 1);
        let (then, otherwise) = (on(|choice| &choice.then), on(|choice| &choice.otherwise));
        self.depth.set(self.depth.get() - 1);
        Val::choice(span, choice.condition.clone(), then, otherwise)
    }

    /// The same with each side of a choice; nothing stays nothing.
    pub(super) fn each_side(&self, value: &Val, make: &dyn Fn(&Val) -> Val) -> Val {
        match &value.data {
            Dat::Absent => value.clone(),
            Dat::Choice(choice) => {
                if self.depth.get() >= DEPTH || !self.spend(1) {
                    return self.too_large(value.span);
                }
                self.depth.set(self.depth.get() + 1);
                let (then, otherwise) = (self.each_side(&choice.then, make), self.each_side(&choice.otherwise, make));
                self.depth.set(self.depth.get() - 1);
                Val::choice(value.span, choice.condition.clone(), then, otherwise)
            }
            _ => make(value),
        }
    }

    /// One of two values. Where one side fails Terraform stops, so that whatever it makes is made of the other; only `try`
    /// and `can` go on.
    pub(super) fn side_that_is_there(&self, span: Span, condition: &Condition, then: Val, otherwise: Val) -> Val {
        match (then.has_failed(), otherwise.has_failed()) {
            (true, false) if !self.is_tried() => otherwise,
            (false, true) if !self.is_tried() => then,
            _ => Val::choice(span, condition.clone(), then, otherwise),
        }
    }

    /// An item that is there where a condition holds.
    pub(super) fn item_if(condition: &Condition, item: Val) -> Val {
        let span = item.span;
        Val::choice(span, condition.clone(), item, Val::new(span, Dat::Absent))
    }

    /// The items of both lists of a choice, each there where its list is; `None` where one side is no list.
    pub(super) fn items_of_choice(choice: &Choice) -> Option<Vec<Val>> {
        let items = |side: &Val| match &side.data {
            Dat::Absent => Some(Vec::new()),
            _ => side.open_items().map(|items| items.to_vec()),
        };
        let not = Condition::not(choice.condition.clone());
        let then = items(&choice.then)?.into_iter().map(|item| Self::item_if(&choice.condition, item));
        let otherwise = items(&choice.otherwise)?.into_iter().map(|item| Self::item_if(&not, item));
        Some(then.chain(otherwise).collect())
    }

    /// Where the condition of a `for` holds for one item; an unknown where that is not known.
    pub(super) fn holds_for(&self, condition: Option<&Expr>, scope: &Scope, span: Span) -> Result<Condition, Val> {
        let Some(condition) = condition else { return Ok(Condition::Always) };
        let holds = self.eval(condition, scope);
        match holds.as_bool() {
            Some(true) => Ok(Condition::Always),
            Some(false) => Ok(Condition::Never),
            None => self.condition(condition, scope).ok_or_else(|| self.undecided(&holds, condition.span, span)),
        }
    }
}
