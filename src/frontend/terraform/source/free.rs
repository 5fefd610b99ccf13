//! A configuration without a plan: which instances its blocks may have, and under which conditions on variables that
//! have no value.

use super::super::address::{Address, InstanceKey, ModuleStep, ResourceStep};
use super::evaluate::{DEPTH, Evaluator, Place, Scope};
use super::tree::{Block, Expr, Kind, Operator, Step};
use super::validation::Asked;
use super::value::{Dat, Frag, Member, Val};
use super::{Configuration, Facts, MissingModule, as_argument};
use crate::model::{Condition, Notice, Symbol, SymbolKind, Text, Truth, Unknown, Value};
use crate::source::{SourceFile, Span};
use std::sync::Arc;

/// How many instances `count` may make.
const INSTANCES: usize = 10_000;
/// How many instances of buckets, policies and modules are laid out together.
const MAX_LAID: usize = 50_000;
/// Whether there is any instance of a block.
const SOME: &str = "the number of instances";

/// An instance of a resource, as far as it can be told without a plan.
#[derive(Clone, Debug)]
pub struct Laid {
    /// Its address.
    pub address: Address,
    /// Where it exists, if the collections that it goes over hold anything.
    pub exists: Condition,
    /// For each collection of which that is not known, what stands for it.
    pub some: Vec<Symbol>,
}

/// A module that is called and not at hand, with what is handed to it.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The module.
    pub module: MissingModule,
    /// The address of the instance.
    pub address: Address,
    /// The values of its arguments, by their names.
    pub arguments: Vec<(String, Value)>,
    /// Where it is called.
    pub exists: Condition,
}

impl Handed {
    /// The value of an argument.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Value> {
        self.arguments.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }
}

/// The instances of a configuration.
#[derive(Debug, Default)]
pub struct Layout {
    /// Those of resources.
    pub laid: Vec<Laid>,
    /// The modules that are not at hand.
    pub handed: Vec<Handed>,
    /// What the validation rules of variables ask.
    pub asked: Vec<Asked>,
    /// Whether there are more than are laid out.
    pub is_cut: bool,
}

impl Configuration {
    /// Every instance of the resources that `wanted` says, by their types, and the modules that are not at hand.
    #[must_use]
    pub(crate) fn lay_out(&self, facts: &dyn Facts, wanted: &dyn Fn(&str) -> bool) -> Layout {
        let mut out = Layout::default();
        let mut open = vec![(Address::default(), Condition::Always, Vec::new())];
        let mut count = 0;
        while let Some((path, exists, some)) = open.pop() {
            let Some(place) = self.place_of(&path) else { continue };
            let evaluator = Evaluator::new(self, facts, super::STEPS, &format!("{path}|validation"));
            out.asked.extend(evaluator.asked(&place, &exists));
            for (name, block) in &place.module.resources {
                if out.is_cut {
                    return out;
                }
                let Some((kind, label)) = name.split_once('.').filter(|(kind, _)| wanted(kind)) else { continue };
                let resource =
                    ResourceStep { data: false, kind: kind.to_owned(), name: label.to_owned(), key: InstanceKey::None };
                let address = Address { modules: path.modules.clone(), resource: Some(resource) };
                for (key, condition) in self.keys_of(facts, &place, block, &address) {
                    let some = self.some(facts, &place, block, &key, &some);
                    let mut address = address.clone();
                    if let Some(resource) = &mut address.resource {
                        resource.key = key;
                    }
                    out.laid.push(Laid { address, exists: exists.clone().and(condition), some });
                }
                out.is_cut |= out.laid.len() > MAX_LAID;
            }
            for (name, call) in place.module.calls.iter().rev() {
                let mut address = path.clone();
                address.modules.push(ModuleStep { name: name.clone(), key: InstanceKey::None });
                for (key, condition) in self.keys_of(facts, &place, call, &address).into_iter().rev() {
                    let exists = exists.clone().and(condition);
                    let some = self.some(facts, &place, call, &key, &some);
                    let mut address = address.clone();
                    if let Some(step) = address.modules.last_mut() {
                        step.key = key;
                    }
                    count += 1;
                    out.is_cut |= count + out.laid.len() > MAX_LAID;
                    if out.is_cut {
                        return out;
                    }
                    if place.module.children.contains_key(name) {
                        open.push((address, exists, some));
                    } else {
                        out.handed.extend(self.handed(facts, &place, call, &address, exists));
                    }
                }
            }
        }
        out
    }

    /// What stands for the collections of an instance, those of its module included.
    fn some(
        &self,
        facts: &dyn Facts,
        place: &Place,
        block: &Block,
        key: &InstanceKey,
        outer: &[Symbol],
    ) -> Vec<Symbol> {
        let mut some = outer.to_vec();
        if key.is_any() {
            let symbol = Evaluator::new(self, facts, super::STEPS, "collection").turn(place, block, SOME);
            if !some.contains(&symbol) {
                some.push(symbol);
            }
        }
        some
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
        let arguments = call.body.attributes.iter().map(|(name, argument)| {
            let value = evaluator.eval(&argument.value, &scope);
            (name.clone(), evaluator.modelled(&as_argument(name, &value)))
        });
        Some(Handed { module, address: address.clone(), arguments: arguments.collect(), exists })
    }

    /// The root module's variables.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        let each = self.root.variables.iter().map(|(name, block)| {
            let default = block.body.get("default").map(|default| &default.kind);
            let nullable = !matches!(block.body.get("nullable").map(|flag| &flag.kind), Some(Kind::Bool(false)));
            let may_be_null = nullable && matches!(default, None | Some(Kind::Null));
            let shape = match block.body.get("type") {
                Some(kind) if !may_be_null => Shape::of(kind, 0),
                Some(kind) if matches!(&kind.kind, Kind::Variable(name) if name == "bool") => Shape::Flag,
                None if matches!(default, Some(Kind::Bool(_))) => Shape::Flag,
                _ => Shape::Any,
            };
            let text = default.and_then(literal);
            Variable { name: name.clone(), shape, span: block.header, has_default: default.is_some(), default: text }
        });
        each.collect()
    }
}

/// An input variable of the root module.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What its values look like.
    pub shape: Shape,
    /// Where it is declared.
    pub span: Span,
    /// Whether it has a default.
    pub has_default: bool,
    /// The default, where it is one text.
    pub default: Option<String>,
}

/// What the values of a variable look like.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A boolean.
    Flag,
    /// An object with these attributes.
    Object(Vec<(String, Shape)>),
    /// Anything else.
    Any,
}

impl Shape {
    /// The shape that a type describes.
    fn of(kind: &Expr, depth: u32) -> Shape {
        match &kind.kind {
            Kind::Variable(name) if name == "bool" => Shape::Flag,
            Kind::Call(call) => match (call.name.as_str(), call.arguments.as_slice()) {
                ("optional", [inner, ..]) if depth < DEPTH => Shape::of(inner, depth + 1),
                ("object", [Expr { kind: Kind::Object(fields), .. }]) if depth < DEPTH => {
                    let field = |field: &super::tree::Item| {
                        let Kind::Template(_) = &field.key.kind else { return None };
                        // An attribute that may be left out has no value then, unless it has a default.
                        let shape = match &field.value.kind {
                            Kind::Call(call) if call.name == "optional" && call.arguments.len() < 2 => Shape::Any,
                            _ => Shape::of(&field.value, depth + 1),
                        };
                        Some((literal(&field.key.kind)?, shape))
                    };
                    fields.iter().map(field).collect::<Option<_>>().map_or(Shape::Any, Shape::Object)
                }
                _ => Shape::Any,
            },
            _ => Shape::Any,
        }
    }
}

/// The text of an expression that is one word.
fn literal(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Bool(flag) => Some(flag.to_string()),
        Kind::Number(number) => Some(number.clone()),
        Kind::Template(parts) => match parts.as_slice() {
            [] => Some(String::new()),
            [super::tree::Part::Literal(located)] => Some(located.text.to_string()),
            _ => None,
        },
        _ => None,
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
    let (body, notices) = if source.has_extension(&["json"]) {
        super::read_json::values(source)
    } else {
        let (body, broken) = super::read::body(source);
        (body, broken.into_iter().map(|part| part.notice).collect())
    };
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
        let pattern = |key: InstanceKey| self.facts.is_free().then(|| vec![(key, Condition::Always)]);
        if let Some(count) = block.body.get("count") {
            let scope = Scope::new(Some(place.clone()));
            let count = self.once(format!("{address}|count"), count.span, || self.eval(count, &scope));
            let Some(conditions) = counted(&count, 0) else { return pattern(InstanceKey::AnyIndex) };
            let each = (0..).zip(conditions).filter(|(_, condition)| *condition != Condition::Never);
            return Some(each.map(|(index, condition)| (InstanceKey::Int(index), condition)).collect());
        }
        if block.body.get("for_each").is_none() {
            let exists = self.enabled(place, block);
            return Some(if exists == Condition::Never { Vec::new() } else { vec![(InstanceKey::None, exists)] });
        }
        match self.iterated(&self.for_each(place, block, address), 0) {
            Some(keys) => Some(keys.into_iter().map(|(key, condition)| (InstanceKey::Text(key), condition)).collect()),
            None => pattern(InstanceKey::AnyKey),
        }
    }

    /// Where a block is made at all: OpenTofu's `lifecycle { enabled = … }`.
    ///
    /// See <https://opentofu.org/docs/language/meta-arguments/enabled/>.
    fn enabled(&self, place: &Place, block: &Block) -> Condition {
        let lifecycle = block.body.blocks.iter().find(|inner| inner.kind == "lifecycle");
        let Some(enabled) = lifecycle.and_then(|lifecycle| lifecycle.body.get("enabled")) else {
            return Condition::Always;
        };
        let scope = Scope::new(Some(place.clone()));
        self.holds_for(Some(enabled), &scope, enabled.span).unwrap_or_else(|_| {
            let (cause, remedy) = ("it is not known whether the block is enabled", "give the variables values");
            Condition::Unknown(Arc::new(Unknown::new(cause, enabled.span, remedy)))
        })
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
        if let Some(condition) = holds(&value, 0) {
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
                    Operator::Eq => self.equality(&self.eval(left, scope), &self.eval(right, scope)),
                    Operator::NotEq => {
                        self.equality(&self.eval(left, scope), &self.eval(right, scope)).map(Condition::not)
                    }
                    _ => None,
                }
            }
            Kind::Call(call) if call.name == "contains" => match call.arguments.as_slice() {
                [list, value] => {
                    let (list, value) = (self.eval(list, scope), self.eval(value, scope));
                    let each = list.items()?.iter().map(|item| self.equality(item, &value));
                    Some(Condition::any(each.collect::<Option<_>>()?))
                }
                _ => None,
            },
            Kind::Traversal(root, steps) => self.behind(root, steps, scope),
            _ => None,
        }
    }

    /// When two values are equal; `None` where that is not known.
    fn equality(&self, one: &Val, two: &Val) -> Option<Condition> {
        match self.equal(one, two) {
            Truth::Yes => return Some(Condition::Always),
            Truth::No => return Some(Condition::Never),
            Truth::Maybe => {}
        }
        let (choice, other) = match (&one.data, &two.data) {
            (Dat::Choice(choice), _) => (choice, two),
            (_, Dat::Choice(choice)) => (choice, one),
            (Dat::Null | Dat::Unknown(_), _) | (_, Dat::Null | Dat::Unknown(_)) => return None,
            _ => return hole_equality(one, two),
        };
        if self.depth.get() >= DEPTH || !self.spend(1) {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let (then, otherwise) = (self.equality(&choice.then, other), self.equality(&choice.otherwise, other));
        self.depth.set(self.depth.get() - 1);
        let not = Condition::not(choice.condition.clone());
        Some(Condition::any(vec![choice.condition.clone().and(then?), not.and(otherwise?)]))
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

    /// The names inside of a block whose instances are not known.
    pub(super) fn pattern_scope(
        &self,
        place: &Place,
        block: &Block,
        address: &Address,
        key: &InstanceKey,
        scope: &Scope,
    ) -> Scope {
        let span = block.header;
        let member = |name: &str, value: Val| Member { key: name.into(), key_span: span, value };
        if *key == InstanceKey::AnyIndex || *key == InstanceKey::Any && block.body.get("for_each").is_none() {
            let index = Val::symbol(span, self.turn(place, block, "count.index"));
            return scope.with("count", Val::object(span, vec![member("index", index)]));
        }
        // Over the instances of another block, each turn has its own.
        let collection = self.for_each(place, block, address);
        let value = match &collection.data {
            Dat::Instances(instances) => Some(each_of(instances, InstanceKey::AnyKey, span)),
            _ => None,
        };
        let key = Val::symbol(span, self.turn(place, block, "each.key"));
        let value = value.unwrap_or_else(|| Val::symbol(span, self.turn(place, block, "each.value")));
        scope.with("each", Val::object(span, vec![member("key", key), member("value", value)]))
    }

    /// What is another value in each turn over a collection: the same in all blocks that go over the same one.
    fn turn(&self, place: &Place, block: &Block, shown: &str) -> Symbol {
        let (place, block) = self.first_over(place, block);
        let over = block.body.get("for_each").or(block.body.get("count"));
        let over = self.configuration.whole(over.map_or(block.header, |collection| collection.span));
        let key = format!("terraform:{}:{shown}:{}:{over}", self.configuration.id, place.path);
        let unknown = Unknown::new(
            format!("`{shown}` is not known: it comes from `{over}`").replace(&format!("`{SOME}`"), SOME),
            block.header,
            "give the values of the variables with `--var-file`",
        );
        Symbol::new(key, SymbolKind::Free, format!("${{{shown}}}"), unknown)
    }

    /// The block over whose instances a block goes, and so on up to one that goes over something else.
    fn first_over<'b>(&'b self, place: &Place, block: &'b Block) -> (Place, &'b Block) {
        let (mut place, mut block) = (place.clone(), block);
        for _ in 0..DEPTH {
            let Some(collection) = block.body.get("for_each") else { break };
            let value = self.once(format!("{}|over:{}", place.path, collection.span.start), collection.span, || {
                self.eval(collection, &Scope::new(Some(place.clone())))
            });
            let Dat::Instances(address) = &value.data else { break };
            let Some((outer, over)) = self.repeated(address) else { break };
            (place, block) = (outer, over);
        }
        (place, block)
    }

    /// The block of instances, a resource or a module call, with the module that it is in.
    fn repeated(&self, instances: &Address) -> Option<(Place, &Block)> {
        if instances.resource.is_some() {
            return self.configuration.declared(instances);
        }
        let mut outer = instances.clone();
        let step = outer.modules.pop()?;
        Some((self.configuration.place_of(&outer)?, self.configuration.module_of(&outer)?.calls.get(&step.name)?))
    }

    /// The instance that stands for all of a block, where `key` is the key of the turn at hand over the same
    /// collection.
    pub(super) fn turn_of(&self, instances: &Val, key: &Val) -> Option<Val> {
        let Dat::Instances(address) = &instances.data else { return None };
        let (place, block) = self.repeated(address).filter(|_| self.facts.is_free())?;
        let own = if block.body.get("for_each").is_some() { InstanceKey::AnyKey } else { InstanceKey::AnyIndex };
        let shown = if own == InstanceKey::AnyKey { "each.key" } else { "count.index" };
        let Dat::Text(frags) = &key.data else { return None };
        let [Frag::Symbol(symbol)] = frags.as_ref() else { return None };
        (*symbol == self.turn(&place, block, shown)).then(|| each_of(address, own, key.span))
    }
}

/// The one instance that stands for those of a block.
fn each_of(block: &Address, key: InstanceKey, span: Span) -> Val {
    let mut address = block.clone();
    match (&mut address.resource, address.modules.last_mut()) {
        (Some(resource), _) => resource.key = key,
        (None, Some(module)) => module.key = key,
        (None, None) => {}
    }
    Val::new(span, Dat::Instance(Arc::new(address)))
}

/// When a value is true.
fn holds(value: &Val, depth: u32) -> Option<Condition> {
    if depth > DEPTH {
        return None;
    }
    if let Some(flag) = value.as_bool() {
        return Some(if flag { Condition::Always } else { Condition::Never });
    }
    match &value.data {
        Dat::Choice(choice) => {
            let then = holds(&choice.then, depth + 1)?;
            let otherwise = holds(&choice.otherwise, depth + 1)?;
            let not = Condition::not(choice.condition.clone());
            Some(Condition::any(vec![choice.condition.clone().and(then), not.and(otherwise)]))
        }
        // What stands where a boolean is wanted is one.
        Dat::Text(frags) => match frags.as_ref() {
            [Frag::Symbol(symbol)] => Some(Condition::equals(Text::hole(symbol.clone()), Text::literal("true"))),
            _ => None,
        },
        _ => None,
    }
}

/// When two scalars that are not known are equal; `None` where that hangs on a type that is not known.
fn hole_equality(one: &Val, two: &Val) -> Option<Condition> {
    let (first, second) = (one.as_text()?, two.as_text()?);
    let types = (one.scalar(), two.scalar());
    // Only a string has such a text, so that its text says all.
    let is_word = |value: &Val| value.as_literal().is_some_and(|text| reads_as_string(&text));
    let is_settled = types.0.is_some() && types.0 == types.1 || is_word(one) || is_word(two);
    is_settled.then(|| Condition::equals(first, second))
}

/// Whether a text is that of no number and no boolean.
fn reads_as_string(text: &str) -> bool {
    !matches!(text, "true" | "false") && super::number::canonical(text).as_deref() != Some(text)
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
