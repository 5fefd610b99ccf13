//! The model of a plan: its buckets and bucket policies, each with its document and its link.

use super::identity::Identities;
use super::link::{Context, Target, one_bucket, references, shown, targets};
use super::plan::Kind;
use super::rebuild::{REMEDY, Rebuild};
use super::sensitive::{is_sensitive, redacted};
use super::source::same_policy;
use super::view::{Instance, View, expression_of, value_of};
use crate::model::{Bucket, BucketPolicy, Condition, Data, Notice, Style, Template, Text, Unknown, Value};
use crate::source::Span;
use crate::syntax::{Node, Tree};
use std::rc::Rc;
use std::sync::Arc;

/// The argument by which common modules turn on a Deny of insecure transport.
const MODULE_SWITCH: &str = "attach_deny_insecure_transport_policy";

/// The source that a plan was made from, as far as it is at hand.
pub(super) trait Origin {
    /// What an argument of an instance evaluates to.
    fn argument(&self, address: &str, name: &str) -> Option<Value>;
    /// Where the block of an instance stands.
    fn place(&self, address: &str) -> Option<Place>;
}

/// Where a block stands.
pub(super) struct Place {
    /// Where a person would change it.
    pub(super) span: Span,
    /// Where the block is written, when that is in code that is not the user's.
    pub(super) made_at: Option<Span>,
}

/// Builds the template of a plan.
pub(super) struct Builder<'x, 'v> {
    pub(super) view: &'x View<'v>,
    pub(super) identities: &'x Identities,
    pub(super) origin: Option<&'x dyn Origin>,
}

/// An instance with all that is known of it.
struct Subject<'y, 'v> {
    address: &'y str,
    instance: &'y Instance,
    entry: Tree,
    block: Option<Rc<Tree>>,
    context: Option<Context<'v>>,
}

impl Subject<'_, '_> {
    fn expression(&self, name: &str) -> Option<Node<'_>> {
        expression_of(self.block.as_ref()?, name)
    }

    /// A known text.
    fn text(&self, name: &str) -> Option<Node<'_>> {
        value_of(&self.entry, name).filter(|value| value.string().is_some())
    }
}

impl<'v> Builder<'_, 'v> {
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
            format: if skeleton.is_state { super::STATE } else { super::PLAN },
            style: if documents { Style::HclDocument } else { Style::HclJson },
            buckets: buckets.collect(),
            policies,
            exports: Vec::new(),
            outputs: Vec::new(),
            nested: Vec::new(),
            parameters: Vec::new(),
            incomplete: self.incomplete(),
            errors: Vec::new(),
            notices: self.notices(),
        }
    }

    fn incomplete(&self) -> Option<Unknown> {
        let skeleton = self.view.skeleton;
        if let Some(span) = skeleton.errored {
            let cause = "planning failed half-way, so resources are missing from the plan";
            return Some(Unknown::new(cause, span, "mend the errors of `terraform plan` first"));
        }
        let cause = "the plan is not complete: it was made with `-target`, or parts of it are deferred";
        skeleton.incomplete.map(|span| Unknown::new(cause, span, "make the plan without `-target`"))
    }

    fn notices(&self) -> Vec<Notice> {
        let other = |(address, instance): (&str, &Instance)| Notice {
            message: format!("`{address}` is not checked: only buckets of type `aws_s3_bucket` are"),
            span: self.place(address, instance).span,
        };
        self.view.existing(Kind::OtherBucket).map(other).collect()
    }

    fn place(&self, address: &str, instance: &Instance) -> Place {
        let written = self.origin.and_then(|origin| origin.place(address));
        written.unwrap_or(Place { span: instance.span, made_at: None })
    }

    fn subject<'y>(&self, address: &'y str, instance: &'y Instance) -> Subject<'y, 'v> {
        Subject {
            address,
            instance,
            entry: self.view.tree(instance.span),
            block: self.view.block(&instance.address),
            context: Context::of(self.view, &instance.address),
        }
    }

    fn bucket(&self, address: &str, instance: &Instance) -> Option<Bucket> {
        let identity = self.identities.get(address)?;
        let module = self.view.module(&instance.address.modules);
        let has_switch = !instance.address.modules.is_empty()
            && module.is_some_and(|module| module.variables.contains_key(MODULE_SWITCH));
        let place = self.place(address, instance);
        Some(Bucket {
            address: address.to_owned(),
            reference: super::address::Address { modules: Vec::new(), ..instance.address.clone() }.to_string(),
            path: None,
            span: place.span,
            symbol: identity.symbol.clone(),
            name: identity.name.clone(),
            exists: Condition::Always,
            inline_policy: self.inline_policy(address, instance, place.span),
            module_switch: has_switch.then(|| MODULE_SWITCH.to_owned()),
            made_at: place.made_at,
        })
    }

    /// The deprecated argument `policy` of a bucket. It is optional and computed: in a plan its value may be what is in
    /// AWS now, so it counts only where configuration sets it.
    fn inline_policy(&self, address: &str, instance: &Instance, span: Span) -> Option<BucketPolicy> {
        let subject = self.subject(address, instance);
        let known = subject.text("policy");
        if known.is_some_and(|policy| policy.text().is_none_or(|text| text.trim().is_empty())) {
            return None;
        }
        let expression = subject.expression("policy");
        if self.view.skeleton.is_state {
            known?;
        } else {
            let targets = targets(self.view, expression?, subject.context.as_ref()?);
            if targets.iter().all(|target| *target == Target::Known { empty: true }) {
                return None;
            }
        }
        Some(BucketPolicy {
            address: address.to_owned(),
            span,
            bucket: Value::new(span, Data::Text(Text::hole(self.identities.get(address)?.symbol.clone()))),
            document: self.document(&subject, Some(address.to_owned()))?,
            exists: Condition::Always,
            style: style(expression),
        })
    }

    fn policy(&self, address: &str, instance: &Instance) -> BucketPolicy {
        let subject = self.subject(address, instance);
        let (bucket, owner) = self.named_bucket(&subject);
        let span = self.place(address, instance).span;
        BucketPolicy {
            address: address.to_owned(),
            span,
            bucket,
            document: self.document(&subject, owner).unwrap_or_else(|| Value::new(span, Data::Null)),
            exists: Condition::Always,
            style: style(subject.expression("policy")),
        }
    }

    /// The bucket that a policy names, and its address where it is one of the plan.
    fn named_bucket(&self, subject: &Subject<'_, 'v>) -> (Value, Option<String>) {
        let written = self.origin.and_then(|origin| origin.argument(subject.address, "bucket"));
        let place = written.as_ref().map(|value| value.span);
        if let Some(name) = subject.text("bucket") {
            let text = name.text().unwrap_or("");
            let owner = self.identities.named(text).map(str::to_owned);
            return (Value::text(place.unwrap_or(name.span()), text), owner);
        }
        let expression = subject.expression("bucket");
        let targets = match (expression, &subject.context) {
            (Some(expression), Some(context)) => targets(self.view, expression, context),
            _ => Vec::new(),
        };
        let span = place.or(expression.map(Node::span)).unwrap_or(subject.instance.span);
        let hole = |address: &str| {
            let symbol = &self.identities.get(address)?.symbol;
            Some(Value::new(span, Data::Text(Text::hole(symbol.clone()))))
        };
        // References do not tell what an expression does with them (`"${aws_s3_bucket.b.id}-logs"`); the source does.
        let other = |address: &str| {
            let text = written.as_ref().and_then(Value::scalar_text);
            let identity = self.identities.get(address);
            text.zip(identity).is_some_and(|(text, identity)| {
                text != identity.reference() && text.as_symbol() != Some(&identity.symbol)
            })
        };
        let one = one_bucket(&targets).filter(|address| !other(address));
        if let Some((address, value)) = one.and_then(|address| Some((address, hole(address)?))) {
            return (value, Some(address.to_owned()));
        }
        let mut buckets = targets.iter().filter_map(|target| match target {
            Target::Bucket(bucket) => Some(bucket.address.as_str()),
            _ => None,
        });
        let likely = buckets.next().filter(|_| buckets.next().is_none());
        let owner = likely.map(str::to_owned);
        if let Some(value) = written.filter(|value| matches!(value.data, Data::Text(_) | Data::Choice { .. })) {
            return (value, owner);
        }
        let cause = format!("`bucket` is known only after apply{}", shown(expression));
        let mut unknown = Unknown::new(cause, span, REMEDY);
        unknown.likely = likely.and_then(hole).map(Arc::new);
        (Value::unknown(unknown), owner)
    }

    /// The document of a `policy` argument; `None` where the source says that there is none.
    ///
    /// What the plan knows counts. Its places are those of the source, where that says the same.
    fn document(&self, subject: &Subject<'_, 'v>, bucket: Option<String>) -> Option<Value> {
        if is_sensitive(&subject.entry, "policy") {
            let text = subject.text("policy");
            if let Some(text) = text.and_then(Node::text) {
                return Some(redacted(text, self.place(subject.address, subject.instance).span));
            }
        }
        let written = self.origin.and_then(|origin| origin.argument(subject.address, "policy"));
        let written = written.map(super::json::as_document);
        if let Some(policy) = subject.text("policy") {
            let known = super::json::document_text(policy);
            return Some(written.filter(|written| same_policy(written, &known)).unwrap_or(known));
        }
        if written.as_ref().is_some_and(|written| matches!(written.data, Data::Null | Data::Absent)) {
            return None;
        }
        if let Some(written) = written.as_ref().filter(|written| is_known(written)) {
            return Some(written.clone());
        }
        let documents = Rebuild::new(self.view, self.identities, bucket);
        let (expression, context) = (subject.expression("policy"), subject.context.as_ref());
        let rebuilt = documents.policy("policy", subject.instance.span, expression, context);
        let written = written.filter(|written| !is_known(&rebuilt) && !matches!(written.data, Data::Unknown(_)));
        Some(written.unwrap_or(rebuilt))
    }
}

/// Whether no part of a value is unknown. Texts with holes are known: their structure is.
fn is_known(value: &Value) -> bool {
    match &value.data {
        Data::Unknown(_) => false,
        Data::List(items) => items.iter().all(is_known),
        Data::Map(entries) => entries.iter().all(|entry| is_known(&entry.value)),
        Data::Json(inner) => is_known(inner),
        Data::Choice { then, otherwise, .. } => is_known(then) && is_known(otherwise),
        _ => true,
    }
}

fn style(expression: Option<Node<'_>>) -> Style {
    let references = expression.map(references).unwrap_or_default();
    let document = references.iter().any(|reference| reference.starts_with("data.aws_iam_policy_document."));
    if document { Style::HclDocument } else { Style::HclJson }
}

fn names(policy: &BucketPolicy, bucket: &Bucket) -> bool {
    let named = policy.bucket.scalar_text();
    named.is_some() && named == bucket.name
}
