//! `invalid-policy`: a document that AWS would reject.

use super::{Subject, words};
use crate::buckets::{Cause, Orphan};
use crate::finding::{Finding, Label, Severity};
use crate::model::{BucketPolicy, Data};
use crate::policy::Problem;

/// At most so many problems of one document are shown.
const MAX_PROBLEMS: usize = 5;

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    if let Subject::Orphan(policy, orphan) = subject {
        return of_orphan(policy, orphan);
    }
    let (case, exposure) = subject.exposed()?;
    let Cause::Invalid(id, problems) = &exposure.cause else { return None };
    let bucket = case.bucket;
    let mut finding = rejected(case.policy(*id), &bucket.address, Label::bucket(bucket.span, ""), problems);
    if !exposure.assumptions.is_empty() {
        finding.notes.push(format!("this holds {}", words::deployment(case.words(), &exposure.assumptions)));
    }
    finding.related.push(Label::bucket(bucket.span, "no policy takes effect on this bucket"));
    finding.intents = case.correct(*id, problems);
    Some(finding)
}

/// What AWS rejects of a policy on a bucket that is not in the input: its document, or that it names no bucket.
fn of_orphan(policy: &BucketPolicy, orphan: &Orphan) -> Option<Finding> {
    let nameless = names_no_bucket(policy).then(|| Problem {
        span: policy.bucket.span,
        message: "it names no bucket".to_owned(),
        help: "give it a `Bucket`".to_owned(),
        instead: None,
    });
    let problems: Vec<Problem> = orphan.problems.iter().cloned().chain(nameless).collect();
    let otherwise = Label::policy(policy.span, "this policy");
    (!problems.is_empty()).then(|| rejected(Some(policy), &policy.address, otherwise, &problems))
}

/// Whether a policy is on no bucket at all.
pub(super) fn names_no_bucket(policy: &BucketPolicy) -> bool {
    matches!(policy.bucket.data, Data::Absent | Data::Null)
}

/// A finding at the first problem of a policy.
fn rejected(policy: Option<&BucketPolicy>, address: &str, otherwise: Label, problems: &[Problem]) -> Finding {
    let label = |problem: &Problem| Label::cause(problem.span, &*problem.message);
    let first = problems.first();
    let name = policy.map_or("", |policy| policy.address.as_str());
    let policy = policy.map(|policy| words::policy_label(policy, "in this policy"));
    Finding {
        rule: "invalid-policy",
        severity: Severity::Error,
        message: format!(
            "AWS rejects policy {name}: {}",
            first.map_or("it is not valid", |problem| problem.message.as_str())
        ),
        primary: first.map_or(otherwise, label),
        related: problems.iter().skip(1).take(MAX_PROBLEMS).map(label).chain(policy).collect(),
        notes: vec!["a policy that AWS rejects denies nothing".to_owned()],
        help: first.map_or_else(String::new, |problem| problem.help.clone()),
        bucket: address.to_owned(),
        intents: Vec::new(),
        shuts_out: false,
    }
}
