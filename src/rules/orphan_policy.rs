//! `orphan-policy`: a policy on a bucket that is not in the input.

use super::{Subject, invalid_policy};
use crate::finding::{Finding, Label, Severity};
use crate::policy::Decision;
use crate::s3::Orphan;

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let Subject::Orphan(policy, orphan) = subject else { return None };
    if invalid_policy::names_no_bucket(policy) {
        return None;
    }
    Some(Finding {
        rule: "orphan-policy",
        severity: Severity::Note,
        message: format!("policy {} is on a bucket that is not in the input", policy.address),
        primary: Label::policy(policy.span, reason(orphan)),
        related: vec![Label::new(policy.bucket.span, "names a bucket that is declared elsewhere")],
        notes: Vec::new(),
        help: "lint it together with the template that declares the bucket".to_owned(),
        bucket: policy.address.clone(),
        intents: Vec::new(),
        shuts_out: false,
    })
}

/// What the policy makes of the bucket that it names.
pub(super) fn reason(orphan: &Orphan) -> String {
    match &orphan.decision {
        None if orphan.problems.is_empty() => "it exists in no deployment".to_owned(),
        None => "AWS would reject it".to_owned(),
        Some(Decision::Enforced { .. }) => "it denies every plain-HTTP request on the bucket that it names".to_owned(),
        Some(Decision::Exposed { witness, misses }) => {
            let why = super::words::telling_miss(misses)
                .map_or(String::new(), |miss| format!(": {}", super::words::its(miss)));
            format!("it lets {} through over plain HTTP on the bucket that it names{why}", witness.action)
        }
        Some(Decision::Undecided { because, .. }) => {
            let why = because.first().map_or("", |unknown| unknown.cause.as_str());
            format!("whether it denies plain HTTP on the bucket that it names cannot be told: {why}")
        }
    }
}
