//! Policies of the organization that stand beside each bucket's own: resource control policies.
//!
//! They change no verdict: who looks at the bucket's policy alone (AWS Config does) still finds it wanting. Where both
//! together deny every insecure request, findings are muted.

use super::Options;
use crate::frontend::{self, normal};
use crate::link::{Deployment, name};
use crate::model::{Data, Date, Entry, Template, Value};
use crate::policy::{self, Decision, Document, Effect};
use crate::report::ErrorRecord;
use crate::s3::{self, Judgement, Verdict};
use crate::source::{Sources, Span};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A resource control policy that applies to the buckets of a run.
#[derive(Clone, Debug)]
pub struct Guard {
    document: Value,
    sources: Sources,
    reason: String,
}

/// What a resource control policy does not do
/// (<https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>), and who does not look
/// at it (<https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-ssl-requests-only.html>).
const LIMITS: &str = "a resource control policy binds neither the management account nor service-linked roles, and AWS \
                      Config, which looks at the bucket's own policy, still finds it NON_COMPLIANT";

impl Guard {
    /// Reads guard number `number` of a run.
    ///
    /// # Errors
    /// What keeps the text from being a policy, each with its place.
    pub fn read(number: u32, path: &str, text: String, reason: &str) -> Result<Self, Vec<ErrorRecord>> {
        // Inputs are numbered from the other end.
        let mut sources = Sources::of_input(u32::MAX - number);
        let file = sources.add(normal(Path::new(path)).to_string_lossy().into_owned(), text);
        let located = |message: &str, span, help: &str| ErrorRecord::at(message, span, &sources).with_help(help);
        let document = match frontend::json_value(&file) {
            Ok(document) => document,
            Err(errors) => return Err(errors.iter().map(|error| located(&error.message, error.span, "")).collect()),
        };
        let read = Document::read(&document);
        if !read.problems.is_empty() {
            return Err(read.problems.iter().map(|one| located(&one.message, one.span, &one.help)).collect());
        }
        if !read.statements.iter().any(|statement| statement.effect == Effect::Deny) {
            return Err(vec![located("this policy denies nothing", read.span, "name one with a Deny")]);
        }
        Ok(Self { document, sources, reason: format!("{reason}; {LIMITS}") })
    }

    fn statements(&self) -> Vec<Value> {
        match field(&self.document, "Statement").map(|statement| &statement.data) {
            Some(Data::List(items)) => items.to_vec(),
            Some(_) => field(&self.document, "Statement").into_iter().cloned().collect(),
            None => Vec::new(),
        }
    }
}

/// A bucket that guards and its own policy protect together.
pub(super) struct Guarded {
    /// A statement of a guard that is needed for it.
    pub(super) statement: Span,
    pub(super) reason: String,
}

/// The buckets that are not enforced by their own policies, and are with the guards: by template and address.
pub(super) fn guarded(
    deployment: &mut Deployment,
    judgement: &Judgement,
    sources: &mut Sources,
    options: &Options,
) -> BTreeMap<(usize, String), Guarded> {
    let mut found = BTreeMap::new();
    let Some(first) = options.guards.first() else { return found };
    for guard in &options.guards {
        sources.extend(guard.sources.clone());
    }
    let statements: Vec<Value> = options.guards.iter().flat_map(Guard::statements).collect();
    let alone = joined(&first.document, &statements);
    let evidence = |spans: &[Span]| {
        let of_guard = |span: &Span| {
            let guard = options.guards.iter().find(|guard| guard.sources.get(span.file).is_some())?;
            Some(Guarded { statement: *span, reason: guard.reason.clone() })
        };
        spans.iter().find_map(of_guard)
    };
    let document = Document::read(&alone);
    let mut left = Vec::new();
    for judged in judgement.buckets.iter().filter(|judged| !matches!(judged.verdict, Verdict::Enforced(_))) {
        let Some(bucket) = judged.find(&deployment.templates) else { continue };
        let key = (judged.template, bucket.address.clone());
        match by_itself(&document, bucket, options.now).and_then(|spans| evidence(&spans)) {
            Some(guarded) => {
                found.insert(key, guarded);
            }
            None => left.push(key),
        }
    }
    // What policies of both say together is judged once more, unless a variable would mean something else there.
    let has_variables = options.guards.iter().any(|guard| guard.sources.iter().any(|file| file.text().contains("${")));
    if left.is_empty() || has_variables {
        return found;
    }
    let own = add_statements(&mut deployment.templates, &statements);
    let together = s3::judge(deployment, options.now);
    put_back(&mut deployment.templates, own);
    for judged in together.buckets {
        let Some(bucket) = judged.find(&deployment.templates) else { continue };
        let key = (judged.template, bucket.address.clone());
        if let (Verdict::Enforced(proofs), true) = (&judged.verdict, left.contains(&key)) {
            let spans: Vec<Span> = proofs.iter().flat_map(|proof| &proof.statements).copied().collect();
            found.extend(evidence(&spans).map(|guarded| (key, guarded)));
        }
    }
    found
}

/// The statements that deny everything on a bucket without help of its own policy.
fn by_itself(document: &Document, bucket: &crate::model::Bucket, now: Date) -> Option<Vec<Span>> {
    match policy::decide(document, &name(bucket), now) {
        Decision::Enforced { by } => {
            Some(by.iter().filter_map(|index| document.statements.get(*index)).map(|one| one.span).collect())
        }
        Decision::Exposed { .. } | Decision::Undecided { .. } => None,
    }
}

fn field<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    match &value.data {
        Data::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value),
        _ => None,
    }
}

/// A document with these statements and no others.
fn joined(document: &Value, statements: &[Value]) -> Value {
    let Data::Map(entries) = &document.data else { return document.clone() };
    let entries = entries.iter().map(|entry| {
        let all = || Value { data: Data::List(statements.to_vec().into()), ..entry.value.clone() };
        Entry { value: if entry.key == "Statement" { all() } else { entry.value.clone() }, ..entry.clone() }
    });
    Value { data: Data::Map(entries.collect()), ..document.clone() }
}

/// Adds statements to each policy; gives the documents as they were.
fn add_statements(templates: &mut [Template], statements: &[Value]) -> Vec<Value> {
    let mut own = Vec::new();
    for document in documents(templates) {
        let with = with_statements(document, statements);
        own.push(std::mem::replace(document, with));
    }
    own
}

fn put_back(templates: &mut [Template], own: Vec<Value>) {
    for (document, own) in documents(templates).into_iter().zip(own) {
        *document = own;
    }
}

fn documents(templates: &mut [Template]) -> Vec<&mut Value> {
    let mut all = Vec::new();
    for template in templates {
        all.extend(template.policies.iter_mut().map(|policy| &mut policy.document));
        all.extend(template.buckets.iter_mut().filter_map(|bucket| Some(&mut bucket.inline_policy.as_mut()?.document)));
    }
    all
}

/// A document with more statements; what has none that can be seen stays as it is.
fn with_statements(value: &Value, statements: &[Value]) -> Value {
    let data = match &value.data {
        Data::Json(inner) => Data::Json(Arc::new(with_statements(inner, statements))),
        Data::Choice { condition, then, otherwise } => Data::Choice {
            condition: condition.clone(),
            then: Arc::new(with_statements(then, statements)),
            otherwise: Arc::new(with_statements(otherwise, statements)),
        },
        Data::Map(entries) => Data::Map(
            entries
                .iter()
                .map(|entry| {
                    let more = || more_items(&entry.value, statements);
                    Entry {
                        value: if entry.key == "Statement" { more() } else { entry.value.clone() },
                        ..entry.clone()
                    }
                })
                .collect(),
        ),
        other => other.clone(),
    };
    Value { data, ..value.clone() }
}

fn more_items(value: &Value, statements: &[Value]) -> Value {
    let items = match &value.data {
        Data::List(items) => items.iter().chain(statements).cloned().collect(),
        Data::Choice { condition, then, otherwise } => {
            let data = Data::Choice {
                condition: condition.clone(),
                then: Arc::new(more_items(then, statements)),
                otherwise: Arc::new(more_items(otherwise, statements)),
            };
            return Value { data, ..value.clone() };
        }
        _ => std::iter::once(value).chain(statements).cloned().collect(),
    };
    Value { data: Data::List(items), ..value.clone() }
}
