//! Policies of the organization that stand beside each bucket's own: resource control policies.
//!
//! They change no verdict: who looks at the bucket's policy alone (AWS Config does) still finds it wanting. Where both
//! together deny every insecure request, findings are muted.

use super::Options;
use crate::buckets::{self, Judged, Judgement, Verdict};
use crate::frontend::{self, normal};
use crate::link::{Deployment, name};
use crate::model::{Data, Date, Entry, Pseudo, Template, Value};
use crate::policy::{self, Decision, Document, Effect};
use crate::report::{ErrorRecord, FileReport, NoticeRecord};
use crate::source::{Sources, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// A resource control policy that applies to the buckets of a run.
#[derive(Clone, Debug)]
pub struct Guard {
    path: String,
    document: Value,
    sources: Sources,
    reason: String,
    /// The accounts that it is attached to; `None` where every bucket is in one of them.
    accounts: Option<Vec<String>>,
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
    pub fn read(
        number: u32,
        path: &str,
        text: String,
        reason: &str,
        accounts: Option<Vec<String>>,
    ) -> Result<Self, Vec<ErrorRecord>> {
        // Inputs are numbered from the other end.
        let mut sources = Sources::of_input(u32::MAX - number);
        let path = normal(Path::new(path)).to_string_lossy().into_owned();
        let file = sources.add(path.clone(), text);
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
        let of_accounts = accounts.as_ref().map(|accounts| format!(" (accounts {})", accounts.join(", ")));
        let reason = format!("{reason}{}; {LIMITS}", of_accounts.unwrap_or_default());
        Ok(Self { path, document, sources, reason, accounts })
    }

    /// Whether it is known to apply in an account; what is deployed somewhere may be deployed anywhere.
    fn covers(&self, account: Option<&str>) -> bool {
        match &self.accounts {
            None => true,
            Some(accounts) => account.is_some_and(|account| accounts.iter().any(|covered| covered == account)),
        }
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

/// Which of the guards cover some of these buckets.
pub(super) fn covering(deployment: &Deployment, judged: &[Judged], guards: &[Guard]) -> BTreeSet<usize> {
    let accounts: BTreeSet<Option<&str>> = judged.iter().map(|one| account(deployment, one.template)).collect();
    let covers = |guard: &Guard| accounts.iter().any(|account| guard.covers(*account));
    guards.iter().enumerate().filter(|(_, guard)| covers(guard)).map(|(index, _)| index).collect()
}

/// What is to be said of guards that cover none of the buckets of a run, each at its file.
#[must_use]
pub fn idle_guards(guards: &[Guard], reports: &[FileReport]) -> Vec<FileReport> {
    let covering: BTreeSet<usize> = reports.iter().flat_map(|report| &report.guards).copied().collect();
    let has_buckets = reports.iter().any(|report| report.counts.buckets() > 0);
    let is_idle = |(index, _): &(usize, &Guard)| has_buckets && !covering.contains(index);
    let told = |(_, guard): (usize, &Guard)| {
        let notices = vec![NoticeRecord::of_file(guard.path.as_str(), COVERS_NOTHING)];
        FileReport { path: guard.path.clone(), notices, is_unread: true, ..FileReport::default() }
    };
    guards.iter().enumerate().filter(is_idle).map(told).collect()
}

const COVERS_NOTHING: &str = "this `guarded-by` covers no bucket here: none is known to be in one of its accounts, which is \
                              known of the stacks of a CDK assembly that name theirs (`accounts: all` says that every \
                              bucket of the run is in one of them)";

/// The account that a template is deployed in, where that is known.
fn account(deployment: &Deployment, template: usize) -> Option<&str> {
    let stack = deployment.places.get(template)?.known()?;
    stack.known.get(&Pseudo::AccountId).map(String::as_str)
}

/// The statements of all guards that cover an account.
struct Covering {
    statements: Vec<Value>,
    document: Document,
}

impl Covering {
    fn new(guards: &[Guard], account: Option<&str>) -> Option<Self> {
        let covering: Vec<&Guard> = guards.iter().filter(|guard| guard.covers(account)).collect();
        let statements: Vec<Value> = covering.iter().flat_map(|guard| guard.statements()).collect();
        let document = Document::read(&joined(&covering.first()?.document, &statements));
        Some(Self { statements, document })
    }
}

/// The buckets that are not enforced by their own policies, and are with the guards: by template and address.
pub(super) fn guarded(
    deployment: &mut Deployment,
    judgement: &Judgement,
    sources: &mut Sources,
    options: &Options,
) -> BTreeMap<(usize, String), Guarded> {
    let guards = &options.guards;
    let mut found = BTreeMap::new();
    if guards.is_empty() {
        return found;
    }
    for guard in guards {
        sources.extend(guard.sources.clone());
    }
    let accounts: Vec<Option<String>> =
        (0..deployment.templates.len()).map(|template| account(deployment, template).map(str::to_owned)).collect();
    let known: BTreeSet<&Option<String>> = accounts.iter().collect();
    let covering: BTreeMap<&Option<String>, Covering> =
        known.into_iter().filter_map(|account| Some((account, Covering::new(guards, account.as_deref())?))).collect();
    let of_template = |template: usize| covering.get(accounts.get(template)?);
    let evidence = |spans: &[Span]| {
        let of_guard = |span: &Span| {
            let guard = guards.iter().find(|guard| guard.sources.get(span.file).is_some())?;
            Some(Guarded { statement: *span, reason: guard.reason.clone() })
        };
        spans.iter().find_map(of_guard)
    };
    let mut left = BTreeSet::new();
    for judged in judgement.buckets.iter().filter(|judged| !matches!(judged.verdict, Verdict::Enforced(_))) {
        let Some(bucket) = judged.find(&deployment.templates) else { continue };
        let Some(covering) = of_template(judged.template) else { continue };
        let key = (judged.template, bucket.address.clone());
        match by_itself(&covering.document, bucket, options.now).and_then(|spans| evidence(&spans)) {
            Some(guarded) => {
                found.insert(key, guarded);
            }
            None => {
                left.insert(key);
            }
        }
    }
    // What policies of both say together is judged once more, unless a variable would mean something else there.
    let has_variables = guards.iter().any(|guard| guard.sources.iter().any(|file| file.text().contains("${")));
    if left.is_empty() || has_variables {
        return found;
    }
    let statements = |template: usize| of_template(template).map_or(&[][..], |covering| &covering.statements);
    let own = add_statements(&mut deployment.templates, &statements);
    let together = buckets::judge(deployment, options.now);
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

/// Adds to each policy what its template gives; gives the documents as they were.
fn add_statements<'s>(templates: &mut [Template], statements: &dyn Fn(usize) -> &'s [Value]) -> Vec<Value> {
    let mut own = Vec::new();
    for (template, document) in documents(templates) {
        let with = with_statements(document, statements(template));
        own.push(std::mem::replace(document, with));
    }
    own
}

fn put_back(templates: &mut [Template], own: Vec<Value>) {
    for ((_, document), own) in documents(templates).into_iter().zip(own) {
        *document = own;
    }
}

/// The documents of all policies, each with the index of its template.
fn documents(templates: &mut [Template]) -> Vec<(usize, &mut Value)> {
    let mut all = Vec::new();
    for (index, template) in templates.iter_mut().enumerate() {
        let inline =
            template.buckets.iter_mut().filter_map(|bucket| Some(&mut bucket.inline_policy.as_mut()?.document));
        let attached = template.policies.iter_mut().map(|policy| &mut policy.document);
        all.extend(attached.chain(inline).map(|document| (index, document)));
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
