//! Which policy belongs to which bucket: the one place that says so, for all formats.
//!
//! A policy belongs to a bucket when both name the same bucket: by reference, or by equal names. Names are compared
//! in canonical form, in which a reference to a bucket with a given name stands as that name, and an import as what
//! another template of the run exports under it.

use super::verdict::PolicyId;
use crate::model::{Bucket, BucketPolicy, Data, Entry, Reach, Symbol, Template, Text, Truth, Unknown, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Names may refer to names; longer chains than this are left as they are.
const MAX_CHAIN: usize = 8;

/// What symbols stand for, where the input says so.
#[derive(Debug)]
pub(super) struct Names {
    known: BTreeMap<String, Text>,
}

impl Names {
    pub(super) fn new(templates: &[Template]) -> Self {
        let mut known = BTreeMap::new();
        for template in templates {
            for export in &template.exports {
                if let (Some(name), Data::Text(value)) = (export.name.as_literal(), &export.value.data) {
                    known.insert(format!("import:{name}"), value.clone());
                }
            }
            for bucket in &template.buckets {
                if let Some(name) = &bucket.name {
                    known.insert(bucket.symbol.key().to_owned(), name.clone());
                }
            }
        }
        let mut names = Self { known };
        names.nest(templates);
        names
    }

    /// What a template hands to one that it deploys, and what that one hands back. A template that is deployed more
    /// than once has no one value for its parameters.
    fn nest(&mut self, templates: &[Template]) {
        let mut deployed: BTreeMap<usize, usize> = BTreeMap::new();
        for child in templates.iter().flat_map(|template| &template.nested).filter_map(|stack| stack.template) {
            *deployed.entry(child).or_default() += 1;
        }
        for stack in templates.iter().flat_map(|template| &template.nested) {
            let Some((index, child)) = stack.template.and_then(|index| Some((index, templates.get(index)?))) else {
                continue;
            };
            if deployed.get(&index) != Some(&1) {
                continue;
            }
            for entry in &stack.parameters {
                let parameter = child.parameters.iter().find(|parameter| parameter.name == entry.key);
                if let (Some(parameter), Data::Text(text)) = (parameter, &entry.value.data) {
                    self.known.insert(parameter.symbol.key().to_owned(), text.clone());
                }
            }
            for output in &child.outputs {
                if let Data::Text(text) = &output.value.data {
                    self.known.insert(format!("{}{}", stack.outputs, output.name), text.clone());
                }
            }
        }
    }

    /// A text with everything put in that is known of its symbols.
    pub(super) fn canonical(&self, text: &Text) -> Text {
        let mut text = text.clone();
        for _ in 0..MAX_CHAIN {
            if !text.symbols().any(|symbol| self.known.contains_key(symbol.key())) {
                break;
            }
            text = text.substitute(&|symbol: &Symbol| self.known.get(symbol.key()).cloned());
        }
        text
    }

    /// The canonical name of a bucket.
    pub(super) fn of(&self, bucket: &Bucket) -> Text {
        self.canonical(bucket.name.as_ref().unwrap_or(&Text::hole(bucket.symbol.clone())))
    }

    /// A value with all its texts in canonical form; the value itself, shared, where there is nothing to put in.
    pub(super) fn value(&self, value: &Value) -> Value {
        if self.concern(value) { self.put_in(value) } else { value.clone() }
    }

    /// Whether a value holds a symbol of which something is known.
    fn concern(&self, value: &Value) -> bool {
        match &value.data {
            Data::Text(text) => text.symbols().any(|symbol| self.known.contains_key(symbol.key())),
            Data::Json(inner) => self.concern(inner),
            Data::List(items) => items.iter().any(|item| self.concern(item)),
            Data::Map(entries) => entries.iter().any(|entry| self.concern(&entry.value)),
            Data::Choice { then, otherwise, .. } => self.concern(then) || self.concern(otherwise),
            Data::Unknown(unknown) => unknown.likely.as_ref().is_some_and(|likely| self.concern(likely)),
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Absent => false,
        }
    }

    fn put_in(&self, value: &Value) -> Value {
        let data = match &value.data {
            Data::Text(text) => Data::Text(self.canonical(text)),
            Data::Json(inner) => Data::Json(self.put_in(inner).into()),
            Data::List(items) => Data::List(items.iter().map(|item| self.put_in(item)).collect()),
            Data::Map(entries) => Data::Map(
                entries.iter().map(|entry| Entry { value: self.put_in(&entry.value), ..entry.clone() }).collect(),
            ),
            Data::Choice { condition, then, otherwise } => Data::Choice {
                condition: condition.clone(),
                then: self.put_in(then).into(),
                otherwise: self.put_in(otherwise).into(),
            },
            Data::Unknown(unknown) => {
                let likely = unknown.likely.as_ref().map(|likely| self.put_in(likely).into());
                Data::Unknown(Box::new(Unknown { likely, ..(**unknown).clone() }))
            }
            other => other.clone(),
        };
        Value { span: value.span, hops: value.hops.clone(), data }
    }
}

/// How a policy may be tied to a bucket.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Link {
    /// It names this bucket.
    Certain,
    /// It may name this bucket: says what is not known.
    Possible(Unknown),
    /// It names another one.
    None,
}

/// Whether `value`, a policy's bucket in one world, names `bucket`.
pub(super) fn link(names: &Names, value: &Value, reach: Option<&Reach>, bucket: &Bucket) -> Link {
    match named(names, value, bucket) {
        Link::Possible(_) if reach.is_some_and(|reach| !reach.holds(&bucket.symbol)) => Link::None,
        link => link,
    }
}

fn named(names: &Names, value: &Value, bucket: &Bucket) -> Link {
    let text = match &value.data {
        Data::Unknown(unknown) => return Link::Possible((**unknown).clone()),
        Data::Absent | Data::Null | Data::List(_) | Data::Map(_) | Data::Json(_) | Data::Choice { .. } => {
            return Link::None;
        }
        Data::Text(_) | Data::Bool(_) | Data::Number(_) => value.scalar_text().unwrap_or_default(),
    };
    if text.as_symbol() == Some(&bucket.symbol) {
        return Link::Certain;
    }
    let (policy, name) = (names.canonical(&text), names.of(bucket));
    match policy.equals(&name) {
        Truth::Yes => Link::Certain,
        Truth::No => Link::None,
        Truth::Maybe => {
            let symbol = policy.symbols().chain(name.symbols()).find(|s| **s != bucket.symbol);
            symbol.map_or(Link::None, |symbol| Link::Possible(symbol.unknown().clone()))
        }
    }
}

/// For each bucket the policies that may be tied to it, found in one pass over all policies.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    named: HashMap<(usize, usize), BTreeSet<PolicyId>>,
    /// Policies whose bucket cannot be told: they may belong to any bucket within their reach.
    loose: Vec<(PolicyId, Option<Arc<Reach>>)>,
}

impl Candidates {
    pub(super) fn new(templates: &[Template], names: &Names) -> Self {
        let mut by_symbol = HashMap::new();
        let mut by_name: HashMap<Text, Vec<(usize, usize)>> = HashMap::new();
        let mut unsure = Vec::new();
        let mut candidates = Self::default();
        for (t, template) in templates.iter().enumerate() {
            for (b, bucket) in template.buckets.iter().enumerate() {
                by_symbol.insert(bucket.symbol.clone(), (t, b));
                let name = names.of(bucket);
                if name.as_literal().is_none() && bucket.name.is_some() {
                    unsure.push((t, b));
                }
                by_name.entry(name).or_default().push((t, b));
                if bucket.inline_policy.is_some() {
                    candidates.named.entry((t, b)).or_default().insert(PolicyId::Inline(t, b));
                }
            }
        }
        for (t, template) in templates.iter().enumerate() {
            for (p, policy) in template.policies.iter().enumerate() {
                let id = PolicyId::Resource(t, p);
                let mut loose = false;
                let mut buckets = BTreeSet::new();
                for_each_text(&policy.bucket, &mut |text| {
                    let by_reference = text.and_then(Text::as_symbol).and_then(|symbol| by_symbol.get(symbol));
                    if let Some(&bucket) = by_reference {
                        buckets.insert(bucket);
                        return;
                    }
                    let Some(text) = text.map(|text| names.canonical(text)) else {
                        loose = true;
                        return;
                    };
                    buckets.extend(by_name.get(&text).into_iter().flatten());
                    if text.as_literal().is_some() {
                        buckets.extend(&unsure);
                    } else if !by_name.contains_key(&text) {
                        loose = true;
                    }
                });
                for bucket in buckets {
                    candidates.named.entry(bucket).or_default().insert(id);
                }
                if loose {
                    candidates.loose.push((id, policy.reach.clone()));
                }
            }
        }
        candidates
    }

    /// The policies that may be tied to a bucket, whose symbol is `symbol`.
    pub(super) fn of(&self, template: usize, bucket: usize, symbol: &Symbol) -> impl Iterator<Item = PolicyId> {
        let named = self.named.get(&(template, bucket));
        let within = |reach: &Option<Arc<Reach>>| reach.as_ref().is_none_or(|reach| reach.holds(symbol));
        let loose = self.loose.iter().filter(move |(_, reach)| within(reach)).map(|(id, _)| *id);
        let loose = loose.filter(move |id| named.is_none_or(|named| !named.contains(id)));
        named.into_iter().flatten().copied().chain(loose)
    }
}

/// Calls `visit` with each text that a value may be; with `None` for one that is not known.
fn for_each_text(value: &Value, visit: &mut impl FnMut(Option<&Text>)) {
    match &value.data {
        Data::Choice { then, otherwise, .. } => {
            for_each_text(then, visit);
            for_each_text(otherwise, visit);
        }
        Data::Text(text) => visit(Some(text)),
        Data::Bool(_) | Data::Number(_) => visit(value.scalar_text().as_ref()),
        Data::Unknown(_) => visit(None),
        Data::Absent | Data::Null | Data::List(_) | Data::Map(_) | Data::Json(_) => {}
    }
}

/// The name of the bucket that an orphan is on; a name of its own where it cannot be told.
pub(super) fn orphan_name(names: &Names, policy: &BucketPolicy, bucket: &Value) -> Text {
    match (bucket.scalar_text(), &bucket.data) {
        (Some(text), _) => names.canonical(&text),
        (None, Data::Unknown(unknown)) => unnamed(policy, (**unknown).clone()),
        (None, _) => unnamed(policy, Unknown::new("the policy names no bucket", bucket.span, "name a bucket")),
    }
}

fn unnamed(policy: &BucketPolicy, unknown: Unknown) -> Text {
    let shown = format!("<bucket of {}>", policy.address);
    Text::hole(Symbol::new(format!("orphan:{}", policy.address), crate::model::SymbolKind::Free, shown, unknown))
}
