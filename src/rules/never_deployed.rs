//! `never-deployed`: a bucket under a condition that never holds.

use super::Subject;
use crate::buckets::Verdict;
use crate::finding::{Finding, Label, Severity};

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let case = subject.bucket()?;
    if !case.judged.never_deployed || !matches!(case.judged.verdict, Verdict::Enforced(_)) {
        return None;
    }
    let bucket = case.bucket;
    Some(Finding {
        rule: "never-deployed",
        severity: Severity::Note,
        message: format!("bucket {} is in no deployment: its condition never holds", bucket.address),
        primary: Label::bucket(bucket.span, "never deployed"),
        related: Vec::new(),
        notes: vec!["nothing can reach a bucket that does not exist".to_owned()],
        intents: Vec::new(),
        shuts_out: false,
        help: "look at what its condition compares: a parameter without `!Ref` is a string".to_owned(),
        bucket: bucket.address.clone(),
    })
}
