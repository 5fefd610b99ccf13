//! `orphan-policy`: a policy on a bucket that is not in the input.

use super::invalid_policy;
use crate::finding::{Finding, Label, Severity};
use crate::model::{Data, Template};
use crate::policy::{Decision, Problem};
use crate::s3::Orphan;

pub(super) fn check(templates: &[Template], orphan: &Orphan) -> Vec<Finding> {
    let Some(policy) = orphan.policy.find(templates) else { return Vec::new() };
    let mut findings = Vec::new();
    let own = reason(orphan);
    if !orphan.problems.is_empty() {
        let otherwise = Label::policy(policy.span, "this policy");
        findings.push(invalid_policy::rejected(Some(policy), &policy.address, otherwise, &orphan.problems));
    }
    if matches!(policy.bucket.data, Data::Absent | Data::Null) {
        let problem = Problem {
            span: policy.bucket.span,
            message: "it names no bucket".to_owned(),
            help: "give it a `Bucket`".to_owned(),
            instead: None,
        };
        let otherwise = Label::policy(policy.span, "this policy");
        findings.push(invalid_policy::rejected(Some(policy), &policy.address, otherwise, &[problem]));
        return findings;
    }
    findings.push(Finding {
        rule: "orphan-policy",
        severity: Severity::Note,
        message: format!("policy {} is on a bucket that is not in the input", policy.address),
        primary: Label::policy(policy.span, own),
        related: vec![Label::new(policy.bucket.span, "names a bucket that is declared elsewhere")],
        notes: Vec::new(),
        help: "lint it together with the template that declares the bucket".to_owned(),
        bucket: policy.address.clone(),
        intents: Vec::new(),
        shuts_out: false,
    });
    findings
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
