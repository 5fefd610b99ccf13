//! `http-not-denied`: a policy with no Deny at all for insecure requests.

use super::{Gap, LetThrough, Subject, words};
use crate::finding::{Finding, Label, Severity};
use crate::policy::RemarkKind;

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let (case, LetThrough { exposure, policy: id, misses }) = subject.let_through(Gap::None)?;
    let bucket = case.bucket;
    let allows = case.judged.remarks.iter().filter(|(of, remark)| *of == id && remark.kind == RemarkKind::AllowOverTls);
    let allows: Vec<Label> = allows.map(|(_, remark)| Label::cause(remark.span, remark.message.clone())).collect();
    let because = match (words::telling_miss(misses), exposure.assumptions.as_slice()) {
        (Some(miss), _) => words::its(miss),
        (None, []) if !allows.is_empty() => "its policy allows HTTPS only, which denies nothing".to_owned(),
        (None, []) => "its policy does not deny it".to_owned(),
        // Elsewhere it may well deny it.
        (None, some) => format!("its policy does not deny it {}", words::deployment(case.words(), some)),
    };
    let policy = case.policy(id).map(|policy| words::policy_label(policy, "its policy"));
    Some(Finding {
        rule: "http-not-denied",
        severity: Severity::Error,
        message: format!("bucket {} accepts {} over plain HTTP: {because}", bucket.address, exposure.witness.action),
        primary: Label::bucket(bucket.span, "reachable without TLS"),
        related: allows.into_iter().chain(policy).chain(words::miss_labels(misses)).collect(),
        notes: if misses.iter().any(|miss| miss.about_tls) {
            words::witness_notes(case, exposure)
        } else {
            vec![words::witness(bucket, exposure)]
        },
        help: words::add_statement(bucket),
        bucket: bucket.address.clone(),
        intents: case.add_statement(id),
        shuts_out: false,
    })
}
