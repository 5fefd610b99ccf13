//! `partial-deny`: a Deny that leaves some insecure requests through.

use super::{Case, Gap, LetThrough, Subject, words};
use crate::finding::{Finding, Label, Severity};

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let (case, LetThrough { exposure, policy: id, misses }) = subject.let_through(Gap::Partial)?;
    let bucket = case.bucket;
    let policy = case.policy(id).map(|policy| words::policy_label(policy, "this policy denies only a part of them"));
    let miss = words::telling_miss(misses);
    let because = miss.map_or(String::new(), |miss| format!(": {}", words::its(miss)));
    let own = miss.and_then(|miss| miss.advice.clone());
    let whole = words::add_statement(bucket);
    Some(Finding {
        rule: "partial-deny",
        severity: Severity::Error,
        message: format!("bucket {} accepts {} over plain HTTP{because}", bucket.address, exposure.witness.action),
        primary: Label::bucket(bucket.span, "reachable without TLS"),
        related: words::miss_labels(misses).into_iter().chain(policy).collect(),
        notes: words::witness_notes(case, exposure),
        help: own.map_or(whole.clone(), |own| format!("{own}, or {whole}")),
        bucket: bucket.address.clone(),
        intents: Case::turn(misses).into_iter().chain(case.add_statement(id)).collect(),
        shuts_out: false,
    })
}
