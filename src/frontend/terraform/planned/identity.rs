//! How the buckets of a plan are called, and how references to them are written.

use super::super::deferred::link::shown;
use super::super::deferred::rebuild::REMEDY;
use super::super::names;
use super::super::plan::Kind;
use super::super::plan::view::{Instance, View, expression_of, value_of};
use crate::model::{Symbol, SymbolKind, Text, Unknown, Value};
use crate::syntax::Node;
use std::collections::{BTreeMap, HashMap};

/// The buckets of a plan, by address.
pub(crate) struct Identities {
    buckets: BTreeMap<String, Identity>,
    by_name: HashMap<String, String>,
    by_symbol: HashMap<Symbol, String>,
}

/// What a bucket is called.
pub(crate) struct Identity {
    /// Stands for the name in references.
    pub(crate) symbol: Symbol,
    /// The name: known; a text of another resource; or `None` for one that the provider makes up.
    pub(crate) name: Option<Text>,
    /// The ARN.
    pub(crate) arn: Text,
}

impl Identity {
    /// The name where it is known, else what stands for it.
    pub(crate) fn reference(&self) -> Text {
        let known = self.name.clone().filter(|name| name.as_literal().is_some());
        known.unwrap_or_else(|| Text::hole(self.symbol.clone()))
    }
}

impl Identities {
    pub(crate) fn new(view: &View<'_>) -> Self {
        let mut out = Self { buckets: BTreeMap::new(), by_name: HashMap::new(), by_symbol: HashMap::new() };
        for (address, instance) in view.existing(Kind::Bucket) {
            let identity = identify(view, address, instance);
            if let Some(name) = identity.name.as_ref().and_then(Text::as_literal) {
                out.by_name.insert(name.to_owned(), address.to_owned());
            }
            out.by_symbol.insert(identity.symbol.clone(), address.to_owned());
            out.buckets.insert(address.to_owned(), identity);
        }
        out
    }

    pub(crate) fn get(&self, address: &str) -> Option<&Identity> {
        self.buckets.get(address)
    }

    /// The address of the bucket that a policy names for certain.
    pub(crate) fn of(&self, named: &Value) -> Option<&str> {
        let text = named.scalar_text()?;
        match text.as_symbol() {
            Some(symbol) => self.by_symbol.get(symbol).map(String::as_str),
            None => self.named(text.as_literal()?),
        }
    }

    /// The address of the bucket with a name.
    pub(crate) fn named(&self, name: &str) -> Option<&str> {
        self.by_name.get(name).map(String::as_str)
    }
}

fn identify(view: &View<'_>, address: &str, instance: &Instance) -> Identity {
    let file = view.source.id().0;
    let cause = format!("the name of `{address}` is known only after apply");
    let unknown = Unknown::new(cause, instance.span, "give the bucket a name with the argument `bucket`");
    let key = format!("{file}:bucket:{address}");
    let symbol = Symbol::new(key, SymbolKind::BucketName, format!("${{{address}}}"), unknown);
    let mut identity = Identity { symbol, name: name(view, address, instance), arn: Text::literal("arn:aws:s3:::") };
    let reference = identity.reference();
    identity.arn.push(&reference);
    identity
}

/// The provider makes a name up where `bucket` is not set, from a prefix where there is one.
fn name(view: &View<'_>, address: &str, instance: &Instance) -> Option<Text> {
    let argument = names::of_bucket(&instance.address);
    let entry = view.tree(instance.span);
    if let Some(name) = value_of(&entry, argument).and_then(Node::text).filter(|name| !name.is_empty()) {
        return Some(Text::literal(name));
    }
    let block = view.block(&instance.address);
    let expression = block.as_ref().and_then(|block| expression_of(block, argument));
    if block.is_some() && expression.is_none() {
        let prefix = value_of(&entry, names::of_prefix(&instance.address)).and_then(Node::text);
        return Some(prefixed(view, address, instance, &Text::literal(prefix.filter(|prefix| !prefix.is_empty())?)));
    }
    let refers = shown(expression);
    let span = expression.map_or(instance.span, Node::span);
    let unknown = Unknown::new(format!("the name of `{address}` is known only after apply{refers}"), span, REMEDY);
    let key = format!("{}:name:{address}", view.source.id().0);
    Some(Text::hole(Symbol::new(key, SymbolKind::Attribute, format!("${{{address}.bucket}}"), unknown)))
}

/// The name that starts with a prefix.
pub(crate) fn prefixed(view: &View<'_>, address: &str, instance: &Instance, prefix: &Text) -> Text {
    let cause = format!("the name of `{address}` is known only after apply, but for its start");
    let unknown = Unknown::new(cause, instance.span, REMEDY);
    let key = format!("{}:name:{address}", view.source.id().0);
    let rest = Symbol::new(key, SymbolKind::Attribute, format!("${{{address}.bucket}}"), unknown);
    let entry = view.tree(instance.span);
    let namespace = value_of(&entry, names::NAMESPACE).and_then(Node::text);
    names::prefixed(prefix, rest, &instance.address, namespace)
}
