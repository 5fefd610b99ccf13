//! What is to be said of a policy beside its verdict: what S3 refuses although the grammar allows it, and what locks
//! everybody out.
//!
//! A refused policy never takes effect, because its deployment fails; its verdict is decided as if it were accepted.
//! Each remark stands at the very element, with S3's own answer where a source gives it, and the source.

mod actions;
mod conditions;
mod public;
mod resources;
mod size;

pub(super) use conditions::near;
pub(super) use resources::{Flaw, flaw, told};

use super::facts::{self, sources};
use super::sets::{Reach, reach};
use super::{Budget, Document, Effect, Statement};
use crate::model::{Text, Value};
use crate::source::Span;
use std::collections::BTreeSet;

/// More remarks on one policy are not made.
const MAX_REMARKS: usize = 40;

/// One remark.
#[derive(Clone, Debug)]
pub struct Remark {
    /// What kind.
    pub kind: RemarkKind,
    /// The element, or an item of it.
    pub span: Span,
    /// Further items of the same element with the same fault, each with what is wrong with it.
    pub also: Vec<(Span, String)>,
    /// What is wrong with it, as a clause: "`s3:GetObjekt` is no action of S3".
    pub message: String,
    /// S3's answer, where a source gives it.
    pub answer: Option<&'static str>,
    /// The page or report that says so.
    pub source: &'static str,
    /// Whether that is a report of what happened, not AWS's documentation.
    pub reported: bool,
    /// What to write instead.
    pub help: String,
}

/// The kinds of remarks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RemarkKind {
    /// S3 refuses the policy.
    Refused,
    /// Two statements have one `Sid`.
    EqualSids,
    /// HTTPS is locked out too.
    DeniesEverything,
    /// An Allow that asks for TLS. It is no finding of its own: it explains why nothing is denied.
    AllowOverTls,
}

/// What the policy is put on.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// The bucket's name.
    pub bucket: &'a Text,
    /// Whether the bucket's settings refuse policies that let the public in.
    pub blocks_public_policy: bool,
}

/// All remarks on a policy, in the order of their places. `value` is what the document was read from. A remark that
/// would take more than is left of the budget is not made.
#[must_use]
pub fn remarks(document: &Document, value: &Value, target: &Target<'_>, budget: &mut Budget) -> Vec<Remark> {
    if !document.problems.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    found.extend(size::check(document.span, value));
    let reaches = reach(document, target.bucket);
    for (statement, reaches) in document.statements.iter().zip(&reaches) {
        resources::check(statement, target.bucket, reaches, &mut found);
        let before = found.len();
        actions::check(statement, &mut found);
        if found.len() == before {
            found.extend(actions::applies(statement, reaches));
        }
        conditions::check(statement, &mut found);
        if target.blocks_public_policy {
            found.extend(public::check(statement));
        }
    }
    equal_sids(document, &mut found);
    found.extend(document.statements.iter().filter_map(allow_over_tls));
    found.truncate(MAX_REMARKS);
    let (locked, _) = budget.half(|budget| super::decide::denies_everything(document, target.bucket, budget));
    found.extend(locked.map(|span| Remark {
        kind: RemarkKind::DeniesEverything,
        span,
        also: Vec::new(),
        message: "this policy denies every request, HTTPS too".to_owned(),
        answer: None,
        source: source("iam-evaluation"),
        reported: false,
        help: "deny only requests whose `aws:SecureTransport` is `\"false\"`".to_owned(),
    }));
    found
}

fn equal_sids(document: &Document, found: &mut Vec<Remark>) {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for statement in &document.statements {
        let Some((sid, span)) = &statement.sid else { continue };
        if !sid.is_empty() && !seen.insert(sid) {
            found.push(Remark {
                kind: RemarkKind::EqualSids,
                span: *span,
                also: Vec::new(),
                message: format!("two statements have the `Sid` `{sid}`"),
                answer: None,
                source: source("s3-special"),
                reported: false,
                help: "give each statement a `Sid` of its own".to_owned(),
            });
        }
    }
}

/// An Allow that asks for `aws:SecureTransport` to be `true`.
fn allow_over_tls(statement: &Statement) -> Option<Remark> {
    let asks = |condition: &&super::Condition| {
        condition.key == "aws:securetransport"
            && condition.operator.base == super::OperatorBase::Bool
            && condition.values.iter().any(|value| value.pattern.as_literal() == Some("true"))
    };
    let condition = statement.conditions.iter().find(asks).filter(|_| is(statement, &Effect::Allow))?;
    Some(Remark {
        kind: RemarkKind::AllowOverTls,
        span: condition.value_span,
        also: Vec::new(),
        message: "an Allow that asks for TLS denies nothing: another policy may allow plain HTTP".to_owned(),
        answer: None,
        source: source("iam-evaluation"),
        reported: false,
        help: "deny requests whose `aws:SecureTransport` is `\"false\"`".to_owned(),
    })
}

/// The address of a source.
fn source(id: &str) -> &'static str {
    sources().find(|source| source.id == id).map_or("", |source| source.url)
}

/// A refusal.
fn refused(span: Span, message: String, answer: &'static str, of: &str, help: String) -> Remark {
    let reported = of.starts_with("answer-");
    let (kind, also, source) = (RemarkKind::Refused, Vec::new(), source(of));
    Remark { kind, span, also, message, answer: Some(answer), source, reported, help }
}

/// Whether a statement's effect is surely this.
fn is(statement: &Statement, effect: &Effect) -> bool {
    statement.effect == *effect
}

/// The known actions on a bucket or an object, with their names in lower case.
fn known_actions() -> impl Iterator<Item = &'static (&'static str, facts::actions::Action)> {
    facts::actions::all().iter().filter(|(_, action)| action.on_bucket || action.on_object)
}

/// Whether a glob matches the name of an action, both in lower case. Names are ASCII, so that bytes are characters. Each
/// step but `*` takes one; after a mismatch the last `*` takes one more.
fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), name.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(c) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p + 1, t));
                p += 1;
            }
            Some(own) if *own == b'?' || own == c => {
                p += 1;
                t += 1;
            }
            _ => match &mut star {
                Some((after, from)) => {
                    *from += 1;
                    (p, t) = (*after, *from);
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|c| *c == b'*'))
}
