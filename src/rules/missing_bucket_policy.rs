//! `missing-bucket-policy`: a bucket with no bucket policy at all.

use super::{Case, Subject, words};
use crate::buckets::Cause;
use crate::finding::{Finding, Label, Severity};

/// What is taken for granted where a policy is held to be another bucket's.
fn assumption(case: &Case<'_>) -> Option<String> {
    let template = case.templates.get(case.judged.template)?;
    let mut reaches = template.policies.iter().filter_map(|policy| policy.reach.as_ref());
    reaches.find_map(|reach| reach.assumption.clone())
}

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let (case, exposure) = subject.exposed()?;
    if !matches!(exposure.cause, Cause::NoPolicy) {
        return None;
    }
    let bucket = case.bucket;
    Some(Finding {
        rule: "missing-bucket-policy",
        severity: Severity::Error,
        message: format!("bucket {} has no bucket policy, so it accepts plain HTTP", bucket.address),
        primary: Label::bucket(bucket.span, "no bucket policy names this bucket"),
        related: Vec::new(),
        notes: words::witness_notes(case, exposure).into_iter().chain(assumption(case)).collect(),
        help: words::add_policy(bucket),
        bucket: bucket.address.clone(),
        intents: case.add_policy(),
        shuts_out: false,
    })
}
