//! `inverted-deny`: a Deny on `aws:SecureTransport` `true`: HTTPS is locked out, HTTP is not.

use super::{Case, Gap, LetThrough, Subject, words};
use crate::finding::{Finding, Label, Severity};

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let (case, LetThrough { exposure, policy: id, misses }) = subject.let_through(Gap::Inverted)?;
    let bucket = case.bucket;
    let policy = case.policy(id).map(|policy| words::policy_label(policy, "in this policy"));
    let own = words::telling_miss(misses).and_then(|miss| miss.advice.clone());
    Some(Finding {
        rule: "inverted-deny",
        severity: Severity::Error,
        message: format!("bucket {} denies HTTPS and accepts plain HTTP: the condition is inverted", bucket.address),
        primary: Label::bucket(bucket.span, "reachable without TLS, and only without"),
        related: words::miss_labels(misses).into_iter().chain(policy).collect(),
        notes: words::witness_notes(case, exposure),
        help: own.unwrap_or_else(|| "write `\"false\"` for `aws:SecureTransport` in this Deny".to_owned()),
        bucket: bucket.address.clone(),
        intents: Case::turn(misses).into_iter().collect(),
        shuts_out: false,
    })
}
