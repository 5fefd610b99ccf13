//! The model of a plan: its buckets and bucket policies, each with its document and its link.

use super::super::bucket_settings::{self, ByName, Setting};
use super::super::deferred::link::{Context, Found, Known, Target, one_bucket, shown, targets};
use super::super::deferred::reach::{Reaches, denies_on};
use super::super::deferred::rebuild::{REMEDY, Rebuild, bucket_address};
use super::super::names;
use super::super::plan::Kind;
use super::super::plan::view::{Instance, View, expression_of, value_of};
use super::super::source::{MODULE_SWITCH, same_policy};
use super::super::stacks;
use super::super::{PLAN, STATE, json};
use super::identity::{Identities, Identity, prefixed};
use super::sensitive::{is_sensitive, redacted};
use super::standing::{Standing, is_set};
use crate::frontend::{body, special};
use crate::model::partition::partition_of;
use crate::model::{
    Body, Bucket, BucketPolicy, BucketSettings, Condition, Data, Home, ModuleSwitch, NestedStack, Notice, Reach,
    Template, Text, Unknown, Value,
};
use crate::source::Span;
use crate::syntax::{Node, Tree};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// The source that a plan was made from, as far as it is at hand.
pub(crate) trait Origin {
    /// What an argument of an instance evaluates to.
    fn argument(&self, address: &str, name: &str) -> Option<Value>;
    /// Where the block of an instance stands.
    fn place(&self, address: &str) -> Option<Place>;
    /// The text of an argument of an instance, if all of it is known, with where it is written.
    fn text(&self, address: &str, name: &str) -> Option<Body>;
}

/// Where a block stands.
pub(crate) struct Place {
    /// Where a person would change it.
    pub(crate) span: Span,
    /// Where the block is written, when that is in code that is not the user's.
    pub(crate) made_at: Option<Span>,
    /// The module call that can turn the Deny on.
    pub(crate) switch: Option<Span>,
}

/// Builds the template of a plan.
pub(crate) struct Builder<'x, 'v> {
    pub(crate) view: &'x View<'v>,
    pub(crate) identities: &'x Identities,
    pub(crate) origin: Option<&'x dyn Origin>,
    pub(crate) reaches: Reaches<'x, 'v>,
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
    pub(crate) fn template(&self) -> Template {
        let skeleton = self.view.skeleton;
        let mut policies: Vec<BucketPolicy> =
            self.view.existing(Kind::Policy).map(|(address, instance)| self.policy(address, instance)).collect();
        let mut notices = Vec::new();
        let mut special = self.special();
        policies.retain(|policy| !self.is_of_other_bucket(policy, &mut special));
        let (mut buckets, left) = {
            let standing = Standing::new(self.view, self.identities, &policies);
            let buckets = self.view.existing(Kind::Bucket).filter_map(|(address, instance)| {
                let mut bucket = self.bucket(address, instance)?;
                if bucket.inline_policy.is_some() && !is_set(self.view, instance) && !standing.keeps_own(&bucket) {
                    bucket.inline_policy = None;
                }
                Some(bucket)
            });
            let buckets: Vec<Bucket> = buckets.collect();
            let left = policies.iter().map(|policy| standing.left_behind(policy));
            (buckets, left.collect::<Vec<_>>())
        };
        notices.extend(
            policies
                .iter()
                .zip(&left)
                .filter_map(|(policy, left)| Some(Notice { message: left.clone()?, span: policy.span })),
        );
        let mut stands = left.iter().map(Option::is_none);
        policies.retain(|_| stands.next().unwrap_or(true));
        self.settings(&mut buckets);
        let stacks = self.view.existing(Kind::Stack).map(|(address, instance)| self.stacks(address, instance));
        let (nested, not_followed): (Vec<_>, Vec<_>) = stacks.unzip();
        notices.extend(not_followed.into_iter().flatten());
        Template {
            format: if skeleton.is_state { STATE } else { PLAN },
            buckets,
            policies,
            outputs: Arc::default(),
            nested: nested.concat(),
            declared: Vec::new(),
            parameters: Vec::new(),
            assertions: Vec::new(),
            choices: Vec::new(),
            incomplete: self.incomplete(),
            errors: Vec::new(),
            rewritten: false,
            notices,
            unfit: Vec::new(),
            unchecked: special::not_checked(special),
            suppressions: Vec::new(),
        }
    }

    /// Stacks whose templates may hold buckets.
    fn stacks(&self, address: &str, instance: &Instance) -> (Vec<NestedStack>, Option<Notice>) {
        let subject = self.subject(address, instance);
        let span = self.place(address, instance).span;
        let hides = |name: &str| is_sensitive(&subject.entry, name);
        let known = subject.text(stacks::BODY).filter(|_| !hides(stacks::BODY)).and_then(body::of_node);
        let written = self.origin.and_then(|origin| origin.text(address, stacks::BODY));
        // What the plan knows counts; its places are those of the source, where that says the same.
        let body = match (known, written) {
            (Some(known), Some(written)) if written.text == known.text => Some(written),
            (Some(known), _) => Some(known),
            (None, written) => written.filter(|_| !hides(stacks::BODY)),
        };
        let url = subject.text(stacks::URL).map(json::plain);
        let argument = |name: &str| {
            let written = self.origin.and_then(|origin| origin.argument(address, name));
            written.unwrap_or_else(|| {
                let change = self.view.change(address).map(|change| self.view.tree(change));
                let handed = self.handed(&subject, name);
                stacks::planned(value_of(&subject.entry, name), name, change.as_ref(), span, handed)
            })
        };
        let unclear = self.origin.and_then(|origin| origin.argument(address, stacks::BODY));
        let unclear = unclear.or_else(|| self.handed(&subject, stacks::BODY));
        let exists = Condition::Always;
        let (parameters, groups) = (Some(argument(stacks::PARAMETERS)), Some(argument(stacks::GROUPS)));
        let known = stacks::Known { span, body, unclear, url, parameters, groups, exists };
        known.stacks(&instance.address, Path::new(self.view.source.path()))
    }

    /// The buckets that an argument refers to: what is made of them is not known, but that they are handed on.
    fn handed(&self, subject: &Subject<'_, 'v>, argument: &str) -> Option<Value> {
        let expression = subject.expression(argument)?;
        let found = targets(self.view, expression, subject.context.as_ref()?);
        let buckets = found.targets.iter().filter_map(|target| self.identities.get(bucket_address(target)?));
        let names: Vec<Value> =
            buckets.map(|bucket| Value::new(expression.span(), Data::Text(bucket.reference()))).collect();
        (!names.is_empty()).then(|| Value::list(expression.span(), names))
    }

    fn incomplete(&self) -> Option<Unknown> {
        let skeleton = self.view.skeleton;
        if let Some(span) = skeleton.errored {
            let cause = "planning failed half-way, so resources are missing from the plan";
            return Some(Unknown::new(cause, span, "fix the errors of `terraform plan` first"));
        }
        if let Some((element, _)) = skeleton.deferred.first() {
            let cause = "the plan is not complete: Terraform defers parts of it until what they hang on is known";
            let span = skeleton.incomplete.unwrap_or(element.span);
            return Some(Unknown::new(cause, span, "apply the plan, and make another one"));
        }
        let cause = "the plan is not complete: it was made with `-target`";
        skeleton.incomplete.map(|span| Unknown::new(cause, span, "make the plan without `-target`"))
    }

    /// Where buckets are that are none of S3's general purpose buckets, and their policies.
    fn special(&self) -> Vec<(special::Names, Span)> {
        let each = self.view.existing(Kind::OtherBucket).filter_map(|(address, instance)| {
            let resource = instance.address.resource.as_ref()?;
            Some((special::names(&resource.kind)?, self.place(address, instance).span))
        });
        each.collect()
    }

    /// Whether a policy is on a bucket that is none of S3's general purpose buckets: it speaks of other actions.
    fn is_of_other_bucket(&self, policy: &BucketPolicy, special: &mut Vec<(special::Names, Span)>) -> bool {
        let text = policy.bucket.scalar_text();
        let named = text.as_ref().is_some_and(special::is_directory_name);
        let refers = || {
            let instance = self.view.instance(&policy.address)?;
            let block = self.view.block(&instance.address)?;
            let (expression, context) = (expression_of(&block, "bucket")?, Context::of(self.view, &instance.address)?);
            let found = targets(self.view, expression, &context);
            let is_other = |target: &Target| match target {
                Target::Attribute(reference) => {
                    let kind = reference.split('.').next().unwrap_or("");
                    special::names(kind).is_some()
                }
                _ => false,
            };
            Some(!found.targets.is_empty() && found.targets.iter().all(is_other))
        };
        let is_unknown = text.as_ref().is_none_or(|text| text.as_literal().is_none());
        if !(named || is_unknown && refers() == Some(true)) {
            return false;
        }
        special.extend(special::names("AWS::S3Express::BucketPolicy").map(|names| (names, policy.span)));
        true
    }

    fn place(&self, address: &str, instance: &Instance) -> Place {
        let written = self.origin.and_then(|origin| origin.place(address));
        written.unwrap_or(Place { span: instance.span, made_at: None, switch: None })
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
            path: None,
            span: place.span,
            symbol: identity.symbol.clone(),
            name: self.name(identity, address, instance),
            exists: Condition::Always,
            inline_policy: self.inline_policy(address, instance, place.span),
            module_switch: has_switch
                .then(|| ModuleSwitch { argument: MODULE_SWITCH.to_owned(), call: place.switch.unwrap_or(place.span) }),
            made_at: place.made_at,
            settings: self.own_settings(address, instance, place.span),
        })
    }

    /// What a bucket itself says of it being a website (deprecated, and computed: only configuration counts), and of the
    /// partition that it is in.
    fn own_settings(&self, address: &str, instance: &Instance, span: Span) -> BucketSettings {
        let subject = self.subject(address, instance);
        let website = subject.expression("website").map(|_| span);
        let of_arn = |arn: &str| Home::named(arn.strip_prefix("arn:")?.split_once(':')?.0);
        let known = |name: &str| value_of(&subject.entry, name).and_then(Node::text);
        let of_region = || known("region").and_then(partition_of).and_then(|one| Home::named(one.name));
        let partition = known("arn").and_then(of_arn).or_else(of_region);
        BucketSettings { website, partition, ..BucketSettings::default() }
    }

    /// Settings that are resources of their own: what they say of the bucket that they name, or most probably name.
    fn settings(&self, buckets: &mut [Bucket]) {
        let by_name = ByName::of(buckets);
        for (address, instance) in self.view.existing(Kind::Access) {
            let Some(setting) = Setting::of(&instance.address) else { continue };
            let subject = self.subject(address, instance);
            let is_on = value_of(&subject.entry, bucket_settings::BLOCKS).and_then(Node::text) == Some("true");
            if setting == Setting::BlocksPublicPolicy && !is_on {
                continue;
            }
            let named = self.named_bucket(&subject, "policy").bucket;
            let named = match &named.data {
                Data::Unknown(unknown) => unknown.likely.as_deref().and_then(Value::scalar_text),
                _ => named.scalar_text(),
            };
            if let Some(named) = named {
                by_name.set(&named, setting, self.place(address, instance).span, buckets);
            }
        }
    }

    /// The name of a bucket. One that the plan does not know is what the source makes of it: the unknown parts of its
    /// text may stand in the policy too.
    fn name(&self, identity: &Identity, address: &str, instance: &Instance) -> Option<Text> {
        let Some(name) = &identity.name else {
            let argument = names::of_prefix(&instance.address);
            let prefix = self.origin?.argument(address, argument)?.scalar_text()?;
            return Some(prefixed(self.view, address, instance, &prefix));
        };
        if name.as_literal().is_some() {
            return Some(name.clone());
        }
        let written = self.origin.and_then(|origin| origin.argument(address, names::of_bucket(&instance.address)));
        match written.map(|written| written.data) {
            Some(Data::Text(text)) if text.as_literal() != Some("") => Some(text),
            _ => Some(name.clone()),
        }
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
        match expression {
            None => {
                known?;
            }
            Some(_) if self.view.skeleton.is_state => {
                known?;
            }
            Some(expression) => {
                let found = targets(self.view, expression, subject.context.as_ref()?);
                if found.targets.iter().all(|target| *target == Target::Known(Known::Nothing)) {
                    return None;
                }
            }
        }
        Some(BucketPolicy {
            address: address.to_owned(),
            span,
            bucket: Value::new(span, Data::Text(Text::hole(self.identities.get(address)?.symbol.clone()))),
            document: self.document(&subject, "policy", Some(address.to_owned()))?,
            exists: Condition::Always,
            reach: None,
        })
    }

    fn policy(&self, address: &str, instance: &Instance) -> BucketPolicy {
        let subject = self.subject(address, instance);
        let argument = names::of_document(&instance.address);
        let named = self.named_bucket(&subject, argument);
        let span = self.place(address, instance).span;
        let document = self.document(&subject, argument, named.owner);
        let document = document.unwrap_or_else(|| Value::new(span, Data::Null));
        BucketPolicy {
            address: address.to_owned(),
            span,
            document: self.unless_deferred(&named.bucket, instance, document),
            bucket: named.bucket,
            exists: Condition::Always,
            reach: named.reach,
        }
    }

    /// A document whose bucket, or policy, the plan leaves for a later one may be another by then.
    fn unless_deferred(&self, bucket: &Value, policy: &Instance, document: Value) -> Value {
        let owner = self.identities.of(bucket).and_then(|owner| self.view.instance(owner));
        let deferred = policy.deferred.as_ref().or_else(|| owner.and_then(|owner| owner.deferred.as_ref()));
        let Some(reason) = deferred else { return document };
        let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
        let cause = format!("the plan leaves it for a later one{reason}");
        let mut unknown = Unknown::new(cause, document.span, "plan again after apply");
        unknown.likely = Some(Arc::new(document));
        Value::unknown(unknown)
    }

    /// The bucket that a policy names. What is known proves, the source decides, and references lean.
    fn named_bucket(&self, subject: &Subject<'_, 'v>, document: &str) -> Named {
        let written = self.origin.and_then(|origin| origin.argument(subject.address, "bucket"));
        if let Some(name) = subject.text("bucket") {
            let text = name.text().unwrap_or("");
            let owner = self.identities.named(text).map(str::to_owned);
            let span = written.as_ref().map_or(name.span(), |value| value.span);
            return Named { bucket: Value::text(span, text), owner, reach: None };
        }
        let expression = subject.expression("bucket");
        let found = match (expression, &subject.context) {
            (Some(expression), Some(context)) => targets(self.view, expression, context),
            _ => Found::default(),
        };
        let reach = || subject.context.as_ref().and_then(|context| self.reaches.of(&found, context));
        if let Some(written) = written {
            let known = matches!(&written.data, Data::Text(text) if text.as_literal().is_some());
            return Named { reach: if known { None } else { reach() }, bucket: written, owner: None };
        }
        let span = expression.map_or(subject.instance.span, Node::span);
        let likely = one_bucket(&found.targets);
        let hole = |address: &str| {
            let symbol = &self.identities.get(address)?.symbol;
            Some(Value::new(span, Data::Text(Text::hole(symbol.clone()))))
        };
        let confirmed = likely.filter(|address| self.is_confirmed(subject, document, address));
        if let Some((address, bucket)) = confirmed.and_then(|address| Some((address, hole(address)?))) {
            return Named { bucket, owner: Some(address.to_owned()), reach: None };
        }
        let mut unknown =
            Unknown::new(format!("`bucket` is known only after apply{}", shown(expression)), span, REMEDY);
        unknown.likely = likely.and_then(hole).map(Arc::new);
        Named { bucket: Value::unknown(unknown), owner: likely.map(str::to_owned), reach: reach() }
    }

    /// Whether the known text of a policy denies on the very ARN of the bucket that the policy refers to: S3 takes it
    /// on no other bucket.
    fn is_confirmed(&self, subject: &Subject<'_, 'v>, document: &str, bucket: &str) -> bool {
        let name = self.identities.get(bucket).and_then(|identity| identity.name.as_ref()).and_then(Text::as_literal);
        let text = subject.text(document).filter(|_| !is_sensitive(&subject.entry, document));
        text.zip(name).is_some_and(|(text, name)| denies_on(&json::document_text(text), name))
    }

    /// The document of a policy; `None` where the source says that there is none.
    ///
    /// What the plan knows counts. Its places are those of the source, where that says the same. What the source
    /// evaluates to unknown stays unknown, whatever is referred to.
    fn document(&self, subject: &Subject<'_, 'v>, argument: &str, bucket: Option<String>) -> Option<Value> {
        if is_sensitive(&subject.entry, argument) {
            let text = subject.text(argument);
            if let Some(text) = text.and_then(Node::text) {
                return Some(redacted(text, self.place(subject.address, subject.instance).span));
            }
        }
        let written = self.origin.and_then(|origin| origin.argument(subject.address, argument));
        if let Some(policy) = subject.text(argument) {
            let known = json::document_text(policy);
            return Some(written.filter(|written| same_policy(written, &known)).unwrap_or(known));
        }
        match written {
            Some(Value { data: Data::Null | Data::Absent, .. }) => None,
            Some(written) => Some(written),
            None => {
                let documents = Rebuild::new(self.view, self.identities, bucket);
                let (expression, context) = (subject.expression(argument), subject.context.as_ref());
                Some(documents.policy(argument, subject.instance.span, expression, context))
            }
        }
    }
}

/// The bucket of a policy.
struct Named {
    bucket: Value,
    /// The address of the bucket that it most probably is.
    owner: Option<String>,
    /// The buckets that it can be, where it is not known.
    reach: Option<Arc<Reach>>,
}
