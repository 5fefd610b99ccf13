//! The model of a plan: its buckets and bucket policies, each with its document and its link.

use super::link::{Context, Target, one_bucket, targets};
use super::plan::Kind;
use super::rebuild::{Buckets, REMEDY, Rebuild};
use super::sensitive::{is_sensitive, redacted};
use super::view::{Instance, View};
use crate::model::{
    Bucket, BucketPolicy, Condition, Data, Format, Notice, Style, Symbol, SymbolKind, Template, Text, Unknown, Value,
};
use crate::source::Span;
use crate::syntax::{Node, Tree};
use std::collections::BTreeMap;

/// The argument by which common modules turn on a Deny of insecure transport.
const MODULE_SWITCH: &str = "attach_deny_insecure_transport_policy";

/// Builds the template of a plan.
pub(super) struct Builder<'x, 'v> {
    view: &'x View<'v>,
    symbols: BTreeMap<String, Symbol>,
    names: BTreeMap<String, Option<Text>>,
    arns: Buckets,
}

impl<'x, 'v> Builder<'x, 'v> {
    pub(super) fn new(view: &'x View<'v>) -> Self {
        let mut builder = Self { view, symbols: BTreeMap::new(), names: BTreeMap::new(), arns: BTreeMap::new() };
        for (address, instance) in view.existing(Kind::Bucket) {
            builder.identify(address, instance);
        }
        builder
    }

    /// What the bucket is called, and how references to it are written.
    fn identify(&mut self, address: &str, instance: &Instance) {
        let file = self.view.source.id().0;
        let cause = format!("the name of `{address}` is known only after apply");
        let unknown = Unknown::new(cause, instance.span, "give the bucket a name with the argument `bucket`");
        let key = format!("{file}:bucket:{address}");
        let symbol = Symbol::new(key, SymbolKind::BucketName, format!("${{{address}}}"), unknown);
        let name = self.name(address, instance);
        let mut arn = Text::literal("arn:aws:s3:::");
        match name.as_ref().filter(|name| name.as_literal().is_some()) {
            Some(name) => arn.push(name),
            None => arn.push(&Text::hole(symbol.clone())),
        }
        self.symbols.insert(address.to_owned(), symbol);
        self.names.insert(address.to_owned(), name);
        self.arns.insert(address.to_owned(), arn);
    }

    /// The bucket's name: known; a text of another resource; or `None` for one that the provider makes up, which it
    /// does where `bucket` is not set.
    fn name(&self, address: &str, instance: &Instance) -> Option<Text> {
        let entry = self.view.tree(instance.span);
        if let Some(name) = value_of(&entry, "bucket").and_then(Node::text).filter(|name| !name.is_empty()) {
            return Some(Text::literal(name));
        }
        let block = self.view.block(&instance.address);
        let expression = block.as_ref().and_then(|block| expression(block, "bucket"));
        if block.is_some() && expression.is_none() {
            return None;
        }
        let refers = super::link::shown(expression);
        let span = expression.map_or(instance.span, Node::span);
        let unknown = Unknown::new(format!("the name of `{address}` is known only after apply{refers}"), span, REMEDY);
        let key = format!("{}:name:{address}", self.view.source.id().0);
        Some(Text::hole(Symbol::new(key, SymbolKind::Attribute, format!("${{{address}.bucket}}"), unknown)))
    }

    pub(super) fn template(&self) -> Template {
        let skeleton = self.view.skeleton;
        let policies: Vec<BucketPolicy> =
            self.view.existing(Kind::Policy).map(|(address, instance)| self.policy(address, instance)).collect();
        let buckets = self.view.existing(Kind::Bucket).filter_map(|(address, instance)| {
            let mut bucket = self.bucket(address, instance)?;
            // A state shows the policy in AWS with the bucket too, where another resource has put it there.
            if skeleton.is_state && policies.iter().any(|policy| names(policy, &bucket)) {
                bucket.inline_policy = None;
            }
            Some(bucket)
        });
        let documents = self.view.blocks().iter().any(|block| block.contains("data.aws_iam_policy_document."));
        Template {
            format: if skeleton.is_state { Format::TerraformState } else { Format::TerraformPlan },
            style: if documents { Style::HclDocument } else { Style::HclJson },
            buckets: buckets.collect(),
            policies,
            exports: Vec::new(),
            parameters: Vec::new(),
            incomplete: self.incomplete(),
            notices: self.notices(),
        }
    }

    fn incomplete(&self) -> Option<Unknown> {
        let skeleton = self.view.skeleton;
        let because = |span: &Span, cause: &str, remedy: &str| Unknown::new(cause, *span, remedy);
        let errored = skeleton.errored.as_ref().map(|span| {
            because(
                span,
                "planning failed half-way, so resources are missing from the plan",
                "mend the plan's errors first",
            )
        });
        errored.or_else(|| {
            let cause = "the plan is not complete: it was made with `-target`, or parts of it are deferred";
            skeleton.incomplete.as_ref().map(|span| because(span, cause, "make the plan without `-target`"))
        })
    }

    fn notices(&self) -> Vec<Notice> {
        let other = |(address, instance): (&str, &Instance)| Notice {
            message: format!("`{address}` is not checked: only buckets of type `aws_s3_bucket` are"),
            span: instance.span,
        };
        self.view.existing(Kind::OtherBucket).map(other).collect()
    }

    fn bucket(&self, address: &str, instance: &Instance) -> Option<Bucket> {
        let module = self.view.module(&instance.address.modules);
        let has_switch = !instance.address.modules.is_empty()
            && module.is_some_and(|module| module.variables.contains_key(MODULE_SWITCH));
        Some(Bucket {
            address: address.to_owned(),
            reference: super::address::Address { modules: Vec::new(), ..instance.address.clone() }.to_string(),
            path: None,
            span: instance.span,
            symbol: self.symbols.get(address)?.clone(),
            name: self.names.get(address)?.clone(),
            exists: Condition::Always,
            inline_policy: self.inline_policy(address, instance),
            module_switch: has_switch.then(|| MODULE_SWITCH.to_owned()),
            made_at: None,
        })
    }

    /// The deprecated argument `policy` of a bucket. It is optional and computed: in a plan its value may be what is in
    /// AWS now, so it counts only where configuration sets it.
    fn inline_policy(&self, address: &str, instance: &Instance) -> Option<BucketPolicy> {
        let entry = self.view.tree(instance.span);
        let known = value_of(&entry, "policy").filter(|policy| policy.string().is_some());
        let context = Context::of(self.view, &instance.address);
        let block = self.view.block(&instance.address);
        let expression = block.as_ref().and_then(|block| expression(block, "policy"));
        if known.is_some_and(|policy| policy.text().is_none_or(|text| text.trim().is_empty())) {
            return None;
        }
        if !self.view.skeleton.is_state {
            let targets = targets(self.view, expression?, context.as_ref()?);
            if targets.iter().all(|target| *target == Target::Known { empty: true }) {
                return None;
            }
        }
        if self.view.skeleton.is_state && known.is_none() {
            return None;
        }
        let document = self.document(&entry, instance, expression, context.as_ref(), Some(address.to_owned()));
        Some(BucketPolicy {
            address: address.to_owned(),
            span: instance.span,
            bucket: Value::new(instance.span, Data::Text(Text::hole(self.symbols.get(address)?.clone()))),
            document,
            exists: Condition::Always,
            style: style(expression),
        })
    }

    fn policy(&self, address: &str, instance: &Instance) -> BucketPolicy {
        let entry = self.view.tree(instance.span);
        let context = Context::of(self.view, &instance.address);
        let block = self.view.block(&instance.address);
        let argument = |name: &str| block.as_ref().and_then(|block| expression(block, name));
        let (bucket, owner) = self.named_bucket(&entry, instance, argument("bucket"), context.as_ref());
        let document = self.document(&entry, instance, argument("policy"), context.as_ref(), owner);
        BucketPolicy {
            address: address.to_owned(),
            span: instance.span,
            bucket,
            document,
            exists: Condition::Always,
            style: style(argument("policy")),
        }
    }

    /// The bucket that a policy names, and its address where it is one of the plan.
    fn named_bucket(
        &self,
        entry: &Tree,
        instance: &Instance,
        expression: Option<Node<'_>>,
        context: Option<&Context<'v>>,
    ) -> (Value, Option<String>) {
        if let Some(name) = value_of(entry, "bucket").filter(|name| name.string().is_some()) {
            let text = name.text().unwrap_or("");
            let owner = self
                .names
                .iter()
                .find(|(_, known)| known.as_ref().and_then(Text::as_literal).is_some_and(|known| known == text));
            return (Value::text(name.span(), text), owner.map(|(address, _)| address.clone()));
        }
        let targets = match (expression, context) {
            (Some(expression), Some(context)) => targets(self.view, expression, context),
            _ => Vec::new(),
        };
        let span = expression.map_or(instance.span, Node::span);
        let hole = |address: &str| {
            let symbol = self.symbols.get(address)?;
            Some(Value::new(span, Data::Text(Text::hole(symbol.clone()))))
        };
        if let Some(address) = one_bucket(&targets) {
            if let Some(value) = hole(address) {
                return (value, Some(address.to_owned()));
            }
        }
        let cause = format!("`bucket` is known only after apply{}", super::link::shown(expression));
        let mut unknown = Unknown::new(cause, span, REMEDY);
        let mut buckets = targets.iter().filter_map(|target| match target {
            Target::Bucket(bucket) => Some(bucket.address.as_str()),
            _ => None,
        });
        let likely = buckets.next().filter(|_| buckets.next().is_none());
        unknown.likely = likely.and_then(hole).map(std::sync::Arc::new);
        (Value::unknown(unknown), likely.map(str::to_owned))
    }

    /// The document of a `policy` argument.
    fn document(
        &self,
        entry: &Tree,
        instance: &Instance,
        expression: Option<Node<'_>>,
        context: Option<&Context<'v>>,
        bucket: Option<String>,
    ) -> Value {
        if let Some(policy) = value_of(entry, "policy").filter(|policy| policy.string().is_some()) {
            if is_sensitive(entry, "policy") {
                return redacted(policy.text().unwrap_or(""), instance.span);
            }
            return super::json::document_text(policy);
        }
        let rebuild = Rebuild::new(self.view, &self.arns, bucket);
        rebuild.policy("policy", instance.span, expression, context)
    }
}

/// A value of an instance's entry.
fn value_of<'t>(entry: &'t Tree, name: &str) -> Option<Node<'t>> {
    entry.root()?.get("values")?.get(name)
}

/// An argument of a block of the configuration.
fn expression<'t>(block: &'t Tree, name: &str) -> Option<Node<'t>> {
    block.root()?.get("expressions")?.get(name)
}

fn style(expression: Option<Node<'_>>) -> Style {
    let references = expression.map(super::link::references).unwrap_or_default();
    let document = references.iter().any(|reference| reference.starts_with("data.aws_iam_policy_document."));
    if document { Style::HclDocument } else { Style::HclJson }
}

fn names(policy: &BucketPolicy, bucket: &Bucket) -> bool {
    let named = policy.bucket.scalar_text();
    named.is_some() && named == bucket.name
}
