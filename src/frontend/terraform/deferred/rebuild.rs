//! What a policy that is known only after apply most probably is: the document that it refers to. Known documents are
//! parsed where they stand, deferred ones are rebuilt from the arguments that the plan shows of their data source,
//! each unknown part replaced by what it most probably is.
//!
//! None of it proves anything: a plan does not show what an expression makes of a document.

use super::super::document::assemble;
use super::super::json::{document_text, plain};
use super::super::plan::view::View;
use super::super::planned::identity::Identities;
use super::link::{Context, Target, one_document, targets};
use crate::model::{Data, Entry, Symbol, SymbolKind, Text, Unknown, Value};
use crate::source::Span;
use crate::syntax::{Kind, Node};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How deep documents may be merged of documents.
const DEPTH: u32 = 16;

/// How many statements a document is taken to hold most probably.
const MAX_LIKELY: usize = 256;

/// What would tell the value of anything that the plan leaves open.
pub(crate) const REMEDY: &str = "run with the .tf files beside the plan, or with `--terraform-dir`";

/// Rebuilds documents.
pub(crate) struct Rebuild<'x, 'v> {
    view: &'x View<'v>,
    identities: &'x Identities,
    /// The bucket that the policy is put on, where it is known.
    bucket: Option<String>,
    /// Documents that were rebuilt already, by address; one in the making is there as `None`.
    done: RefCell<BTreeMap<String, Option<Value>>>,
}

/// What an argument is about; it decides what an unknown in it most probably is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Resources,
    Documents,
    Other,
}

/// What stands around an argument.
struct Argument<'y, 'v> {
    context: Option<&'y Context<'v>>,
    name: &'y str,
    role: Role,
    depth: u32,
    /// How many parts of the list around are unknown; `None` where the whole argument is.
    unknown_parts: Option<usize>,
}

impl<'x, 'v> Rebuild<'x, 'v> {
    pub(crate) fn new(view: &'x View<'v>, identities: &'x Identities, bucket: Option<String>) -> Self {
        Self { view, identities, bucket, done: RefCell::default() }
    }

    /// A document is rebuilt once, however many others are merged of it.
    fn nested(&self, address: &str, depth: u32) -> Value {
        if let Some(done) = self.done.borrow().get(address) {
            return done.clone().unwrap_or_else(|| self.missing(address, "is merged of itself"));
        }
        self.done.borrow_mut().insert(address.to_owned(), None);
        let document = self.fresh(address, depth);
        self.done.borrow_mut().insert(address.to_owned(), Some(document.clone()));
        document
    }

    fn missing(&self, address: &str, why: &str) -> Value {
        let span = self.view.instance(address).map_or(Span::at(self.view.source.id(), 0), |instance| instance.span);
        Value::unknown(Self::unknown(format!("the policy document `{address}` {why}"), span))
    }

    fn fresh(&self, address: &str, depth: u32) -> Value {
        let view = self.view;
        if let Some(span) = view.change(address).filter(|_| depth > 0) {
            let tree = view.tree(span);
            if let Some(change) = tree.root().and_then(|entry| entry.get("change")) {
                let after = change.get("after");
                if let Some(json) = after.and_then(|after| after.get("json")).filter(|json| json.string().is_some()) {
                    return document_text(json);
                }
                return self.deferred(address, span, after, change.get("after_unknown"), depth);
            }
        }
        if let Some(span) = view.prior(address).or_else(|| view.instance(address).map(|instance| instance.span)) {
            let tree = view.tree(span);
            let json = tree.root().and_then(|entry| entry.get("values")).and_then(|values| values.get("json"));
            if let Some(json) = json.filter(|json| json.string().is_some()) {
                return document_text(json);
            }
        }
        self.missing(address, "is not in the plan")
    }

    /// A document that is read only while applying: the plan shows all of its arguments but the unknown leaves.
    fn deferred(
        &self,
        address: &str,
        span: Span,
        after: Option<Node<'_>>,
        unknown: Option<Node<'_>>,
        depth: u32,
    ) -> Value {
        let instance = self.view.instance(address);
        let context = instance.and_then(|instance| Context::of(self.view, &instance.address));
        let block = instance.and_then(|instance| self.view.block(&instance.address));
        let expressions = block.as_ref().and_then(|tree| tree.root()).and_then(|block| block.get("expressions"));
        let argument =
            Argument { context: context.as_ref(), name: "", role: Role::Other, depth: depth - 1, unknown_parts: None };
        let arguments = self.mapping(span, after, unknown, expressions, &argument);
        assemble(&with_likely(&arguments, DEPTH), span)
    }

    fn unknown(cause: String, span: Span) -> Unknown {
        Unknown::new(cause, span, REMEDY)
    }

    fn mapping(
        &self,
        span: Span,
        known: Option<Node<'_>>,
        unknown: Option<Node<'_>>,
        expressions: Option<Node<'_>>,
        around: &Argument<'_, 'v>,
    ) -> Value {
        let mut entries: Vec<Entry> = Vec::new();
        let keys = [known, unknown].into_iter().flatten().flat_map(Node::entries);
        for (key_node, _) in keys {
            let Some(key) = key_node.text().filter(|key| !entries.iter().any(|entry| entry.key == *key)) else {
                continue;
            };
            if matches!(key, "id" | "json" | "minified_json") {
                continue;
            }
            let role = match key {
                "resources" | "not_resources" => Role::Resources,
                "source_policy_documents" | "override_policy_documents" | "source_json" | "override_json" => {
                    Role::Documents
                }
                _ => Role::Other,
            };
            let argument =
                Argument { context: around.context, name: key, role, depth: around.depth, unknown_parts: None };
            let value = self.value(
                key_node.span(),
                known.and_then(|node| node.get(key)),
                unknown.and_then(|node| node.get(key)),
                expressions.and_then(|node| node.get(key)),
                &argument,
            );
            if !matches!(value.data, Data::Null) {
                entries.push(Entry { key: key.to_owned(), key_span: key_node.span(), value });
            }
        }
        Value::map_of(span, entries)
    }

    fn value(
        &self,
        place: Span,
        known: Option<Node<'_>>,
        unknown: Option<Node<'_>>,
        expression: Option<Node<'_>>,
        around: &Argument<'_, 'v>,
    ) -> Value {
        let span = known.map_or(place, Node::span);
        if unknown.is_some_and(|node| node.kind() == Kind::Bool(true)) {
            return Value::unknown(self.leaf(span, expression, around));
        }
        let Some(known) = known else { return Value::new(span, Data::Null) };
        match known.kind() {
            Kind::Sequence => self.sequence(known, unknown, expression, around),
            Kind::Mapping => self.mapping(span, Some(known), unknown, expression, around),
            Kind::String if around.role == Role::Documents => document_in_list(known),
            _ => plain(known),
        }
    }

    fn sequence(
        &self,
        known: Node<'_>,
        unknown: Option<Node<'_>>,
        expression: Option<Node<'_>>,
        around: &Argument<'_, 'v>,
    ) -> Value {
        let items: Vec<Node<'_>> = known.items().collect();
        let marks: Vec<Node<'_>> = unknown.into_iter().flat_map(Node::items).collect();
        // Blocks: one expression each, unless dynamic blocks are among them, which configuration leaves out.
        let blocks: Vec<Node<'_>> = expression.into_iter().flat_map(Node::items).collect();
        let is_unknown = |mark: &&Node<'_>| mark.kind() == Kind::Bool(true);
        let around = &Argument { unknown_parts: Some(marks.iter().filter(is_unknown).count()), ..*around };
        let likely = if around.role == Role::Documents {
            self.likely_documents(items.len(), &marks, expression, around)
        } else {
            Vec::new()
        };
        let values = items.iter().enumerate().map(|(index, &item)| {
            let expression = match expression {
                Some(one) if one.kind() == Kind::Sequence => {
                    blocks.get(index).copied().filter(|_| blocks.len() == items.len())
                }
                other => other,
            };
            let mut value = self.value(item.span(), Some(item), marks.get(index).copied(), expression, around);
            if let (Data::Unknown(unknown), Some(Some(document))) = (&mut value.data, likely.get(index)) {
                unknown.likely = Some(Arc::new(document.clone()));
            }
            value
        });
        Value::list(known.span(), values.collect())
    }

    /// An unknown leaf, with what it most probably is.
    fn leaf(&self, span: Span, expression: Option<Node<'_>>, around: &Argument<'_, 'v>) -> Unknown {
        let targets = self.targets(expression, around);
        let refers = super::link::shown(expression);
        let cause = format!("`{}` is known only after apply{refers}", around.name);
        let mut unknown = Self::unknown(cause, expression.map_or(span, Node::span));
        unknown.likely = match around.role {
            // One resource alone is the bucket or its objects, and nothing tells which.
            Role::Resources if around.unknown_parts == Some(1) => None,
            Role::Resources => self.likely_resources(span, &targets),
            // A list that is laid over the others and is not known may replace anything.
            Role::Documents if around.name.starts_with("override") => None,
            Role::Documents => {
                let documents: Option<Vec<Value>> =
                    targets.iter().map(|target| self.likely_document(target, around.depth)).collect();
                documents.filter(|all| !all.is_empty()).map(|all| Arc::new(Value::list(span, all)))
            }
            Role::Other => self.likely_attribute(span, &targets),
        };
        unknown
    }

    fn targets(&self, expression: Option<Node<'_>>, around: &Argument<'_, 'v>) -> Vec<Target> {
        match (expression, around.context) {
            (Some(expression), Some(context)) => targets(self.view, expression, context).targets,
            _ => Vec::new(),
        }
    }

    /// The ARNs of the buckets that are referred to, and of their objects. Where configuration does not tell (dynamic
    /// blocks), those of the bucket that the policy is put on.
    fn likely_resources(&self, span: Span, targets: &[Target]) -> Option<Arc<Value>> {
        let mut addresses: Vec<&str> = targets.iter().filter_map(bucket_address).collect();
        if addresses.is_empty() && !targets.iter().any(|target| matches!(target, Target::Attribute(_))) {
            addresses.extend(self.bucket.as_deref());
        }
        let texts = addresses.iter().filter_map(|address| self.identities.get(address)).flat_map(|bucket| {
            let arn = &bucket.arn;
            let mut objects = arn.clone();
            objects.push_str("/*");
            [arn.clone(), objects]
        });
        let values: Vec<Value> = texts.map(|text| Value::new(span, Data::Text(text))).collect();
        (!values.is_empty()).then(|| Arc::new(Value::list(span, values)))
    }

    /// An attribute of another resource: some fixed text.
    fn likely_attribute(&self, span: Span, targets: &[Target]) -> Option<Arc<Value>> {
        let text = match targets {
            [Target::Bucket(instance)] => self.identities.get(&instance.address)?.arn.clone(),
            [Target::Attribute(reference)] => {
                let key = format!("{}:attribute:{reference}", self.view.source.id().0);
                let unknown = Self::unknown(format!("`{reference}` is known only after apply"), span);
                Text::hole(Symbol::new(key, SymbolKind::Attribute, format!("${{{reference}}}"), unknown))
            }
            _ => return None,
        };
        Some(Arc::new(Value::new(span, Data::Text(text))))
    }

    /// For each item of a list of documents, the statements that it most probably holds: by position, where as many
    /// documents are referred to as the list has items, or unknown items.
    fn likely_documents(
        &self,
        count: usize,
        marks: &[Node<'_>],
        expression: Option<Node<'_>>,
        around: &Argument<'_, 'v>,
    ) -> Vec<Option<Value>> {
        let targets = self.targets(expression, around);
        let documents: Vec<&Target> = targets.iter().filter(|target| matches!(target, Target::Document(_))).collect();
        let is_unknown = |index: usize| marks.get(index).is_some_and(|mark| mark.kind() == Kind::Bool(true));
        let deferred: Vec<&&Target> = documents.iter().filter(|target| self.is_deferred(target)).collect();
        let unknowns = (0..count).filter(|&index| is_unknown(index)).count();
        let mut nth = 0;
        let pick = |index: usize| {
            if !is_unknown(index) {
                return None;
            }
            nth += 1;
            let target = if documents.len() == count {
                documents.get(index).copied()
            } else if deferred.len() == unknowns {
                deferred.get(nth - 1).map(|target| **target)
            } else {
                None
            };
            self.likely_document(target?, around.depth)
        };
        (0..count).map(pick).collect()
    }

    fn is_deferred(&self, target: &Target) -> bool {
        matches!(target, Target::Document(instance) if self.view.change(&instance.address).is_some())
    }

    /// A document that is referred to, as the text that is merged.
    fn likely_document(&self, target: &Target, depth: u32) -> Option<Value> {
        let Target::Document(instance) = target else { return None };
        let document = self.nested(&instance.address, depth);
        // Documents merged of documents may multiply; nobody means so many.
        let few = !matches!(document.get("Statement").map(|value| &value.data), Some(Data::List(items)) if items.len() > MAX_LIKELY);
        few.then(|| Value::new(document.span, Data::Json(Arc::new(document))))
    }

    /// A policy that the plan does not know, with the document that it most probably is: the one that its argument
    /// refers to.
    pub(crate) fn policy(
        &self,
        name: &str,
        span: Span,
        expression: Option<Node<'_>>,
        context: Option<&Context<'v>>,
    ) -> Value {
        let argument = Argument { context, name, role: Role::Documents, depth: DEPTH, unknown_parts: None };
        let targets = self.targets(expression, &argument);
        let refers = super::link::shown(expression);
        let cause = format!("`{name}` is known only after apply{refers}");
        let mut unknown = Self::unknown(cause, expression.map_or(span, Node::span));
        unknown.likely = one_document(&targets).map(|address| Arc::new(self.nested(address, DEPTH)));
        Value::unknown(unknown)
    }
}

pub(crate) fn bucket_address(target: &Target) -> Option<&str> {
    match target {
        Target::Bucket(instance) => Some(&instance.address),
        _ => None,
    }
}

/// A document given as text to be merged: empty text is none.
fn document_in_list(node: Node<'_>) -> Value {
    if node.text().is_none_or(|text| text.trim().is_empty()) {
        return plain(node);
    }
    Value::new(node.span(), Data::Json(Arc::new(document_text(node))))
}

/// The value with unknown parts replaced by what they most probably are.
fn with_likely(value: &Value, depth: u32) -> Value {
    let Some(depth) = depth.checked_sub(1) else { return value.clone() };
    let data = match &value.data {
        Data::Unknown(unknown) => match &unknown.likely {
            Some(likely) => return with_likely(likely, depth),
            None => return value.clone(),
        },
        Data::List(items) => {
            let mut out = Vec::new();
            for item in items.iter() {
                let spread = matches!(item.data, Data::Unknown(_));
                match with_likely(item, depth) {
                    Value { data: Data::List(inner), .. } if spread => out.extend(inner.iter().cloned()),
                    other => out.push(other),
                }
            }
            Data::List(out.into())
        }
        Data::Map(entries) => {
            let entry = |entry: &Entry| Entry { value: with_likely(&entry.value, depth), ..entry.clone() };
            Data::Map(entries.iter().map(entry).collect())
        }
        other => other.clone(),
    };
    Value { span: value.span, hops: value.hops.clone(), data }
}
