//! What names lead to: variables, locals, module outputs, resources and their attributes.

use super::super::address::{Address, InstanceKey, ModuleStep, ResourceStep};
use super::evaluate::{Evaluator, Place, Scope, put};
use super::tree::{Block, Step};
use super::value::{Dat, Frag, Member, Missing, Val, from_model};
use crate::model::{Condition, Name, Symbol, SymbolKind, Unknown};
use crate::source::{Span, normal, relative};
use std::sync::Arc;

/// What names the workspace that is selected. No variable has a dot in its name.
pub(crate) const WORKSPACE: &str = "terraform.workspace";
/// More conditions than this under which instances of one block are there are not told apart where all are asked for.
const MAX_COLLECTIONS: usize = 4;

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
            ("terraform" | "tofu", Some(("workspace", span)), _) => (self.workspace(span), 1),
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

    /// The name of the workspace that is selected: an input like a variable, where nothing is planned yet.
    fn workspace(&self, span: Span) -> Val {
        match self.facts.variable(WORKSPACE) {
            Some(given) => self.value_of(&given).at(span),
            None => self.unknown(span, format!("`{WORKSPACE}` is known only when Terraform runs"), ""),
        }
    }

    /// Evaluates once what is asked for under `key`; a value that needs itself is unknown.
    pub(super) fn once(&self, key: String, span: Span, make: impl FnOnce() -> Val) -> Val {
        // What fails behind a reference fails the run, whoever tries the reference.
        self.trying(false, || self.once_made(key, span, make))
    }

    fn once_made(&self, key: String, span: Span, make: impl FnOnce() -> Val) -> Val {
        let known = self.memo.borrow().get(&key).cloned();
        match known {
            Some(Some(value)) => value,
            Some(None) => {
                self.limited();
                self.unknown(span, "the value refers to itself", "take the circle apart")
            }
            None => {
                self.memo.borrow_mut().insert(key.clone(), None);
                let value = self.framed(&key, make);
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

    pub(super) fn undeclared(&self, _: &Place, name: &str, span: Span) -> Val {
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
        // Terraform runs in the folder of the root module, wherever this program does.
        let way = relative(&normal(&self.configuration.root.folder), &normal(folder));
        Val::text(span, if way.is_empty() { "." } else { &way })
    }

    /// The call that makes a module instance, with the scope of its arguments.
    pub(super) fn caller(&self, path: &Address) -> Option<(&Block, Scope)> {
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
            InstanceKey::AnyIndex | InstanceKey::AnyKey | InstanceKey::Any => {
                self.pattern_scope(place, block, address, key, &scope)
            }
            InstanceKey::Int(index) => {
                scope.with("count", Val::object(span, vec![member("index", Val::number(span, &index.to_string()))]))
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

    pub(super) fn for_each(&self, place: &Place, block: &Block, address: &Address) -> Val {
        let Some(collection) = block.body.get("for_each") else {
            return self.unknown(block.header, "the block has no `for_each`", "make the plan anew");
        };
        self.once(format!("{}|for_each", address.without_last_key()), collection.span, || {
            self.eval(collection, &Scope::new(Some(place.clone())))
        })
    }

    /// The keys of a block's instances, each with where it is there; `None` where they are not known.
    fn keys(&self, place: &Place, block: Option<&Block>, address: &Address) -> Option<Vec<(InstanceKey, Condition)>> {
        match self.facts.instances(&address.to_string()) {
            Some(keys) => Some(keys.into_iter().map(|key| (key, Condition::Always)).collect()),
            None => self.laid(place, block?, address),
        }
    }

    /// A block's instances. Where some are there under a condition only, they are one of several collections.
    fn instances(&self, place: &Place, block: Option<&Block>, address: &Address, span: Span) -> Val {
        let unknown = || Val::new(span, Dat::Instances(Arc::new(address.clone())));
        let Some(keys) = self.keys(place, block, address) else { return unknown() };
        if !self.spend(keys.len()) {
            return self.too_large(span);
        }
        let mut conditions: Vec<Condition> = Vec::new();
        for (_, condition) in &keys {
            if *condition != Condition::Always && !conditions.contains(condition) {
                conditions.push(condition.clone());
            }
        }
        if conditions.len() > MAX_COLLECTIONS {
            return unknown();
        }
        Self::instances_where(&keys, &conditions, block, address, span)
    }

    /// The collection of the instances that are there, by what is left to tell of these conditions.
    fn instances_where(
        keys: &[(InstanceKey, Condition)],
        conditions: &[Condition],
        block: Option<&Block>,
        address: &Address,
        span: Span,
    ) -> Val {
        let Some((condition, rest)) = conditions.split_last() else {
            let keys = keys.iter().map(|(key, _)| key.clone()).collect();
            return Self::collection_of(keys, block, address.clone(), span);
        };
        let without: Vec<_> = keys.iter().filter(|(_, when)| when != condition).cloned().collect();
        let otherwise = Self::instances_where(&without, rest, block, address, span);
        // The instances of a count are there one after the other: where the last one is, all are.
        let counted = keys.iter().all(|(key, _)| matches!(key, InstanceKey::Int(_)));
        let then = Self::instances_where(keys, if counted { &[] } else { rest }, block, address, span);
        Val::choice(span, condition.clone(), then, otherwise)
    }

    /// The instances of these keys: one, a list (`count`), an object (`for_each`), or not known.
    fn collection_of(keys: Vec<InstanceKey>, block: Option<&Block>, address: Address, span: Span) -> Val {
        let with = |key: InstanceKey| {
            let mut address = address.clone();
            match (&mut address.resource, address.modules.last_mut()) {
                (Some(resource), _) => resource.key = key,
                (None, Some(module)) => module.key = key,
                (None, None) => {}
            }
            Val::new(span, Dat::Instance(Arc::new(address)))
        };
        match keys.as_slice() {
            // One that stands for all is no collection that could be counted or gone through.
            [key] if key.is_any() => {
                return Val::new(span, Dat::Instances(Arc::new(address)));
            }
            [InstanceKey::None] => return with(InstanceKey::None),
            [] if block.is_some_and(|block| block.body.get("for_each").is_some()) => {
                return Val::object(span, Vec::new());
            }
            // What is not enabled has no attributes.
            [] if block.is_some_and(is_by_itself) => return Val::null(span),
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
                InstanceKey::None | InstanceKey::AnyIndex | InstanceKey::AnyKey | InstanceKey::Any => {
                    return Val::new(span, Dat::Instances(Arc::new(address)));
                }
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
        self.instances(place, Some(call), &address, span)
    }

    fn resource(&self, place: &Place, data: bool, kind: &str, name: &str, span: Span) -> Val {
        let key = if data { format!("data.{kind}.{name}") } else { format!("{kind}.{name}") };
        let block = place.module.resources.get(&key);
        let resource = ResourceStep { data, kind: kind.to_owned(), name: name.to_owned(), key: InstanceKey::None };
        let address = Address { modules: place.path.modules.clone(), resource: Some(resource) };
        if block.is_none() && self.facts.instances(&address.to_string()).is_none() {
            return self.undeclared(place, &key, span);
        }
        self.instances(place, block, &address, span)
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
            Dat::Choice(choice) => {
                let (then, otherwise) =
                    (self.attribute(&choice.then, name, span), self.attribute(&choice.otherwise, name, span));
                self.side_that_is_there(span, &choice.condition, then, otherwise)
            }
            Dat::Instance(address) if address.resource.is_some() => self.resource_attribute(address, name, span),
            Dat::Instance(address) => self.output(address, name, span),
            Dat::Instances(address) => {
                let cause = format!("it is not known which instances of `{address}` there are");
                self.unknown(span, cause, "run with a plan that holds them")
            }
            Dat::Unknown(missing) => missing_part(missing, &format!(".{name}"), span),
            Dat::Text(frags) => match frags.as_ref() {
                [Frag::Symbol(symbol)] => part_of(symbol, &format!(".{name}"), span),
                _ => self.failed(span, format!("a string has no attribute `{name}`")),
            },
            _ => self.failed(span, format!("the value has no attribute `{name}`")),
        }
    }

    /// `value[key]`.
    pub(super) fn index(&self, value: &Val, key: &Val, span: Span) -> Val {
        if !self.spend(key.weight()) {
            return self.too_large(span);
        }
        if let Dat::Choice(choice) = &value.data {
            let (then, otherwise) = (self.index(&choice.then, key, span), self.index(&choice.otherwise, key, span));
            return self.side_that_is_there(span, &choice.condition, then, otherwise);
        }
        if matches!(key.data, Dat::Choice(_)) {
            return self.each_side(key, &|key| self.index(value, key, span));
        }
        // Over one collection that is not known, each turn goes with the other's turn of the same key.
        if let Some(turn) = self.turn_of(value, key) {
            return turn.at(span);
        }
        let Some(text) = key.as_literal() else {
            let unknown = if value.missing().is_some() { value } else { key };
            return self.not_known(unknown, span, "the index is not known");
        };
        if let Dat::Unknown(missing) = &value.data {
            return missing_part(missing, &format!("[{text}]"), span);
        }
        match &value.data {
            Dat::List(items) => match text.parse::<usize>().ok().and_then(|index| items.get(index)) {
                Some(item) => item.clone(),
                None => self.failed(span, format!("the list has no item `{text}`")),
            },
            // Up to the first unknown item each has its place.
            Dat::Open(items) => {
                let known = items.iter().take_while(|item| item.missing().is_none());
                let item = text.parse::<usize>().ok().and_then(|index| known.clone().nth(index));
                item.cloned().unwrap_or_else(|| self.not_known(value, span, "the items of the list are not known"))
            }
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
                _ => self.failed(span, "a string has no items"),
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
        // A setting of a bucket has the bucket's name for its id, unless an owner is named beside it.
        let is_bucket = name == "id" && is_bucket_setting(address) && block.body.get("expected_bucket_owner").is_none();
        let name = if is_bucket { "bucket" } else { name };
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
            (_, "aws_s3_bucket", name) if is_address(name) => SymbolKind::Address,
            (
                _,
                "awscc_s3_bucket",
                "domain_name" | "dual_stack_domain_name" | "regional_domain_name" | "website_url",
            ) => SymbolKind::Address,
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
}

/// Resources that set something of one bucket, and whose `id` is the bucket's name.
fn is_bucket_setting(address: &Address) -> bool {
    const SETTINGS: [&str; 8] = [
        "policy",
        "public_access_block",
        "ownership_controls",
        "versioning",
        "server_side_encryption_configuration",
        "logging",
        "lifecycle_configuration",
        "notification",
    ];
    let Some(resource) = address.resource.as_ref().filter(|resource| !resource.data) else { return false };
    resource.kind.strip_prefix("aws_s3_bucket_").is_some_and(|setting| SETTINGS.contains(&setting))
}

/// Attributes that hold an address under which S3 serves a bucket.
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_bucket#attribute-reference>
fn is_address(name: &str) -> bool {
    matches!(name, "bucket_domain_name" | "bucket_regional_domain_name" | "website_endpoint" | "website_domain")
}

/// Attributes that hold an identifier: at least one character, no glob characters.
fn is_fixed(name: &str) -> bool {
    const NAMES: [&str; 8] = ["arn", "id", "name", "bucket", "unique_id", "account_id", "region", "hosted_zone_id"];
    NAMES.contains(&name) || name.ends_with("_arn") || name.ends_with("_id")
}

/// A part of an unknown value: an unknown of its own, the same wherever it is named.
fn missing_part(missing: &Missing, part: &str, span: Span) -> Val {
    let id = missing.id.as_ref().map(|id| format!("{id}{part}").into());
    Val::new(span, Dat::Unknown(Missing { id, ..missing.clone() }))
}

/// A part of an attribute that is not known: an unknown of its own, the same wherever it is named.
fn part_of(symbol: &Symbol, part: &str, span: Span) -> Val {
    let name = Name::Part(symbol.clone(), part.into());
    let shown = format!("{}{part}", symbol.shown());
    Val::symbol(span, Symbol::new(name, SymbolKind::Free, shown, symbol.unknown().clone()))
}

/// Whether a block has neither `count` nor `for_each`, and may not be enabled.
fn is_by_itself(block: &Block) -> bool {
    let is_switched = |inner: &Block| inner.kind == "lifecycle" && inner.body.get("enabled").is_some();
    block.body.get("count").is_none() && block.body.blocks.iter().any(is_switched)
}
