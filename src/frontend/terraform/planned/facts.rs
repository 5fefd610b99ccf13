//! What a plan tells the evaluator of the source: values of variables and attributes, and which instances there are.

use super::super::address::{Address, InstanceKey};
use super::super::json;
use super::super::plan::Kind;
use super::super::plan::view::View;
use super::super::source::Facts;
use super::identity::Identities;
use super::sensitive;
use crate::model::{Data, Entry, Symbol, SymbolKind, Text, Unknown, Value};
use crate::source::Span;
use crate::syntax::{Kind as NodeKind, Node, Tree};
use std::cell::Cell;

/// A plan as facts.
pub(crate) struct PlanFacts<'x, 'v> {
    view: &'x View<'v>,
    identities: &'x Identities,
    sensitive: Cell<usize>,
}

impl<'x, 'v> PlanFacts<'x, 'v> {
    pub(crate) fn new(view: &'x View<'v>, identities: &'x Identities) -> Self {
        Self { view, identities, sensitive: Cell::new(0) }
    }

    /// The place that a value of the plan is given: its entry's start, since nothing of the entry is to be shown.
    fn place(span: Span) -> Span {
        Span::at(span.file, span.start as usize)
    }

    fn bucket_attribute(&self, address: &str, attribute: &str) -> Option<Value> {
        let bucket = self.identities.get(address)?;
        let place = self.view.instance(address).map(|instance| Self::place(instance.span))?;
        let text = match attribute {
            "id" | "bucket" => bucket.reference(),
            "arn" => bucket.arn.clone(),
            _ => return None,
        };
        Some(Value::new(place, Data::Text(text)))
    }

    /// A value without its text: what is sensitive is never shown.
    fn redacted(&self, value: &Value) -> Value {
        let data = match &value.data {
            Data::Text(text) => {
                let kind = sensitive::kind_of(text.as_literal().unwrap_or(""));
                Data::Text(Text::hole(self.sensitive_symbol(kind, value.span)))
            }
            Data::Number(_) => Data::Text(Text::hole(self.sensitive_symbol(SymbolKind::Attribute, value.span))),
            Data::List(items) => Data::List(items.iter().map(|item| self.redacted(item)).collect()),
            Data::Map(entries) => {
                let entry = |entry: &Entry| Entry { value: self.redacted(&entry.value), ..entry.clone() };
                Data::Map(entries.iter().map(entry).collect())
            }
            other => other.clone(),
        };
        Value::new(value.span, data)
    }

    fn sensitive_symbol(&self, kind: SymbolKind, span: Span) -> Symbol {
        self.sensitive.set(self.sensitive.get() + 1);
        let key = format!("{}:sensitive value:{}", self.view.source.id().0, self.sensitive.get());
        Symbol::new(key, kind, "(sensitive)", Unknown::new("the value is marked sensitive", span, "look at it there"))
    }
}

impl Facts for PlanFacts<'_, '_> {
    fn variable(&self, name: &str) -> Option<Value> {
        let variables = self.view.shared_tree(self.view.skeleton.variables?);
        let value = variables.root()?.get(name)?.get("value")?;
        let value = json::placed(value, Self::place(value.span()));
        let declared = self.view.module(&[]).and_then(|module| module.variables.get(name));
        let declared = declared.map(|span| self.view.tree(*span));
        let flag = declared.as_ref().and_then(Tree::root).and_then(|variable| variable.get("sensitive"));
        let sensitive = flag.is_some_and(|flag| flag.kind() == NodeKind::Bool(true));
        Some(if sensitive { self.redacted(&value) } else { value })
    }

    fn attribute(&self, address: &str, attribute: &str) -> Option<Value> {
        if let Some(value) = self.bucket_attribute(address, attribute) {
            return Some(value);
        }
        let index = self.view.index();
        let entry = self.view.tree(*index.values.get(address)?);
        let root = entry.root()?;
        let known = root.get("values")?.get(attribute)?;
        let change = index.changes.get(address).map(|span| self.view.tree(*span));
        let change = change.as_ref().and_then(Tree::root).and_then(|entry| entry.get("change"));
        let unknown = change.and_then(|change| change.get("after_unknown")).and_then(|marks| marks.get(attribute));
        if unknown.is_some_and(holds_true) {
            return None;
        }
        let value = json::placed(known, Self::place(root.span()));
        let marks = root.get("sensitive_values");
        let sensitive = marks
            .is_some_and(|marks| marks.kind() == NodeKind::Bool(true) || marks.get(attribute).is_some_and(holds_true));
        Some(if sensitive { self.redacted(&value) } else { value })
    }

    fn instances(&self, address: &str) -> Option<Vec<InstanceKey>> {
        let keys = self.view.index().keys.get(address);
        if let Some(keys) = keys {
            return Some(keys.iter().cloned().collect());
        }
        // A block of ours that the plan lists no instance of has none; other types' blocks are not looked at.
        let parsed = Address::parse(address)?;
        let ours = parsed
            .resource
            .as_ref()
            .is_some_and(|resource| Kind::of(if resource.data { "data" } else { "managed" }, &resource.kind).is_some());
        (self.view.is_whole() && ours && self.view.block(&parsed).is_some()).then(Vec::new)
    }
}

/// Whether a structure of marks holds a `true` anywhere. The reader bounds its depth.
fn holds_true(marks: Node<'_>) -> bool {
    marks.kind() == NodeKind::Bool(true)
        || marks.items().any(holds_true)
        || marks.entries().any(|(_, value)| holds_true(value))
}
