//! What names lead to: variables, locals, module outputs, resources and their attributes.

use super::super::address::{Address, InstanceKey, ModuleStep, ResourceStep};
use super::evaluate::{DEPTH, Evaluator, Place, Scope, put};
use super::tree::{Block, Expr, Kind, Step};
use super::value::{Dat, Frag, Member, Val, from_model};
use crate::model::{Symbol, SymbolKind, Unknown};
use crate::source::Span;
use std::sync::Arc;

/// How many instances `count` may make.
const INSTANCES: i64 = 10_000;

impl Evaluator<'_> {
    /// What a name with the steps after it leads to, and how many of the steps that took.
    pub(super) fn reference(&self, name: &str, steps: &[Step], span: Span, scope: &Scope) -> (Val, usize) {
        if let Some(value) = scope.find(name) {
            return (value.clone(), 0);
        }
        let Some(place) = &scope.place else {
            return (self.failed(span, format!("`{name}` is not among the variables of the template")), 0);
        };
        let step = |index: usize| match steps.get(index) {
            Some(Step::Attribute(name, span)) => Some((name.as_str(), *span)),
            _ => None,
        };
        match (name, step(0), step(1)) {
            ("var", Some((name, span)), _) => (self.variable(place, name, span), 1),
            ("local", Some((name, span)), _) => (self.local(place, name, span), 1),
            ("module", Some((name, span)), _) => (self.module(place, name, span), 1),
            ("path", Some((name, span)), _) => (self.path(place, name, span), 1),
            ("terraform" | "tofu", Some((name, span)), _) => {
                (self.unknown(span, format!("`terraform.{name}` is known only when Terraform runs"), ""), 1)
            }
            ("data", Some((kind, _)), Some((name, span))) => (self.resource(place, true, kind, name, span), 2),
            ("ephemeral" | "self" | "each" | "count", _, _) => {
                (self.unknown(span, format!("`{name}` is not known here"), "give it a literal value"), steps.len())
            }
            ("resource", Some((kind, _)), Some((name, span))) => (self.resource(place, false, kind, name, span), 2),
            (kind, Some((name, span)), _) => (self.resource(place, false, kind, name, span), 1),
            _ => (self.failed(span, format!("`{name}` is no name that is known here")), 0),
        }
    }

    /// Evaluates once what is asked for under `key`; a value that needs itself is unknown.
    pub(super) fn once(&self, key: String, span: Span, make: impl FnOnce() -> Val) -> Val {
        let known = self.memo.borrow().get(&key).cloned();
        match known {
            Some(Some(value)) => value,
            Some(None) => self.unknown(span, "the value refers to itself", "take the circle apart"),
            None => {
                self.memo.borrow_mut().insert(key.clone(), None);
                let value = make();
                self.memo.borrow_mut().insert(key, Some(value.clone()));
                value
            }
        }
    }

    fn local(&self, place: &Place, name: &str, span: Span) -> Val {
        let Some(local) = place.module.locals.get(name) else {
            return self.undeclared(place, &format!("local.{name}"), span);
        };
        self.once(format!("{}|local.{name}", place.path), span, || {
            self.eval(&local.value, &Scope::new(Some(place.clone())))
        })
    }

    fn undeclared(&self, _: &Place, name: &str, span: Span) -> Val {
        // A file that could not be read may declare it: no failure that `try` could step over.
        self.unknown(span, format!("`{name}` is not declared in the source"), "check the files of the module")
    }

    fn path(&self, place: &Place, name: &str, span: Span) -> Val {
        let folder = match name {
            "module" => &place.module.folder,
            "root" => &self.configuration.root.folder,
            _ => {
                return self.unknown(
                    span,
                    format!("`path.{name}` is known only when Terraform runs"),
                    "use `path.module`",
                );
            }
        };
        let folder = folder.to_string_lossy();
        Val::text(span, if folder.is_empty() { "." } else { folder.as_ref() })
    }

    /// The value of an input variable.
    pub(super) fn variable(&self, place: &Place, name: &str, span: Span) -> Val {
        let Some(block) = place.module.variables.get(name) else {
            return self.undeclared(place, &format!("var.{name}"), span);
        };
        self.once(format!("{}|var.{name}", place.path), span, || self.variable_value(place, name, block, span))
    }

    fn variable_value(&self, place: &Place, name: &str, block: &Block, span: Span) -> Val {
        let given = if place.path.modules.is_empty() {
            self.facts.variable(name).map(|value| self.value_of(&value).at(span))
        } else {
            self.module_argument(place, name)
        };
        let scope = Scope::new(Some(place.clone()));
        let nullable = block.body.get("nullable").and_then(|flag| self.eval(flag, &scope).as_bool()).unwrap_or(true);
        let value = match (given, block.body.get("default")) {
            (Some(given), Some(default)) if given.is_null() && !nullable => self.eval(default, &scope),
            (Some(given), _) => given,
            (None, Some(default)) => self.eval(default, &scope),
            (None, None) => {
                let cause = format!("the value of variable `{name}` is not known");
                return self.unknown(span, cause, "run with the plan that sets it");
            }
        };
        let value = match block.body.get("type") {
            Some(kind) => self.convert(&value, kind),
            None => value,
        };
        match block.body.get("sensitive").map(|flag| self.eval(flag, &scope).as_bool()) {
            None | Some(Some(false)) => value,
            Some(_) => self.hidden(&value, &format!("{}|var.{name}", place.path), &format!("var.{name}"), 0),
        }
    }

    /// A sensitive value: its texts become holes, equal to themselves, so that none of them is ever printed. Flags and
    /// numbers stay.
    pub(super) fn hidden(&self, value: &Val, key: &str, shown: &str, depth: u32) -> Val {
        if depth > DEPTH || !self.spend(1) {
            return self.too_large(value.span);
        }
        let part =
            |value: &Val, part: &str| self.hidden(value, &format!("{key}{part}"), &format!("{shown}{part}"), depth + 1);
        let data = match &value.data {
            Dat::Text(_) => {
                let unknown = Unknown::new(
                    format!("`{shown}` is sensitive: its value is not looked at"),
                    value.span,
                    "keep secrets out of policies",
                );
                let key = format!("terraform:{}:sensitive:{key}", self.configuration.id);
                return Val::symbol(value.span, Symbol::new(key, SymbolKind::Free, format!("${{{shown}}}"), unknown));
            }
            Dat::List(items) => {
                Dat::List(items.iter().enumerate().map(|(index, item)| part(item, &format!("[{index}]"))).collect())
            }
            Dat::Set(_) => {
                return self.unknown(value.span, format!("`{shown}` is sensitive: its value is not looked at"), "");
            }
            Dat::Object(members) => {
                let member = |member: &Member| Member {
                    value: part(&member.value, &format!(".{}", member.key)),
                    ..member.clone()
                };
                Dat::Object(members.iter().map(member).collect())
            }
            other => other.clone(),
        };
        Val::new(value.span, data)
    }

    fn module_argument(&self, place: &Place, name: &str) -> Option<Val> {
        let (call, scope) = self.caller(&place.path)?;
        Some(self.eval(call.body.get(name)?, &scope))
    }

    /// The call that makes a module instance, with the scope of its arguments.
    fn caller(&self, path: &Address) -> Option<(&Block, Scope)> {
        let mut outer = path.clone();
        let step = outer.modules.pop()?;
        let place = self.configuration.place_of(&outer)?;
        let call = self.configuration.module_of(&outer)?.calls.get(&step.name)?;
        let scope = self.instance_scope(&place, call, path, &step.key);
        Some((call, scope))
    }

    /// The scope inside a block with `count` or `for_each`, for one of its instances.
    pub(super) fn instance_scope(&self, place: &Place, block: &Block, address: &Address, key: &InstanceKey) -> Scope {
        let scope = Scope::new(Some(place.clone()));
        let span = block.header;
        let member = |name: &str, value: Val| Member { key: name.into(), key_span: span, value };
        match key {
            InstanceKey::None => scope,
            InstanceKey::Int(index) => {
                scope.with("count", Val::object(span, vec![member("index", Val::number(span, index.to_string()))]))
            }
            InstanceKey::Text(key) => {
                let value = self.each_value(place, block, address, key);
                let key = Val::text(span, key);
                scope.with("each", Val::object(span, vec![member("key", key), member("value", value)]))
            }
        }
    }

    fn each_value(&self, place: &Place, block: &Block, address: &Address, key: &str) -> Val {
        let span = block.header;
        let collection = self.for_each(place, block, address);
        match &collection.data {
            Dat::Object(members) => match members.iter().find(|member| &*member.key == key) {
                Some(member) => member.value.clone(),
                None => self.unknown(span, format!("`for_each` holds nothing under `{key}`"), "make the plan anew"),
            },
            Dat::List(_) | Dat::Set(_) => Val::text(span, key),
            Dat::Instances(_) => self.index(&collection, &Val::text(span, key), span),
            _ => self.not_known(&collection, span, "the value of `for_each` is not known"),
        }
    }

    fn for_each(&self, place: &Place, block: &Block, address: &Address) -> Val {
        let Some(collection) = block.body.get("for_each") else {
            return self.unknown(block.header, "the block has no `for_each`", "make the plan anew");
        };
        self.once(format!("{}|for_each", address.without_last_key()), collection.span, || {
            self.eval(collection, &Scope::new(Some(place.clone())))
        })
    }

    /// The keys of a block's instances; `None` where they are not known.
    fn keys(&self, place: &Place, block: Option<&Block>, address: &Address) -> Option<Vec<InstanceKey>> {
        if let Some(keys) = self.facts.instances(&address.to_string()) {
            return Some(keys);
        }
        let block = block?;
        if let Some(count) = block.body.get("count") {
            let scope = Scope::new(Some(place.clone()));
            let count = self.once(format!("{address}|count"), count.span, || self.eval(count, &scope)).as_literal()?;
            let count = count.parse::<i64>().ok().filter(|count| (0..=INSTANCES).contains(count))?;
            return Some((0..count).map(InstanceKey::Int).collect());
        }
        if block.body.get("for_each").is_none() {
            return Some(vec![InstanceKey::None]);
        }
        let pairs = self.pairs(&self.for_each(place, block, address)).ok()?;
        pairs.into_iter().map(|(key, _)| key.as_literal().map(InstanceKey::Text)).collect()
    }

    /// A block's instances: one, a list (`count`), an object (`for_each`), or not known.
    fn instances(&self, place: &Place, block: Option<&Block>, address: Address, span: Span) -> Val {
        let with = |key: InstanceKey| {
            let mut address = address.clone();
            match (&mut address.resource, address.modules.last_mut()) {
                (Some(resource), _) => resource.key = key,
                (None, Some(module)) => module.key = key,
                (None, None) => {}
            }
            Val::new(span, Dat::Instance(Arc::new(address)))
        };
        let Some(keys) = self.keys(place, block, &address) else {
            return Val::new(span, Dat::Instances(Arc::new(address)));
        };
        if !self.spend(keys.len()) {
            return self.too_large(span);
        }
        match keys.as_slice() {
            [InstanceKey::None] => return with(InstanceKey::None),
            [] if block.is_some_and(|block| block.body.get("for_each").is_some()) => {
                return Val::object(span, Vec::new());
            }
            [] if block.is_some_and(|block| block.body.get("count").is_none()) => {
                return Val::new(span, Dat::Instances(Arc::new(address)));
            }
            _ => {}
        }
        let mut members = Vec::new();
        let mut numbers = Vec::new();
        for key in keys {
            match key {
                InstanceKey::Text(text) => {
                    let value = with(InstanceKey::Text(text.clone()));
                    put(&mut members, Member { key: text.into(), key_span: span, value });
                }
                InstanceKey::Int(index) => numbers.push(index),
                InstanceKey::None => return Val::new(span, Dat::Instances(Arc::new(address))),
            }
        }
        numbers.sort_unstable();
        if !members.is_empty() {
            return Val::object(span, members);
        }
        // A list with gaps (a targeted plan) has no positions.
        if (0..).zip(&numbers).any(|(place, index): (i64, &i64)| place != *index) {
            return Val::new(span, Dat::Instances(Arc::new(address)));
        }
        Val::list(span, numbers.into_iter().map(|index| with(InstanceKey::Int(index))).collect())
    }

    fn module(&self, place: &Place, name: &str, span: Span) -> Val {
        let Some(call) = place.module.calls.get(name) else {
            return self.undeclared(place, &format!("module.{name}"), span);
        };
        let mut address = (*place.path).clone();
        address.modules.push(ModuleStep { name: name.to_owned(), key: InstanceKey::None });
        self.instances(place, Some(call), address, span)
    }

    fn resource(&self, place: &Place, data: bool, kind: &str, name: &str, span: Span) -> Val {
        let key = if data { format!("data.{kind}.{name}") } else { format!("{kind}.{name}") };
        let block = place.module.resources.get(&key);
        let resource = ResourceStep { data, kind: kind.to_owned(), name: name.to_owned(), key: InstanceKey::None };
        let address = Address { modules: place.path.modules.clone(), resource: Some(resource) };
        if block.is_none() && self.facts.instances(&address.to_string()).is_none() {
            return self.undeclared(place, &key, span);
        }
        self.instances(place, block, address, span)
    }

    /// `value.name`.
    pub(super) fn attribute(&self, value: &Val, name: &str, span: Span) -> Val {
        if !self.spend(value.members().map_or(0, |members| members.len() / 16)) {
            return self.too_large(span);
        }
        match &value.data {
            Dat::Object(members) => match members.iter().find(|member| &*member.key == name) {
                Some(member) => member.value.clone(),
                None => self.failed(span, format!("the object has no attribute `{name}`")),
            },
            Dat::Instance(address) if address.resource.is_some() => self.resource_attribute(address, name, span),
            Dat::Instance(address) => self.output(address, name, span),
            Dat::Instances(address) => {
                let cause = format!("it is not known which instances of `{address}` there are");
                self.unknown(span, cause, "run with a plan that holds them")
            }
            Dat::Unknown(missing) => Val::new(span, Dat::Unknown(missing.clone())),
            Dat::Text(frags) => match frags.as_ref() {
                [Frag::Symbol(symbol)] => part_of(symbol, &format!(".{name}"), span),
                _ => self.failed(span, format!("text has no attribute `{name}`")),
            },
            _ => self.failed(span, format!("the value has no attribute `{name}`")),
        }
    }

    /// `value[key]`.
    pub(super) fn index(&self, value: &Val, key: &Val, span: Span) -> Val {
        if let Dat::Unknown(missing) = &value.data {
            return Val::new(span, Dat::Unknown(missing.clone()));
        }
        if !self.spend(key.weight()) {
            return self.too_large(span);
        }
        let Some(text) = key.as_literal() else {
            return self.not_known(key, span, "the index is not known");
        };
        match &value.data {
            Dat::List(items) => match text.parse::<usize>().ok().and_then(|index| items.get(index)) {
                Some(item) => item.clone(),
                None => self.failed(span, format!("the list has no item `{text}`")),
            },
            Dat::Instances(address) => {
                let mut address = (**address).clone();
                let key = match (&key.data, text.parse()) {
                    (Dat::Number(_), Ok(index)) => InstanceKey::Int(index),
                    _ => InstanceKey::Text(text),
                };
                match (&mut address.resource, address.modules.last_mut()) {
                    (Some(resource), _) => resource.key = key,
                    (None, Some(module)) => module.key = key,
                    (None, None) => {}
                }
                Val::new(span, Dat::Instance(Arc::new(address)))
            }
            Dat::Text(frags) => match frags.as_ref() {
                [Frag::Symbol(symbol)] => part_of(symbol, &format!("[{text}]"), span),
                _ => self.failed(span, "text has no items"),
            },
            _ => self.attribute(value, &text, span),
        }
    }

    fn output(&self, address: &Arc<Address>, name: &str, span: Span) -> Val {
        let Some(place) = self.configuration.place_of(address) else {
            let cause = format!("the source of `{}` is not at hand", address.without_keys());
            return self.unknown(span, cause, "run `terraform init` beside the plan, so that its modules are there");
        };
        let Some(value) = place.module.outputs.get(name).and_then(|output| output.body.get("value")) else {
            return self.undeclared(&place, &format!("{address}.{name}"), span);
        };
        self.once(format!("{address}|output.{name}"), span, || self.eval(value, &Scope::new(Some(place.clone()))))
    }

    fn resource_attribute(&self, address: &Arc<Address>, name: &str, span: Span) -> Val {
        let Some(resource) = &address.resource else { return Val::null(span) };
        let full = address.to_string();
        let known = self.facts.attribute(&full, name).map(|value| self.value_of(&value));
        let is_document = resource.data && resource.kind == "aws_iam_policy_document";
        if is_document && matches!(name, "json" | "minified_json") {
            return self.document_json(address, known, span);
        }
        if let Some(known) = known {
            return known.at(span);
        }
        if resource.data && resource.kind == "template_file" && name == "rendered" {
            let rendered = self.once(format!("{address}|rendered"), span, || {
                self.template_file(address, span).unwrap_or_else(|| Val::null(span))
            });
            if !rendered.is_null() {
                return rendered;
            }
        }
        if let Some(value) = self.configured(address, name, span) {
            return value;
        }
        Val::symbol(span, self.attribute_symbol(resource, &full, name, span))
    }

    /// What the block itself sets the attribute to.
    fn configured(&self, address: &Arc<Address>, name: &str, span: Span) -> Option<Val> {
        let place = self.configuration.place_of(address)?;
        let block = self.configuration.block_of(address)?;
        let expression = block.body.get(name)?;
        Some(self.once(format!("{address}|{name}"), span, || {
            let scope = self.instance_scope(&place, block, address, address.last_key());
            self.eval(expression, &scope)
        }))
    }

    fn attribute_symbol(&self, resource: &ResourceStep, address: &str, name: &str, span: Span) -> Symbol {
        let kind = match (resource.data, resource.kind.as_str(), name) {
            (true, "aws_partition", "partition" | "id") => SymbolKind::Partition,
            (true, "aws_caller_identity" | "aws_region", _) => SymbolKind::Pseudo,
            _ if resource.kind.starts_with("aws_") && is_fixed(name) => SymbolKind::Attribute,
            _ => SymbolKind::Free,
        };
        let shown = format!("{address}.{name}");
        let cause = format!("`{shown}` is known only after apply");
        let key = format!("terraform:{}:{shown}", self.configuration.id);
        let unknown = Unknown::new(cause, span, "give it a literal value, or run on the state after apply");
        Symbol::new(key, kind, format!("${{{shown}}}"), unknown)
    }

    pub(super) fn value_of(&self, value: &crate::model::Value) -> Val {
        from_model(value, &|unknown| self.missing(unknown, false))
    }

    /// A value as the type of a variable wants it.
    fn convert(&self, value: &Val, kind: &Expr) -> Val {
        let span = value.span;
        if !self.spend(1 + value.weight()) {
            return self.too_large(span);
        }
        match &kind.kind {
            Kind::Variable(name) => Self::convert_scalar(value, name),
            // A quoted type is the old way of writing it.
            Kind::Template(_) => match self.eval(kind, &Scope::new(None)).as_literal() {
                Some(name) => Self::convert_scalar(value, &name),
                None => value.clone(),
            },
            Kind::Call(call) => match (call.name.as_str(), call.arguments.as_slice()) {
                ("optional", [inner, ..]) => self.convert(value, inner),
                ("list" | "set", [inner]) => match value.items() {
                    Some(items) if self.spend(items.len()) => {
                        let items = items.iter().map(|item| self.convert(item, inner)).collect();
                        if call.name == "set" { self.set(items, span) } else { Val::list(span, items) }
                    }
                    _ => value.clone(),
                },
                ("map", [inner]) => self.convert_members(value, |_, member| self.convert(member, inner)),
                ("object", [Expr { kind: Kind::Object(fields), .. }]) => self.convert_object(value, fields),
                _ => value.clone(),
            },
            _ => value.clone(),
        }
    }

    fn convert_scalar(value: &Val, name: &str) -> Val {
        match (name, value.as_literal()) {
            ("bool", Some(_)) => value.as_bool().map_or(value.clone(), |flag| Val::bool(value.span, flag)),
            ("number", Some(text)) => value.as_number().map_or(value.clone(), |_| Val::number(value.span, text)),
            ("string", Some(text)) if !matches!(value.data, Dat::Text(_)) => Val::text(value.span, &text),
            _ => value.clone(),
        }
    }

    fn convert_members(&self, value: &Val, convert: impl Fn(&str, &Val) -> Val) -> Val {
        let Some(members) = value.members().filter(|members| self.spend(members.len())) else {
            return value.clone();
        };
        let member = |member: &Member| Member { value: convert(&member.key, &member.value), ..member.clone() };
        Val::object(value.span, members.iter().map(member).collect())
    }

    fn convert_object(&self, value: &Val, fields: &[super::tree::Item]) -> Val {
        let Some(members) = value.members() else { return value.clone() };
        let scope = Scope::new(None);
        let mut converted = Vec::new();
        for field in fields {
            let Some(key) = self.eval(&field.key, &scope).as_literal() else { return value.clone() };
            let given = members.iter().find(|member| *member.key == *key);
            let default = match &field.value.kind {
                Kind::Call(call) if call.name == "optional" => Some(call.arguments.get(1)),
                _ => None,
            };
            let made = match (given, default) {
                (Some(member), Some(Some(default))) if member.value.is_null() => self.eval(default, &scope),
                (Some(member), _) => member.value.clone(),
                (None, Some(Some(default))) => self.eval(default, &scope),
                (None, Some(None)) => Val::null(value.span),
                (None, None) => continue,
            };
            let key_span = given.map_or(field.key.span, |member| member.key_span);
            let made = self.convert(&made, &field.value);
            converted.push(Member { key: key.into(), key_span, value: made });
        }
        Val::object(value.span, converted)
    }
}

/// Attributes that hold an identifier: at least one character, no glob characters.
fn is_fixed(name: &str) -> bool {
    const NAMES: [&str; 8] = ["arn", "id", "name", "bucket", "unique_id", "account_id", "region", "hosted_zone_id"];
    NAMES.contains(&name) || name.ends_with("_arn") || name.ends_with("_id")
}

/// A part of an attribute that is not known: an unknown of its own, the same wherever it is named.
fn part_of(symbol: &Symbol, part: &str, span: Span) -> Val {
    let key = format!("{}{part}", symbol.key());
    let shown = format!("{}{part}", symbol.shown());
    Val::symbol(span, Symbol::new(key, SymbolKind::Free, shown, symbol.unknown().clone()))
}
