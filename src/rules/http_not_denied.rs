//! `http-not-denied`: a policy with no Deny at all for insecure requests.

use super::{Case, advice, words};
use crate::finding::{Finding, Label, Severity};
use crate::policy::{Miss, RemarkKind};
use crate::s3::{Exposure, PolicyId};

pub(super) fn check(case: &Case<'_>, exposure: &Exposure, id: PolicyId, misses: &[Miss]) -> Finding {
    let bucket = case.bucket;
    // Elsewhere it may well deny it.
    let said = match exposure.assumptions.as_slice() {
        [] => "this policy never denies plain HTTP".to_owned(),
        some => format!("this policy does not deny plain HTTP {}", words::deployment(some)),
    };
    let policy = case.policy(id).map(|policy| words::policy_label(policy, said));
    let allows = case.judged.remarks.iter().filter(|(of, remark)| *of == id && remark.kind == RemarkKind::AllowOverTls);
    let allows = allows.map(|(_, remark)| Label::cause(remark.span, remark.message.clone()));
    Finding {
        rule: "http-not-denied",
        severity: Severity::Error,
        message: format!(
            "bucket {} accepts {} over plain HTTP: its policy does not deny it",
            bucket.address, exposure.witness.action
        ),
        primary: Label::bucket(bucket.span, "reachable without TLS"),
        related: allows.chain(policy).chain(words::miss_labels(misses)).collect(),
        notes: words::witness_notes(bucket, exposure),
        help: advice::add_statement(bucket, case.style(), case.policy(id)),
        bucket: bucket.address.clone(),
        intent: case.add_statement(id),
    }
}
