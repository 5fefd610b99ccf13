//! `conflicting-policies`: two policies on one bucket.

use super::{Subject, words};
use crate::finding::{Finding, Label, Severity};

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let case = subject.bucket()?;
    let (first, second) = case.judged.conflict?;
    let (first, second) = (case.policy(first)?, case.policy(second)?);
    let bucket = case.bucket;
    Some(Finding {
        rule: "conflicting-policies",
        severity: Severity::Warning,
        message: format!(
            "bucket {} has two policies, {} and {}: a bucket can hold only one",
            bucket.address, first.address, second.address
        ),
        primary: Label::policy(second.span, "a second policy on the same bucket"),
        related: vec![words::policy_label(first, "the first policy"), Label::bucket(bucket.span, "the bucket")],
        notes: vec!["deployment fails, or the policy that is written last replaces the other".to_owned()],
        help: "merge the statements of both into one policy".to_owned(),
        bucket: bucket.address.clone(),
        intents: Vec::new(),
        shuts_out: false,
    })
}
