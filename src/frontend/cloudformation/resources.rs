//! Buckets and bucket policies.

use super::call::{Call, Function};
use super::choice;
use super::loops::{Expanded, has_mark};
use super::properties::{OF_BUCKET, OF_POLICY};
use super::reader::{MAX_RESOURCES, Reader, Resource, type_of};
use super::references::{BUCKET, NAME_IT};
use super::transforms::{TRANSFORM, macro_inside, pasted};
use crate::frontend::{special, suggest};
use crate::model::{
    Bucket, BucketPolicy, BucketSettings, Condition, Data, Home, Met, Name, Notice, Pseudo, Symbol, SymbolKind, Text,
    Unknown, Value,
};
use crate::source::Span;
use crate::syntax::{Kind, Node, SyntaxError};
use std::sync::Arc;

/// Where the quotas of templates stand.
const QUOTAS: &str = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html";

/// The type of a bucket policy.
const POLICY: &str = "AWS::S3::BucketPolicy";

impl<'a> Reader<'a> {
    /// Collects the section `Resources`; what keeps it from being whole, if anything does.
    pub(super) fn declare_resources(&mut self) -> Option<Unknown> {
        let section = self.root.get("Resources").filter(|section| pasted(*section).is_none())?;
        let entries = self.resource_entries(section);
        let mut unknown = entries.unknown;
        if let Some(span) = entries.too_many {
            let message =
                format!("this loop makes more resources than a template may have ({MAX_RESOURCES}: {QUOTAS})");
            self.errors.push(Notice { message: message.clone(), span });
            unknown.get_or_insert_with(|| Unknown::new(message, span, "split the template"));
        }
        let mut resources = entries.list;
        resources.retain(|entry| entry.key() != TRANSFORM && self.has_type(entry, &mut unknown));
        resources.shrink_to_fit();
        self.by_id = (0..u32::try_from(resources.len()).unwrap_or(u32::MAX)).collect();
        self.by_id.sort_unstable_by_key(|at| resources.get(*at as usize).map(Expanded::key));
        self.resources = resources;
        unknown
    }

    /// Whether it can be read of what type a resource is; else it is not known what it is.
    fn has_type(&mut self, entry: &Expanded<'a>, unknown: &mut Option<Unknown>) -> bool {
        let Some(written) = entry.value.get("Type") else {
            let cause = self.typeless(entry.value, &entry.shown(), entry.key_span());
            unknown.get_or_insert(cause);
            return false;
        };
        let kind = type_of(entry).filter(|kind| is_type(kind) && Call::of(written, false).is_none());
        let Some(kind) = kind else {
            let cause = format!("the type of resource `{}` is not known", entry.shown());
            let span = written.resolved().span();
            unknown.get_or_insert_with(|| Unknown::new(cause, span, "write the `Type` as a string"));
            return false;
        };
        if kind.contains(|character: char| !character.is_ascii_alphanumeric() && !":_@-".contains(character)) {
            // What looks like a type of AWS's own may be spelled with letters of another script.
            let message = format!("`{kind}` is no resource type: types have letters of ASCII, digits and `:` only");
            self.errors.push(Notice { message, span: written.resolved().span() });
        } else if let Some(meant) = [BUCKET, POLICY].into_iter().find(|known| is_almost(&kind, known)) {
            let message = format!("AWS has no resource type `{kind}`: did you mean `{meant}`?");
            self.errors.push(Notice { message, span: written.resolved().span() });
        }
        true
    }

    /// What a resource without a `Type` may be. CloudFormation refuses one, unless something makes the type before.
    fn typeless(&mut self, node: Node<'a>, address: &str, key_span: Span) -> Unknown {
        let rewritten = self.macros.rewritten.is_some() || macro_inside(node).is_some();
        if !rewritten && Call::of(node, false).is_none() && node.kind() != Kind::Null {
            self.errors.push(Notice { message: format!("resource `{address}` has no `Type`"), span: key_span });
        }
        Unknown::new(format!("what resource `{address}` is, is not known"), key_span, "write its `Type` as a string")
    }

    /// What is said of buckets that are none of S3's general purpose buckets.
    pub(super) fn not_checked(&self) -> Vec<Notice> {
        let names = |one: &Expanded<'a>| Some((special::names(&type_of(one)?)?, one.key_span()));
        special::not_checked(self.resources.iter().filter_map(names))
    }

    /// The declared buckets.
    pub(super) fn buckets(&mut self) -> Vec<Bucket> {
        let resources = self.resources_of(|kind| kind == BUCKET);
        resources.iter().map(|one| self.within(one.loops.clone(), |reader| reader.bucket(one))).collect()
    }

    fn bucket(&mut self, resource: &Resource<'a>) -> Bucket {
        let exists = self.exists(resource.node);
        let name = match macro_inside(resource.node) {
            Some(unknown) => Some(self.bucket_name_hole(resource, unknown)),
            None => self.evaluated_where(exists.clone(), |reader| reader.bucket_name(resource)),
        };
        let path = resource.node.get("Metadata").and_then(|metadata| metadata.get("aws:cdk:path"));
        Bucket {
            address: resource.address.clone(),
            span: resource.key_span,
            symbol: self.bucket_symbol(resource),
            name,
            exists,
            inline_policy: None,
            module_switch: None,
            made_at: None,
            path: path.and_then(Node::text).map(str::to_owned),
            settings: self.bucket_settings(resource.node.get("Properties"), resource.key_span),
        }
    }

    /// The settings that bear on the bucket's policy, as far as they are plainly written.
    fn bucket_settings(&mut self, properties: Option<Node<'a>>, place: Span) -> BucketSettings {
        let mut flag_of = |reader: &mut Self, block: Node<'a>| match block.get("BlockPublicPolicy") {
            Some(node) => reader.value(node),
            None => Value::new(block.span(), Data::Absent),
        };
        let flag = self.property(properties, "PublicAccessBlockConfiguration", &mut flag_of);
        let holds = |flag: &Value| {
            flag.scalar_text().and_then(|text| text.as_literal().map(|text| text.eq_ignore_ascii_case("true")))
                == Some(true)
        };
        let website = properties.and_then(|all| all.get("WebsiteConfiguration"));
        BucketSettings {
            blocks_public_policy: flag.filter(holds).map(|flag| flag.span),
            website: website.filter(|node| Call::of(*node, false).is_none()).map(Node::span),
            partition: Home::of(&self.pseudo_text(Pseudo::Partition, place)),
        }
    }

    fn bucket_name(&mut self, resource: &Resource<'a>) -> Option<Text> {
        let properties = resource.node.get("Properties");
        let value = self.by_sides(properties, &mut |reader, one| reader.name_of(one, resource.key_span));
        self.name_text(resource, value)
    }

    /// What properties say of the name.
    fn name_of(&mut self, properties: Option<Node<'a>>, place: Span) -> Value {
        if let Some(properties) = properties {
            self.tell_misnamed(properties, OF_BUCKET);
        }
        if let Some(name) = self.property(properties, "BucketName", &mut Self::finished_value) {
            return name;
        }
        match self.property(properties, "BucketNamePrefix", &mut Self::finished_value) {
            Some(prefix) => self.composed_name(prefix, properties),
            None => Value::new(place, Data::Absent),
        }
    }

    /// The name that AWS composes in a namespace of the account and the Region: `PREFIX-ACCOUNT-REGION-an`.
    ///
    /// See <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html>.
    fn composed_name(&mut self, prefix: Value, properties: Option<Node<'a>>) -> Value {
        let span = prefix.span;
        let namespace = self.property(properties, "BucketNamespace", &mut Self::value);
        let namespace = namespace.as_ref().and_then(Value::scalar_text);
        if namespace.as_ref().and_then(Text::as_literal) != Some("account-regional") {
            let unknown = Unknown::new("how AWS composes the name is not known", span, NAME_IT);
            return Value::unknown(unknown);
        }
        let mut tail = Text::literal("-");
        tail.push(&self.pseudo_text(Pseudo::AccountId, span));
        tail.push_str("-");
        tail.push(&self.pseudo_text(Pseudo::Region, span));
        tail.push_str("-an");
        let overflow = |reader: &Self| Value::new(span, Data::Text(reader.hole(Self::too_large(span))));
        self.lift_at(span, vec![prefix], &overflow, &mut |reader, parts| {
            let part = parts.into_iter().next().unwrap_or_else(|| Value::text(span, ""));
            let part = reader.as_text(part);
            let mut text = part.scalar_text().unwrap_or_default();
            text.push(&tail);
            Value::new(span, Data::Text(text))
        })
    }

    /// The sides of a choice of names, each a text.
    fn named_sides(&mut self, value: Value, made_up: &Value) -> Value {
        match value.data {
            Data::Choice { condition, then, otherwise } => {
                let then = self.named_sides(Value::clone(&then), made_up);
                let otherwise = self.named_sides(Value::clone(&otherwise), made_up);
                let data = Data::Choice { condition, then: Arc::new(then), otherwise: Arc::new(otherwise) };
                Value { data, ..value }
            }
            Data::Absent | Data::Null => made_up.clone(),
            _ => self.as_text(value),
        }
    }

    /// The name as one text. A choice is one symbol that stands for its sides: whoever refers to the bucket means the
    /// same name.
    fn name_text(&mut self, resource: &Resource<'a>, value: Value) -> Option<Text> {
        if let Some(text) = value.scalar_text() {
            return Some(text);
        }
        match value.data {
            Data::Absent | Data::Null => None,
            Data::Unknown(unknown) => Some(self.bucket_name_hole(resource, *unknown)),
            Data::Choice { .. } => {
                let cause = format!("the name of bucket `{}` hangs on a condition", resource.address);
                let unknown = Unknown::new(cause, value.span, "refer to the bucket with `!Ref`");
                let hole = self.bucket_name_hole(resource, unknown);
                // Where the name is left out, AWS makes one up.
                let made_up = Value::new(value.span, Data::Text(Text::hole(self.bucket_symbol(resource))));
                let choice = self.named_sides(value, &made_up);
                self.choices.extend(hole.as_symbol().map(|symbol| (symbol.clone(), choice)));
                Some(hole)
            }
            _ => {
                let unknown = Unknown::new("a bucket name is a string", value.span, "write a string");
                Some(self.bucket_name_hole(resource, unknown))
            }
        }
    }

    fn bucket_name_hole(&self, resource: &Resource<'a>, unknown: Unknown) -> Text {
        let name = Name::BucketName(resource.id.as_str().into());
        Text::hole(self.symbol(name, SymbolKind::Free, format!("${{{}}}", resource.address), unknown))
    }

    /// The declared bucket policies. `errors` are what could not be read of the file.
    pub(super) fn policies(&mut self, errors: &[SyntaxError]) -> Vec<BucketPolicy> {
        let resources = self.resources_of(|kind| kind == POLICY);
        let policy = |one: &Resource<'a>| {
            let broken = broken(one, errors);
            self.within(one.loops.clone(), |reader| reader.policy(one, broken))
        };
        resources.iter().map(policy).collect()
    }

    fn policy(&mut self, resource: &Resource<'a>, broken: Option<Unknown>) -> BucketPolicy {
        let properties = resource.node.get("Properties");
        let exists = self.exists(resource.node);
        let (mut bucket, mut document) = match macro_inside(resource.node) {
            Some(unknown) => (Value::unknown(unknown.clone()), Value::unknown(unknown)),
            None => self.evaluated_where(exists.clone(), |reader| {
                let bucket = reader.by_sides(properties, &mut |reader, one| reader.policy_bucket(one, resource));
                let document = reader.by_sides(properties, &mut |reader, one| reader.policy_document(one, resource));
                (bucket, document)
            }),
        };
        // A loop over a collection that is not known may have no turn at all. Only a bucket of the same loop is there
        // as often as the policy.
        let exists =
            if has_mark(&resource.id) && !hangs_on_loop(&bucket) { exists.and(turns(resource)) } else { exists };
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
            exists,
            reach: None,
        }
    }

    /// Something of a resource's properties, which may be a choice as a whole.
    fn by_sides(
        &mut self,
        properties: Option<Node<'a>>,
        read: &mut dyn FnMut(&mut Self, Option<Node<'a>>) -> Value,
    ) -> Value {
        let call = properties.and_then(|node| Call::of(node, false));
        let Some(call) = call else { return read(self, properties) };
        let items = call.items();
        let (Function::If, [name, then, otherwise], true) = (&call.function, items.as_slice(), self.enter()) else {
            let cause = format!("`{}` stands for all properties", call.name);
            return Value::unknown(Unknown::new(cause, call.span, "write the properties out"));
        };
        let condition = self.condition_of_if(*name);
        let side = |node: Node<'a>| Some(node).filter(|node| !is_no_value(*node));
        let yes = self.under(&condition, |reader| reader.by_sides(side(*then), read));
        let not = Condition::Not(Arc::new(condition.clone()));
        let no = self.under(&not, |reader| reader.by_sides(side(*otherwise), read));
        self.leave();
        choice::choose(condition, yes, no, call.span)
    }

    /// The bucket that a policy names.
    fn policy_bucket(&mut self, properties: Option<Node<'a>>, resource: &Resource<'a>) -> Value {
        let Some(value) = self.policy_property(properties, "Bucket", &mut Self::finished_value) else {
            return Value::new(resource.key_span, Data::Absent);
        };
        if matches!(&value.data, Data::Text(text) if text.shown().starts_with("arn:")) {
            let message = "`Bucket` takes the name of a bucket, and this is an ARN: write `!Ref` with the bucket's id";
            self.notice(message, value.span);
        }
        value
    }

    /// The value of a property of a bucket policy. Null is none.
    fn policy_property(
        &mut self,
        properties: Option<Node<'a>>,
        name: &str,
        read: &mut dyn FnMut(&mut Self, Node<'a>) -> Value,
    ) -> Option<Value> {
        self.tell_misnamed(properties?, OF_POLICY);
        self.property(properties, name, read).filter(|value| value.data != Data::Null)
    }

    fn policy_document(&mut self, properties: Option<Node<'a>>, resource: &Resource<'a>) -> Value {
        let mut read = |reader: &mut Self, node: Node<'a>| {
            let value = reader.document(node);
            reader.finished(value)
        };
        let document = self.policy_property(properties, "PolicyDocument", &mut read);
        document.unwrap_or_else(|| Value::new(resource.key_span, Data::Absent))
    }

    /// Where a resource exists: its `Condition`.
    pub(super) fn exists(&mut self, node: Node<'a>) -> Condition {
        let own = node.get("Condition").map_or(Condition::Always, |condition| self.condition_of_if(condition));
        self.loops.iter().map(|turn| turn.exists().clone()).fold(own, Condition::and)
    }
}

/// Whether a text names a type of resource, and is none that a tool writes over first (`${file(p.yaml)}`).
fn is_type(text: &str) -> bool {
    text.contains("::") && !text.contains(['$', '{']) && !has_mark(text)
}

/// Whether a type is none, and one of ours but for how it is spelled.
fn is_almost(kind: &str, known: &str) -> bool {
    kind != known && suggest::is_spelled_like(kind, known)
}

/// `!Ref AWS::NoValue`.
fn is_no_value(node: Node<'_>) -> bool {
    Call::of(node, false)
        .is_some_and(|call| call.function == Function::Ref && call.argument.text() == Some("AWS::NoValue"))
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

/// Whether a loop over a collection that is not known reaches a value.
fn hangs_on_loop(value: &Value) -> bool {
    let mut found = false;
    value.visit(&mut |met| {
        if let Met::Text(text) = met {
            found |= text.symbols().any(is_of_loop);
        }
        true
    });
    found
}

/// Whether a symbol stands for a loop's variable, or for something that such a loop makes.
fn is_of_loop(symbol: &Symbol) -> bool {
    match symbol.name() {
        Name::Element(..) => true,
        Name::Bucket(id) | Name::BucketName(id) | Name::Attribute(id, _) => has_mark(id),
        Name::Part(whole, _) => is_of_loop(whole),
        Name::Item(item) => is_of_loop(&item.of),
        _ => false,
    }
}

/// Where a loop over a collection that is not known has a turn.
fn turns(resource: &Resource<'_>) -> Condition {
    let cause = format!("it is not known whether the loop makes policy `{}` at all", resource.address);
    Condition::Unknown(Arc::new(Unknown::new(cause, resource.key_span, "write the loop's collection out")))
}
