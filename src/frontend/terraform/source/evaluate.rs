//! Expressions. Nothing here fails: what Terraform would refuse, and what cannot be known, is a located unknown.

use super::super::address::Address;
use super::config::Module;
use super::equal::Typing;
use super::number::Decimal;
use super::tree::{Call, Expr, Kind, Operator, Step};
use super::value::{Dat, Frag, Member, Missing, Val, to_model};
use super::{Configuration, Facts};
use crate::model::{Truth, Unknown};
use crate::source::Span;
use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How deeply expressions may be nested, references followed included.
pub(super) const DEPTH: u32 = 200;

/// Evaluates expressions of one configuration.
pub(super) struct Evaluator<'a> {
    pub(super) configuration: &'a Configuration,
    pub(super) facts: &'a dyn Facts,
    /// What references evaluate to; `None` while one is being evaluated.
    pub(super) memo: RefCell<BTreeMap<String, Option<Val>>>,
    steps: Cell<u32>,
    pub(super) depth: Cell<u32>,
    /// What is being evaluated, and how many unknowns came of it so far.
    frame: RefCell<(Arc<str>, u32)>,
    /// Whether somebody asks if what is evaluated fails: `try` and `can` do.
    is_tried: Cell<bool>,
    /// Set when a limit was met: from then on what is evaluated hangs on what was evaluated before.
    is_limited: Cell<bool>,
}

/// An instance of a module.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) module: Arc<Module>,
    /// Its address; empty for the root module.
    pub(super) path: Arc<Address>,
}

/// What names mean at some point of the source.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    /// `None` inside a template file, which knows only its own variables.
    pub(super) place: Option<Place>,
    /// `each`, `count`, iterators, and the names of `for`.
    names: Option<Arc<Names>>,
}

#[derive(Debug)]
struct Names {
    name: String,
    value: Val,
    outer: Option<Arc<Names>>,
}

impl Scope {
    pub(super) fn new(place: Option<Place>) -> Scope {
        Scope { place, names: None }
    }

    /// The scope with one more name.
    pub(super) fn with(&self, name: &str, value: Val) -> Scope {
        let names = Names { name: name.to_owned(), value, outer: self.names.clone() };
        Scope { place: self.place.clone(), names: Some(Arc::new(names)) }
    }

    pub(super) fn find(&self, name: &str) -> Option<&Val> {
        let mut names = self.names.as_deref();
        while let Some(found) = names {
            if found.name == name {
                return Some(&found.value);
            }
            names = found.outer.as_deref();
        }
        None
    }
}

impl<'a> Evaluator<'a> {
    /// For the evaluation of `subject`, which names what is asked for within the configuration.
    pub(super) fn new(configuration: &'a Configuration, facts: &'a dyn Facts, steps: u32, subject: &str) -> Self {
        Self {
            configuration,
            facts,
            memo: RefCell::default(),
            steps: Cell::new(steps),
            depth: Cell::new(0),
            frame: RefCell::new((subject.into(), 0)),
            is_tried: Cell::new(false),
            is_limited: Cell::new(false),
        }
    }

    /// Takes `steps` from what is left. False when nothing is.
    pub(super) fn spend(&self, steps: usize) -> bool {
        let left = self.steps.get().saturating_sub(u32::try_from(steps).unwrap_or(u32::MAX));
        self.steps.set(left);
        if left == 0 {
            self.is_limited.set(true);
        }
        left > 0
    }

    /// Whether somebody asks if what is evaluated fails.
    pub(super) fn is_tried(&self) -> bool {
        self.is_tried.get()
    }

    /// What is left to spend.
    pub(super) fn steps_left(&self) -> u32 {
        self.steps.get()
    }

    /// What may still be walked; for comparisons and conversions.
    pub(super) fn fuel(&self) -> u32 {
        self.steps.get().min(200_000)
    }

    /// What `==` says of both; what the comparison takes is spent.
    pub(super) fn equal(&self, one: &Val, two: &Val) -> Truth {
        self.spending(|fuel| one.equals(two, fuel))
    }

    /// Whether both hold the same, be it as lists or as tuples; what the comparison takes is spent.
    pub(super) fn same(&self, one: &Val, two: &Val) -> Truth {
        self.spending(|fuel| one.same(two, fuel))
    }

    fn spending(&self, compare: impl FnOnce(&mut u32) -> Truth) -> Truth {
        let before = self.fuel();
        let mut fuel = before;
        let truth = compare(&mut fuel);
        self.spend((before - fuel) as usize);
        truth
    }

    /// A value of the model; what that takes is spent.
    pub(super) fn modelled(&self, value: &Val) -> crate::model::Value {
        let before = self.fuel().max(1);
        let mut fuel = before;
        let value = to_model(value, &mut fuel);
        self.spend((before - fuel) as usize);
        value
    }

    pub(super) fn missing(&self, unknown: Unknown, failed: bool) -> Missing {
        let id = self.missing_id(unknown.span);
        Missing { unknown: Arc::new(unknown), id: Some(id), failed }
    }

    /// Names an unknown: by what is being evaluated and the place, so that whoever evaluates the same meets the same
    /// unknown. Past a limit every unknown is one of its own.
    pub(super) fn missing_id(&self, span: Span) -> Arc<str> {
        let mut frame = self.frame.borrow_mut();
        frame.1 = frame.1.saturating_add(1);
        let configuration = self.configuration.id;
        if self.is_limited.get() || frame.1 == u32::MAX {
            return format!("{configuration}:limit:{}", self.configuration.serial()).into();
        }
        format!("{configuration}:{}:{}:{}", frame.0, frame.1, span.start).into()
    }

    /// Notes that a limit was met.
    pub(super) fn limited(&self) {
        self.is_limited.set(true);
    }

    /// Evaluates something that is named by `subject` within the configuration.
    pub(super) fn framed(&self, subject: &str, make: impl FnOnce() -> Val) -> Val {
        let outer = self.frame.replace((subject.into(), 0));
        let value = make();
        self.frame.replace(outer);
        value
    }

    /// A value that is not known.
    pub(super) fn unknown(&self, span: Span, cause: impl Into<String>, remedy: &str) -> Val {
        let remedy = if remedy.is_empty() { "give it a literal value" } else { remedy };
        let missing = self.missing(Unknown::new(cause, span, remedy), false);
        Val::new(span, Dat::Unknown(missing))
    }

    /// What Terraform itself would refuse.
    pub(super) fn failed(&self, span: Span, cause: impl Into<String>) -> Val {
        let missing = self.missing(Unknown::new(cause, span, "fix the expression"), true);
        Val::new(span, Dat::Unknown(missing))
    }

    pub(super) fn too_large(&self, span: Span) -> Val {
        self.unknown(span, "the value is too large to be evaluated", "make it smaller")
    }

    /// Evaluates an expression.
    pub(super) fn eval(&self, expression: &Expr, scope: &Scope) -> Val {
        if !self.spend(1) {
            return self.too_large(expression.span);
        }
        if self.depth.get() >= DEPTH {
            self.limited();
            return self.unknown(expression.span, "the expression is nested too deeply", "nest it less");
        }
        self.depth.set(self.depth.get() + 1);
        let value = self.eval_kind(expression, scope);
        self.depth.set(self.depth.get() - 1);
        value
    }

    fn eval_kind(&self, expression: &Expr, scope: &Scope) -> Val {
        let span = expression.span;
        match &expression.kind {
            Kind::Null => Val::null(span),
            Kind::Unreadable => self.unknown(span, "the template cannot be read", "fix it"),
            Kind::Bool(flag) => Val::bool(span, *flag),
            Kind::Number(number) => Val::number(span, number.as_str()),
            Kind::Template(parts) => self.template(parts, span, scope),
            Kind::List(items) => {
                Val::list(span, items.iter().map(|item| self.eval(item, scope)).collect()).typed(Typing::Seen)
            }
            Kind::Object(_) => self.object(expression, scope),
            Kind::Variable(_) => self.traversal(expression, &[], span, scope),
            Kind::Traversal(root, steps) => self.traversal(root, steps, span, scope),
            Kind::Conditional(three) => self.conditional(three, span, scope),
            Kind::Call(call) => self.call(call, span, scope),
            Kind::Not(inner) => self.not(inner, span, scope),
            Kind::Negative(inner) => self.negative(inner, span, scope),
            Kind::Binary(operator, two) => self.binary(*operator, two, span, scope),
            Kind::For(iteration) => self.iteration(iteration, span, scope),
        }
    }

    fn object(&self, expression: &Expr, scope: &Scope) -> Val {
        let Kind::Object(items) = &expression.kind else { return Val::null(expression.span) };
        let mut members: Vec<Member> = Vec::with_capacity(items.len());
        for item in items {
            // `(name) = …` comes without its parentheses, and `name = …` as text: a key is always evaluated.
            let key = self.eval(&item.key, scope);
            if !self.spend(key.weight() + members.len() / 8) {
                return self.too_large(expression.span);
            }
            let Some(text) = key.as_literal() else {
                return self.not_known(&key, expression.span, "a key of this object is not known");
            };
            let value = self.eval(&item.value, scope);
            put(&mut members, Member { key: text.into(), key_span: item.key.span, value });
        }
        Val::object(expression.span, members).typed(Typing::Seen)
    }

    /// An unknown for what hangs on `value`: its own cause, where it has one.
    pub(super) fn not_known(&self, value: &Val, span: Span, cause: &str) -> Val {
        match &value.data {
            // What is made of an unknown value is another one.
            Dat::Unknown(missing) => {
                let id = Some(self.missing_id(span));
                Val::new(span, Dat::Unknown(Missing { id, ..missing.clone() }))
            }
            Dat::Text(frags) => {
                match frags.iter().find_map(|frag| if let Frag::Symbol(s) = frag { Some(s) } else { None }) {
                    Some(symbol) => {
                        let missing = self.missing(symbol.unknown().clone(), false);
                        Val::new(span, Dat::Unknown(missing))
                    }
                    None => self.unknown(span, cause, "give it a literal value"),
                }
            }
            Dat::Open(items) => match items.iter().find(|item| item.missing().is_some()) {
                Some(unknown) => self.not_known(unknown, span, cause),
                None => self.unknown(span, cause, "give it a literal value"),
            },
            _ => self.unknown(span, cause, "give it a literal value"),
        }
    }

    fn conditional(&self, three: &[Expr; 3], span: Span, scope: &Scope) -> Val {
        let [condition, then, otherwise] = three;
        let decided = self.eval(condition, scope);
        let (then, otherwise) = (self.eval(then, scope), self.eval(otherwise, scope));
        // Terraform makes one type of both sides, whichever counts.
        let (then, otherwise) = (self.unified(&then, &otherwise, span), self.unified(&otherwise, &then, span));
        match decided.as_bool() {
            Some(true) => then,
            Some(false) => otherwise,
            None => {
                if self.same(&then, &otherwise) == Truth::Yes {
                    return then;
                }
                if let Some(condition) = self.condition(condition, scope) {
                    return Val::choice(span, condition, then, otherwise);
                }
                self.undecided(&decided, condition.span, span)
            }
        }
    }

    /// Which side of a conditional counts is not known.
    pub(super) fn undecided(&self, condition: &Val, at: Span, span: Span) -> Val {
        let shown = self.configuration.shown(at);
        let why = match &condition.data {
            Dat::Unknown(missing) => format!(": {}", missing.unknown.cause),
            _ => String::new(),
        };
        let cause = format!("the condition `{shown}` is not known{why}");
        let unknown = Unknown::new(cause, at, "give its parts literal values");
        Val::new(span, Dat::Unknown(self.missing(unknown, false)))
    }

    fn not(&self, inner: &Expr, span: Span, scope: &Scope) -> Val {
        let value = self.eval(inner, scope);
        // Where a variable is free, each of its two values is a world.
        let is_reference = matches!(inner.kind, Kind::Variable(_) | Kind::Traversal(..));
        let holds = || is_reference.then(|| self.condition(inner, scope)).flatten();
        match value.as_bool() {
            Some(flag) => Val::bool(span, !flag),
            None => match holds() {
                Some(holds) => Val::choice(span, holds, Val::bool(span, false), Val::bool(span, true)),
                None => self.not_known(&value, span, "the operand of `!` is not known"),
            },
        }
    }

    fn negative(&self, inner: &Expr, span: Span, scope: &Scope) -> Val {
        let value = self.eval(inner, scope);
        // Terraform writes the negative of nothing as `-0`.
        if value.as_number() == Some(0.0) {
            return self.number(None, span);
        }
        self.calculation(Operator::Minus, &[Val::number(span, "0"), value], span)
    }

    fn binary(&self, operator: Operator, two: &[Expr; 2], span: Span, scope: &Scope) -> Val {
        let [left, right] = two;
        let one = self.eval(left, scope);
        match (operator, one.as_bool()) {
            (Operator::And, Some(false)) => return Val::bool(span, false),
            (Operator::Or, Some(true)) => return Val::bool(span, true),
            _ => {}
        }
        let two = self.eval(right, scope);
        match operator {
            Operator::And | Operator::Or => self.logic(operator == Operator::And, &one, &two, span),
            Operator::Eq | Operator::NotEq => match self.equal(&one, &two) {
                Truth::Yes => Val::bool(span, operator == Operator::Eq),
                Truth::No => Val::bool(span, operator == Operator::NotEq),
                Truth::Maybe => {
                    let unknown = if one.missing().is_some() || one.as_literal().is_none() { &one } else { &two };
                    self.not_known(unknown, span, "it is not known whether both sides are equal")
                }
            },
            _ => self.calculation(operator, &[one, two], span),
        }
    }

    /// A calculation of two numbers.
    fn calculation(&self, operator: Operator, two: &[Val], span: Span) -> Val {
        if let Some(index) = two.iter().position(|value| matches!(value.data, Dat::Choice(_))) {
            return self.of_choice(two, index, span, |two| self.calculation(operator, two, span));
        }
        let [one, two] = two else { return self.failed(span, "two numbers are needed") };
        match (one.as_decimal(), two.as_decimal()) {
            (Some(left), Some(right)) => self.arithmetic(operator, left, right, span),
            (None, _) => self.not_known(one, span, "the left side is not known"),
            (_, None) => self.not_known(two, span, "the right side is not known"),
        }
    }

    fn logic(&self, and: bool, one: &Val, two: &Val, span: Span) -> Val {
        match (one.as_bool(), two.as_bool()) {
            (_, Some(flag)) if flag != and => Val::bool(span, flag),
            (Some(_), Some(flag)) => Val::bool(span, flag),
            (None, _) => self.not_known(one, span, "the left side is not known"),
            (_, None) => self.not_known(two, span, "the right side is not known"),
        }
    }

    fn arithmetic(&self, operator: Operator, left: Decimal, right: Decimal, span: Span) -> Val {
        let holds: fn(Ordering) -> bool = match operator {
            Operator::LessEq => Ordering::is_le,
            Operator::GreaterEq => Ordering::is_ge,
            Operator::Less => Ordering::is_lt,
            Operator::Greater => Ordering::is_gt,
            // Terraform makes infinity of it.
            Operator::Div if right.sign() == 0 => return self.unknown(span, "division by zero", ""),
            _ => return self.number(left.calculated(operator, right), span),
        };
        match left.compare(right) {
            Some(order) => Val::bool(span, holds(order)),
            None => self.number(None, span),
        }
    }

    /// A calculated number.
    pub(super) fn number(&self, number: Option<Decimal>, span: Span) -> Val {
        match number.and_then(Decimal::text) {
            Some(text) => Val::number(span, &text),
            None => self.unknown(span, "the digits of this number are not known", ""),
        }
    }

    fn traversal(&self, root: &Expr, steps: &[Step], span: Span, scope: &Scope) -> Val {
        let (value, used) = match &root.kind {
            Kind::Variable(name) => self.reference(name, steps, root.span, scope),
            _ => (self.eval(root, scope), 0),
        };
        let value = self.walk(value, steps.get(used..).unwrap_or(&[]), scope);
        // A scalar is changed where it is used; the parts of a structure stand where they were written.
        match &value.data {
            Dat::Bool(_) | Dat::Number(_) | Dat::Text(_) | Dat::Null => value.at(span),
            _ => value,
        }
    }

    /// Follows the steps of a traversal.
    pub(super) fn walk(&self, value: Val, steps: &[Step], scope: &Scope) -> Val {
        let mut value = value;
        for (index, step) in steps.iter().enumerate() {
            let after = steps.get(index + 1..).unwrap_or(&[]);
            match step {
                Step::Attribute(name, span) => value = self.attribute(&value, name, *span),
                Step::Index(key) => {
                    let key = self.eval(key, scope);
                    value = self.index(&value, &key, key.span);
                }
                Step::FullSplat(span) => return self.splat(&value, after, *span, scope),
                Step::AttributeSplat(span) => {
                    let attributes = after.iter().take_while(|step| matches!(step, Step::Attribute(..))).count();
                    let (inner, rest) = after.split_at_checked(attributes).unwrap_or((after, &[]));
                    let items = self.splat(&value, inner, *span, scope);
                    return self.walk_deeper(items, rest, scope);
                }
            }
        }
        value
    }

    fn walk_deeper(&self, value: Val, steps: &[Step], scope: &Scope) -> Val {
        if self.depth.get() >= DEPTH {
            return self.unknown(value.span, "the expression is nested too deeply", "nest it less");
        }
        self.depth.set(self.depth.get() + 1);
        let value = self.walk(value, steps, scope);
        self.depth.set(self.depth.get() - 1);
        value
    }

    fn splat(&self, value: &Val, steps: &[Step], span: Span, scope: &Scope) -> Val {
        let items: Vec<Val> = match &value.data {
            Dat::Null => Vec::new(),
            Dat::List(items) | Dat::Set(items) => items.to_vec(),
            Dat::Open(items) => {
                let known = |item: &Val| match item.missing() {
                    Some(_) => self.not_known(item, span, ""),
                    None => self.walk_deeper(item.clone(), steps, scope),
                };
                return if self.spend(items.len()) {
                    Val::open_list(span, items.iter().map(|item| self.each_side(item, &known)).collect())
                } else {
                    self.too_large(span)
                };
            }
            Dat::Choice(_) => {
                return self.each_side(value, &|value| self.splat(value, steps, span, scope));
            }
            Dat::Unknown(_) | Dat::Instances(_) => match self.pairs(value) {
                Ok(pairs) => pairs.into_iter().map(|(_, item)| item).collect(),
                Err(unknown) => return unknown,
            },
            _ => vec![value.clone()],
        };
        if !self.spend(items.len()) {
            return self.too_large(span);
        }
        Val::list(span, items.into_iter().map(|item| self.walk_deeper(item, steps, scope)).collect())
    }

    fn call(&self, call: &Call, span: Span, scope: &Scope) -> Val {
        match call.name.as_str() {
            "try" => return self.attempt(call, span, scope),
            "can" => return self.can(call, span, scope),
            "convert" => {
                if let [value, kind] = call.arguments.as_slice() {
                    return self.convert(&self.eval(value, scope), kind);
                }
            }
            _ => {}
        }
        let mut arguments: Vec<Val> = call.arguments.iter().map(|argument| self.eval(argument, scope)).collect();
        if call.expand {
            let Some(last) = arguments.pop() else { return self.failed(span, "`...` without an argument") };
            match last.items() {
                Some(items) if self.spend(items.len()) => arguments.extend(items.iter().cloned()),
                Some(_) => return self.too_large(span),
                None => return self.not_known(&last, span, "the list before `...` is not known"),
            }
        }
        self.function(&call.name, &arguments, span, scope)
    }

    fn attempt(&self, call: &Call, span: Span, scope: &Scope) -> Val {
        match call.arguments.split_first() {
            Some((first, rest)) => self.or_next(&self.tried(first, scope), rest, scope),
            None => self.failed(span, "`try` without an argument"),
        }
    }

    /// A value, and in its place the first of `rest` that does not fail, where it fails.
    fn or_next(&self, value: &Val, rest: &[Expr], scope: &Scope) -> Val {
        self.each_side(value, &|value| match (value.has_failed(), rest.split_first()) {
            (true, Some((next, rest))) => self.or_next(&self.tried(next, scope), rest, scope),
            _ => value.clone(),
        })
    }

    fn can(&self, call: &Call, span: Span, scope: &Scope) -> Val {
        let Some(argument) = call.arguments.first() else { return self.failed(span, "`can` without an argument") };
        let value = self.tried(argument, scope);
        self.each_side(&value, &|value| match value.missing() {
            Some(missing) if missing.failed => Val::bool(span, false),
            Some(_) => value.clone(),
            None => Val::bool(span, true),
        })
    }

    /// A value of which it is asked whether it fails. Where a part of it may, that is not known.
    fn tried(&self, expression: &Expr, scope: &Scope) -> Val {
        let value = self.trying(true, || self.eval(expression, scope));
        self.each_side(&value, &|value| {
            if value.may_fail_inside() {
                return self.unknown(value.span, "it is not known whether this fails", "give the variables values");
            }
            value.clone()
        })
    }

    /// Whether somebody asks if what `make` evaluates fails.
    pub(super) fn trying(&self, is_tried: bool, make: impl FnOnce() -> Val) -> Val {
        let before = self.is_tried.replace(is_tried);
        let value = make();
        self.is_tried.set(before);
        value
    }
}

/// Puts a member into an object: the last one under a key counts.
pub(super) fn put(members: &mut Vec<Member>, member: Member) {
    match members.iter_mut().find(|earlier| earlier.key == member.key) {
        Some(earlier) => *earlier = member,
        None => members.push(member),
    }
}
