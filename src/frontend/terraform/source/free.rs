//! A configuration without a plan: which instances its blocks may have, and under which conditions on variables that
//! have no value.

use super::super::address::{Address, InstanceKey, ModuleStep, ResourceStep};
use super::evaluate::{DEPTH, Evaluator, Place, Scope};
use super::tree::{Block, Expr, Kind, Operator, Step};
use super::value::{Dat, Frag, Member, Val};
use super::{Configuration, Facts, MissingModule};
use crate::model::{Condition, Notice, Symbol, SymbolKind, Text, Unknown, Value};
use crate::source::{SourceFile, Span};
use std::sync::Arc;

/// How many instances `count` may make.
const INSTANCES: usize = 10_000;
/// How many instances of buckets, policies and modules are laid out together.
const MAX_LAID: usize = 50_000;
/// The key of the one instance that stands for those of a `for_each` that is not known.
const EACH: &str = "each.key";
/// The same for `count`.
const COUNT: &str = "count.index";

/// An instance of a resource, as far as it can be told without a plan.
#[derive(Clone, Debug)]
pub struct Laid {
    /// Its address.
    pub address: Address,
    /// Where it exists.
    pub exists: Condition,
}

/// A module that is called and not at hand, with what is handed to it.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The module.
    pub module: MissingModule,
    /// The values of its arguments.
    pub arguments: Vec<Value>,
    /// Where it is called.
    pub exists: Condition,
}

/// Whether a key stands for all instances of a block.
pub(super) fn is_pattern_key(key: &str) -> bool {
    key == EACH || key == COUNT
}

impl Configuration {
    /// Every instance of the resources that `wanted` says, by their types, and the modules that are not at hand.
    #[must_use]
    pub fn lay_out(&self, facts: &dyn Facts, wanted: &dyn Fn(&str) -> bool) -> (Vec<Laid>, Vec<Handed>) {
        let (mut laid, mut handed) = (Vec::new(), Vec::new());
        let mut open = vec![(Address::default(), Condition::Always)];
        let mut count = 0;
        while let Some((path, exists)) = open.pop() {
            let Some(place) = self.place_of(&path) else { continue };
            for (name, block) in &place.module.resources {
                let Some((kind, label)) = name.split_once('.').filter(|(kind, _)| wanted(kind)) else { continue };
                let resource =
                    ResourceStep { data: false, kind: kind.to_owned(), name: label.to_owned(), key: InstanceKey::None };
                let address = Address { modules: path.modules.clone(), resource: Some(resource) };
                for (key, condition) in self.keys_of(facts, &place, block, &address) {
                    let mut address = address.clone();
                    if let Some(resource) = &mut address.resource {
                        resource.key = key;
                    }
                    laid.push(Laid { address, exists: exists.clone().and(condition) });
                }
            }
            for (name, call) in place.module.calls.iter().rev() {
                let mut address = path.clone();
                address.modules.push(ModuleStep { name: name.clone(), key: InstanceKey::None });
                for (key, condition) in self.keys_of(facts, &place, call, &address).into_iter().rev() {
                    let mut address = address.clone();
                    if let Some(step) = address.modules.last_mut() {
                        step.key = key;
                    }
                    let exists = exists.clone().and(condition);
                    count += 1;
                    if count + laid.len() > MAX_LAID {
                        return (laid, handed);
                    }
                    if place.module.children.contains_key(name) {
                        open.push((address, exists));
                    } else {
                        handed.extend(self.handed(facts, &place, call, &address, exists));
                    }
                }
            }
        }
        (laid, handed)
    }

    fn keys_of(
        &self,
        facts: &dyn Facts,
        place: &Place,
        block: &Block,
        address: &Address,
    ) -> Vec<(InstanceKey, Condition)> {
        let evaluator = Evaluator::new(self, facts, super::STEPS, &format!("{address}|instances"));
        evaluator.laid(place, block, address).unwrap_or_else(|| vec![(InstanceKey::None, Condition::Always)])
    }

    fn handed(
        &self,
        facts: &dyn Facts,
        place: &Place,
        call: &Block,
        address: &Address,
        exists: Condition,
    ) -> Option<Handed> {
        let names = address.module_names();
        let module = self.missing.iter().find(|missing| missing.names == names)?.clone();
        let evaluator = Evaluator::new(self, facts, super::STEPS, &format!("{address}|arguments"));
        let scope = evaluator.instance_scope(place, call, address, address.last_key());
        let arguments = call.body.attributes.values();
        let arguments = arguments.map(|argument| evaluator.modelled(&evaluator.eval(&argument.value, &scope)));
        Some(Handed { module, arguments: arguments.collect(), exists })
    }

    /// The root module's variables: their names, whether each is a boolean, where each stands, and its default as text.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, bool, Span, Option<String>)> {
        let each = self.root.variables.iter().map(|(name, block)| {
            let is_flag = match block.body.get("type").map(|kind| &kind.kind) {
                Some(Kind::Variable(kind)) => kind == "bool",
                _ => false,
            };
            let default = block.body.get("default").and_then(|default| match &default.kind {
                Kind::Bool(flag) => Some(flag.to_string()),
                Kind::Number(number) => Some(number.clone()),
                Kind::Template(parts) => match parts.as_slice() {
                    [super::tree::Part::Literal(located)] => Some(located.text.to_string()),
                    _ => None,
                },
                _ => None,
            });
            (name.clone(), is_flag, block.header, default)
        });
        each.collect()
    }
}

/// The values that a `.tfvars` file gives, and what of it cannot be read.
#[must_use]
pub fn given_values(source: &Arc<SourceFile>) -> (Vec<(String, Value)>, Vec<Notice>) {
    struct Nothing;
    impl Facts for Nothing {
        fn variable(&self, _: &str) -> Option<Value> {
            None
        }
        fn attribute(&self, _: &str, _: &str) -> Option<Value> {
            None
        }
        fn instances(&self, _: &str) -> Option<Vec<InstanceKey>> {
            None
        }
    }
    let is_json = std::path::Path::new(source.path()).extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
    let (body, notices) = if is_json { super::read_json::values(source) } else { super::read::body(source) };
    let configuration = Configuration::nothing(source);
    let evaluator = Evaluator::new(&configuration, &Nothing, super::STEPS, "values");
    let value = |(name, attribute): (String, super::tree::Attribute)| {
        (name, evaluator.modelled(&evaluator.eval(&attribute.value, &Scope::new(None))))
    };
    (body.attributes.into_iter().map(value).collect(), notices)
}

impl Evaluator<'_> {
    /// The instances of a block; `None` where they are not known (with a plan). Without one, an unknown number of them
    /// is one that stands for all.
    pub(super) fn laid(
        &self,
        place: &Place,
        block: &Block,
        address: &Address,
    ) -> Option<Vec<(InstanceKey, Condition)>> {
        let pattern =
            |key: &str| self.facts.is_free().then(|| vec![(InstanceKey::Text(key.to_owned()), Condition::Always)]);
        if let Some(count) = block.body.get("count") {
            let scope = Scope::new(Some(place.clone()));
            let count = self.once(format!("{address}|count"), count.span, || self.eval(count, &scope));
            let Some(conditions) = counted(&count, 0) else { return pattern(COUNT) };
            let each = (0..).zip(conditions).filter(|(_, condition)| *condition != Condition::Never);
            return Some(each.map(|(index, condition)| (InstanceKey::Int(index), condition)).collect());
        }
        if block.body.get("for_each").is_none() {
            return Some(vec![(InstanceKey::None, Condition::Always)]);
        }
        match self.iterated(&self.for_each(place, block, address), 0) {
            Some(keys) => Some(keys.into_iter().map(|(key, condition)| (InstanceKey::Text(key), condition)).collect()),
            None => pattern(EACH),
        }
    }

    /// The keys of a collection, with the condition of each.
    fn iterated(&self, collection: &Val, depth: u32) -> Option<Vec<(String, Condition)>> {
        if depth > DEPTH {
            return None;
        }
        if let Dat::Choice(choice) = &collection.data {
            let then = self.iterated(&choice.then, depth + 1)?;
            let otherwise = self.iterated(&choice.otherwise, depth + 1)?;
            let mut all: Vec<(String, Condition)> = Vec::new();
            let not = Condition::not(choice.condition.clone());
            for (keys, when) in [(then, &choice.condition), (otherwise, &not)] {
                for (key, condition) in keys {
                    let condition = when.clone().and(condition);
                    match all.iter_mut().find(|(known, _)| *known == key) {
                        Some((_, known)) => *known = Condition::any(vec![known.clone(), condition]),
                        None => all.push((key, condition)),
                    }
                }
            }
            return Some(all);
        }
        let pairs = self.pairs(collection).ok()?;
        pairs.into_iter().map(|(key, _)| Some((key.as_literal()?, Condition::Always))).collect()
    }

    /// One function of one of two values.
    pub(super) fn of_choice(&self, arguments: &[Val], index: usize, span: Span, call: impl Fn(&[Val]) -> Val) -> Val {
        if self.depth.get() >= DEPTH || !self.spend(arguments.len()) {
            return self.too_large(span);
        }
        let Some(Dat::Choice(choice)) = arguments.get(index).map(|argument| &argument.data) else {
            return self.too_large(span);
        };
        let with = |value: &Val| {
            let mut arguments = arguments.to_vec();
            if let Some(slot) = arguments.get_mut(index) {
                *slot = value.clone();
            }
            call(&arguments)
        };
        self.depth.set(self.depth.get() + 1);
        let (then, otherwise) = (with(&choice.then), with(&choice.otherwise));
        self.depth.set(self.depth.get() - 1);
        Val::choice(span, choice.condition.clone(), then, otherwise)
    }

    /// What an expression says of free variables; `None` where that is not known, and with a plan, where nothing is
    /// free.
    pub(super) fn condition(&self, expression: &Expr, scope: &Scope) -> Option<Condition> {
        if !self.facts.is_free() || self.depth.get() >= DEPTH || !self.spend(1) {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let condition = self.formula(expression, scope);
        self.depth.set(self.depth.get() - 1);
        condition
    }

    fn formula(&self, expression: &Expr, scope: &Scope) -> Option<Condition> {
        let value = self.eval(expression, scope);
        if let Some(condition) = self.holds(&value, 0) {
            return Some(condition);
        }
        match &expression.kind {
            Kind::Not(inner) => Some(Condition::not(self.condition(inner, scope)?)),
            Kind::Binary(operator, two) => {
                let [left, right] = &**two;
                match operator {
                    Operator::And => {
                        Some(Condition::all(vec![self.condition(left, scope)?, self.condition(right, scope)?]))
                    }
                    Operator::Or => {
                        Some(Condition::any(vec![self.condition(left, scope)?, self.condition(right, scope)?]))
                    }
                    Operator::Eq => equality(&self.eval(left, scope), &self.eval(right, scope)),
                    Operator::NotEq => equality(&self.eval(left, scope), &self.eval(right, scope)).map(Condition::not),
                    _ => None,
                }
            }
            Kind::Call(call) if call.name == "contains" => match call.arguments.as_slice() {
                [list, value] => {
                    let (list, value) = (self.eval(list, scope), self.eval(value, scope));
                    let each = list.items()?.iter().map(|item| equality(item, &value));
                    Some(Condition::any(each.collect::<Option<_>>()?))
                }
                _ => None,
            },
            Kind::Traversal(root, steps) => self.behind(root, steps, scope),
            _ => None,
        }
    }

    /// What a local value, or the argument of a module, says.
    fn behind(&self, root: &Expr, steps: &[Step], scope: &Scope) -> Option<Condition> {
        let (Kind::Variable(name), [Step::Attribute(own, _)]) = (&root.kind, steps) else { return None };
        let place = scope.place.as_ref().filter(|_| scope.find(name).is_none())?;
        match name.as_str() {
            "local" => self.condition(&place.module.locals.get(own)?.value, &Scope::new(Some(place.clone()))),
            "var" if !place.path.modules.is_empty() => {
                let (call, scope) = self.caller(&place.path)?;
                self.condition(call.body.get(own)?, &scope)
            }
            _ => None,
        }
    }

    /// When a value is true.
    fn holds(&self, value: &Val, depth: u32) -> Option<Condition> {
        if depth > DEPTH {
            return None;
        }
        if let Some(flag) = value.as_bool() {
            return Some(if flag { Condition::Always } else { Condition::Never });
        }
        match &value.data {
            Dat::Choice(choice) => {
                let then = self.holds(&choice.then, depth + 1)?;
                let otherwise = self.holds(&choice.otherwise, depth + 1)?;
                let not = Condition::not(choice.condition.clone());
                Some(Condition::any(vec![choice.condition.clone().and(then), not.and(otherwise)]))
            }
            Dat::Text(frags) => match frags.as_ref() {
                [Frag::Symbol(symbol)] if self.facts.is_flag(symbol) => {
                    Some(Condition::equals(Text::hole(symbol.clone()), Text::literal("true")))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The names inside of a block whose instances are not known.
    pub(super) fn pattern_scope(
        &self,
        place: &Place,
        block: &Block,
        address: &Address,
        key: &str,
        scope: &Scope,
    ) -> Scope {
        let span = block.header;
        let member = |name: &str, value: Val| Member { key: name.into(), key_span: span, value };
        if key == COUNT {
            let index = Val::symbol(span, self.turn(place, block, "count", "count.index"));
            return scope.with("count", Val::object(span, vec![member("index", index)]));
        }
        // Over the instances of another block, each turn has its own.
        let collection = self.for_each(place, block, address);
        let value = match &collection.data {
            Dat::Instances(instances) if instances.resource.is_some() => Some(each_of(instances, span)),
            _ => None,
        };
        let key = Val::symbol(span, self.turn(place, block, "for_each", "each.key"));
        let value = value.unwrap_or_else(|| Val::symbol(span, self.turn(place, block, "for_each", "each.value")));
        scope.with("each", Val::object(span, vec![member("key", key), member("value", value)]))
    }

    /// A value that is another one in each turn: the same in all blocks that go over the same collection.
    fn turn(&self, place: &Place, block: &Block, over: &str, shown: &str) -> Symbol {
        let over = block.body.get(over).map_or(block.header, |collection| collection.span);
        let over = self.configuration.whole(over);
        let key = format!("terraform:{}:{shown}:{}:{over}", self.configuration.id, place.path);
        let unknown = Unknown::new(
            format!("`{shown}` is not known: it comes from `{over}`"),
            block.header,
            "give the values of the variables with `--var-file`",
        );
        Symbol::new(key, SymbolKind::Free, format!("${{{shown}}}"), unknown)
    }

    /// The instance that stands for all of a block, where `key` is the key of the turn at hand over the same
    /// collection.
    pub(super) fn turn_of(&self, instances: &Val, key: &Val) -> Option<Val> {
        let Dat::Instances(address) = &instances.data else { return None };
        let (place, block) = self.configuration.declared(address).filter(|_| self.facts.is_free())?;
        block.body.get("for_each")?;
        let Dat::Text(frags) = &key.data else { return None };
        let [Frag::Symbol(symbol)] = frags.as_ref() else { return None };
        (*symbol == self.turn(&place, block, "for_each", "each.key")).then(|| each_of(address, key.span))
    }
}

/// The one instance that stands for those of a block with `for_each`.
fn each_of(block: &Address, span: Span) -> Val {
    let mut address = block.clone();
    if let Some(resource) = &mut address.resource {
        resource.key = InstanceKey::Text(EACH.to_owned());
    }
    Val::new(span, Dat::Instance(Arc::new(address)))
}

fn equality(one: &Val, two: &Val) -> Option<Condition> {
    let text = |value: &Val| match &value.data {
        Dat::Null | Dat::Unknown(_) => None,
        _ => value.as_text(),
    };
    Some(Condition::equals(text(one)?, text(two)?))
}

/// For each instance that a `count` may make, the condition under which it does.
fn counted(count: &Val, depth: u32) -> Option<Vec<Condition>> {
    if depth > DEPTH {
        return None;
    }
    if let Dat::Choice(choice) = &count.data {
        let (then, otherwise) = (counted(&choice.then, depth + 1)?, counted(&choice.otherwise, depth + 1)?);
        let not = Condition::not(choice.condition.clone());
        let at = |all: &[Condition], index: usize| all.get(index).cloned().unwrap_or(Condition::Never);
        let each = (0..then.len().max(otherwise.len())).map(|index| {
            let then = Condition::all(vec![choice.condition.clone(), at(&then, index)]);
            Condition::any(vec![then, Condition::all(vec![not.clone(), at(&otherwise, index)])])
        });
        return Some(each.collect());
    }
    let count = count.as_literal()?.parse::<usize>().ok().filter(|count| *count <= INSTANCES)?;
    Some(vec![Condition::Always; count])
}
