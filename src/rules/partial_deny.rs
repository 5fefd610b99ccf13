//! `partial-deny`: a Deny that leaves some insecure requests through.

use super::{Case, words};
use crate::finding::{Finding, Label, Severity};
use crate::policy::Miss;
use crate::s3::{Exposure, PolicyId};

pub(super) fn check(case: &Case<'_>, exposure: &Exposure, id: PolicyId, misses: &[Miss]) -> Finding {
    let bucket = case.bucket;
    let policy = case.policy(id).map(|policy| words::policy_label(policy, "this policy denies only a part of them"));
    let miss = words::telling_miss(misses);
    let because = miss.map_or(String::new(), |miss| format!(": {}", words::its(miss)));
    let own = miss.and_then(|miss| miss.advice.clone());
    let whole = words::add_statement(bucket);
    Finding {
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
    }
}
