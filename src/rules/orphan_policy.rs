//! `orphan-policy`: a policy on a bucket that is not in the input.

use super::{Subject, invalid_policy};
use crate::buckets::Orphan;
use crate::finding::{Finding, Label, Severity};
use crate::policy::Decision;

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let Subject::Orphan(policy, orphan) = subject else { return None };
    if invalid_policy::names_no_bucket(policy) {
        return None;
    }
    let no_name = policy.has_no_name();
    let (what, names, help) = if no_name {
        (
            "names its bucket by what is no bucket's name",
            "this is an ARN or an address",
            "write the name of the bucket, or a reference that gives it",
        )
    } else {
        (
            "is on a bucket that is not in the input",
            "names a bucket that is declared elsewhere",
            "lint it together with the file that declares the bucket",
        )
    };
    let said = if no_name { "it is on no bucket".to_owned() } else { reason(orphan) };
    Some(Finding {
        rule: "orphan-policy",
        severity: Severity::Note,
        message: format!("policy {} {what}", policy.address),
        primary: Label::policy(policy.span, said),
        related: vec![Label::new(policy.bucket.span, names)],
        notes: Vec::new(),
        help: help.to_owned(),
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
