//! Buckets and bucket policies.

use super::call::Call;
use super::loops::has_mark;
use super::reader::{MAX_RESOURCES, Reader, Resource};
use super::references::BUCKET;
use super::transforms::macro_inside;
use crate::model::{Bucket, BucketPolicy, Condition, Data, Notice, Style, Symbol, SymbolKind, Text, Unknown, Value};
use crate::source::Span;
use crate::syntax::{Kind, Node, SyntaxError};
use std::sync::Arc;

/// The type of a bucket policy.
const POLICY: &str = "AWS::S3::BucketPolicy";

impl<'a> Reader<'a> {
    /// Collects the section `Resources`; what keeps it from being whole, if anything does.
    pub(super) fn declare_resources(&mut self) -> Option<Unknown> {
        let section = self.root.get("Resources")?;
        let entries = self.resource_entries(section);
        let mut unknown = entries.unknown;
        if let Some(span) = entries.too_many {
            let message = format!("this loop makes more resources than a template may have ({MAX_RESOURCES})");
            self.errors.push(Notice { message: message.clone(), span });
            unknown.get_or_insert_with(|| Unknown::new(message, span, "split the template"));
        }
        for entry in entries.list {
            if entry.key == "Fn::Transform" {
                continue;
            }
            let (id, address) = (entry.key, entry.shown);
            let (node, key_span, loops) = (entry.value, entry.key_span, entry.loops);
            let Some(written) = node.get("Type") else {
                self.notice(format!("resource `{address}` has no `Type`"), key_span);
                continue;
            };
            let kind = self.within(loops.clone(), |reader| reader.scalar(written));
            let Some(kind) = kind.filter(|kind| !has_mark(kind) && Call::of(written, false).is_none()) else {
                let cause = format!("the type of resource `{address}` is not known");
                unknown.get_or_insert_with(|| {
                    Unknown::new(cause, written.resolved().span(), "write the `Type` as a string")
                });
                continue;
            };
            self.resource_index.insert(id.clone(), self.resources.len());
            self.resources.push(Resource { id, address, key_span, node, kind, loops });
        }
        unknown
    }

    /// The declared buckets.
    pub(super) fn buckets(&mut self) -> Vec<Bucket> {
        let resources: Vec<_> = self.resources.iter().filter(|one| one.kind == BUCKET).cloned().collect();
        resources.iter().map(|one| self.within(one.loops.clone(), |reader| reader.bucket(one))).collect()
    }

    fn bucket(&mut self, resource: &Resource<'a>) -> Bucket {
        let name = match macro_inside(resource.node) {
            Some(unknown) => Some(self.bucket_name_hole(resource, unknown)),
            None => self.bucket_name(resource),
        };
        let path = resource.node.get("Metadata").and_then(|metadata| metadata.get("aws:cdk:path"));
        Bucket {
            address: resource.address.clone(),
            reference: resource.address.clone(),
            span: resource.key_span,
            symbol: self.bucket_symbol(resource),
            name,
            exists: self.exists(resource.node),
            inline_policy: None,
            module_switch: None,
            made_at: None,
            path: path.and_then(Node::text).map(str::to_owned),
        }
    }

    fn bucket_name(&mut self, resource: &Resource<'a>) -> Option<Text> {
        let node = resource.node.get("Properties")?.get("BucketName")?;
        let value = self.value(node);
        let value = self.finished(value);
        self.name_text(resource, value)
    }

    /// The name as one text. A choice whose sides differ stays one unknown: whoever refers to the bucket means the
    /// same name, and any text may be equal to it.
    fn name_text(&self, resource: &Resource<'a>, value: Value) -> Option<Text> {
        if let Some(text) = value.scalar_text() {
            return Some(text);
        }
        match value.data {
            Data::Absent | Data::Null => None,
            Data::Unknown(unknown) => Some(self.bucket_name_hole(resource, *unknown)),
            Data::Choice { .. } => {
                let cause = format!("the name of bucket `{}` hangs on a condition", resource.address);
                let unknown = Unknown::new(cause, value.span, "refer to the bucket with `!Ref`");
                Some(self.bucket_name_hole(resource, unknown))
            }
            _ => {
                let unknown = Unknown::new("a bucket name is a text", value.span, "write a text");
                Some(self.bucket_name_hole(resource, unknown))
            }
        }
    }

    fn bucket_name_hole(&self, resource: &Resource<'a>, unknown: Unknown) -> Text {
        let key = self.key("bucket-name", &resource.id);
        Text::hole(Symbol::new(key, SymbolKind::Free, format!("${{{}}}", resource.address), unknown))
    }

    /// The declared bucket policies. `errors` are what could not be read of the file.
    pub(super) fn policies(&mut self, style: Style, errors: &[SyntaxError]) -> Vec<BucketPolicy> {
        let resources: Vec<_> = self.resources.iter().filter(|one| one.kind == POLICY).cloned().collect();
        let policy = |one: &Resource<'a>| {
            let broken = broken(one, errors);
            self.within(one.loops.clone(), |reader| reader.policy(one, style, broken))
        };
        resources.iter().map(policy).collect()
    }

    fn policy(&mut self, resource: &Resource<'a>, style: Style, broken: Option<Unknown>) -> BucketPolicy {
        let properties = resource.node.get("Properties");
        let hidden = macro_inside(resource.node).or_else(|| not_readable(properties));
        let (mut bucket, mut document) = match &hidden {
            Some(unknown) => (Value::unknown(unknown.clone()), Value::unknown(unknown.clone())),
            None => (self.policy_bucket(properties, resource), self.policy_document(properties, resource)),
        };
        let doubtful = broken.is_some();
        if let Some(mut unknown) = self.macros.rewritten.clone().or(broken) {
            unknown.likely = Some(Arc::new(document));
            document = Value::unknown(unknown);
        }
        if doubtful && bucket.data == Data::Absent {
            bucket = document.clone();
        }
        BucketPolicy {
            address: resource.address.clone(),
            span: resource.key_span,
            bucket,
            document,
            exists: self.exists(resource.node),
            style,
            reach: None,
        }
    }

    /// The bucket that a policy names. Where that is a reference to nothing, it names none.
    fn policy_bucket(&mut self, properties: Option<Node<'a>>, resource: &Resource<'a>) -> Value {
        let Some(node) = properties.and_then(|properties| properties.get("Bucket")) else {
            self.notice(format!("bucket policy `{}` names no `Bucket`", resource.address), resource.key_span);
            return Value::new(resource.key_span, Data::Absent);
        };
        let value = self.value(node);
        let value = self.finished(value);
        self.without_nothing(value)
    }

    fn without_nothing(&self, value: Value) -> Value {
        match &value.data {
            Data::Text(text) if self.refers_to_nothing(text) => Value { data: Data::Absent, ..value },
            Data::Choice { condition, then, otherwise } => {
                // Choices are nested no deeper than expressions are.
                let data = Data::Choice {
                    condition: condition.clone(),
                    then: Arc::new(self.without_nothing(Value::clone(then))),
                    otherwise: Arc::new(self.without_nothing(Value::clone(otherwise))),
                };
                Value { data, ..value }
            }
            _ => value,
        }
    }

    fn policy_document(&mut self, properties: Option<Node<'a>>, resource: &Resource<'a>) -> Value {
        let Some(node) = properties.and_then(|properties| properties.get("PolicyDocument")) else {
            self.notice(format!("bucket policy `{}` has no `PolicyDocument`", resource.address), resource.key_span);
            return Value::new(resource.key_span, Data::Absent);
        };
        let value = self.document(node);
        self.finished(value)
    }

    /// Where a resource exists: its `Condition`.
    pub(super) fn exists(&mut self, node: Node<'a>) -> Condition {
        let own = node.get("Condition").map_or(Condition::Always, |condition| self.condition_of_if(condition));
        self.loops.iter().map(|turn| turn.exists().clone()).fold(own, Condition::and)
    }
}

/// Properties that are no mapping of properties.
fn not_readable(properties: Option<Node<'_>>) -> Option<Unknown> {
    let properties = properties?;
    let call = Call::of(properties, false)?;
    Some(Unknown::new(format!("`{}` stands for all properties", call.name), call.span, "write the properties out"))
}

/// A resource that an error of syntax is in, or right behind: the rest of it may be missing.
fn broken(resource: &Resource<'_>, errors: &[SyntaxError]) -> Option<Unknown> {
    if errors.is_empty() {
        return None;
    }
    let node = resource.node.resolved().span();
    let last = |node: Node<'_>| node.kind() == Kind::Mapping;
    let root = resource.node.tree().root()?;
    let section = root.get("Resources").filter(|section| last(*section))?;
    // What stands behind the resource, in `Resources` or behind it, was read after it was whole.
    let keys = section.entries().chain(root.entries()).map(|(key, _)| key.span().start);
    let next = keys.filter(|&start| start >= node.end).min().unwrap_or(u32::MAX);
    let error = errors.iter().find(|error| error.span.end >= node.start && error.span.start <= next)?;
    Some(Unknown::new(
        format!("an error of syntax hides a part of it: {}", error.message),
        error.span,
        "correct the error",
    ))
}

/// What stands for the resources behind an error of syntax.
pub(super) fn cut_short(errors: &[SyntaxError]) -> Option<Unknown> {
    let error = errors.first()?;
    let span: Span = error.span;
    let cause = format!("an error of syntax hides a part of the template: {}", error.message);
    Some(Unknown::new(cause, span, "correct the error"))
}
