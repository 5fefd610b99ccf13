//! `conditional-policy`: the policy does not exist in some deployment in which the bucket does.

use super::{Subject, words};
use crate::buckets::Cause;
use crate::finding::{Finding, Label, Severity};

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let (case, exposure) = subject.exposed()?;
    let Cause::PolicyLeftOut(policies) = &exposure.cause else { return None };
    let bucket = case.bucket;
    let place = words::deployment(case.words(), &exposure.assumptions);
    let intents = case.everywhere(policies, exposure);
    let policies = policies.iter().filter_map(|id| case.policy(*id));
    Some(Finding {
        rule: "conditional-policy",
        severity: Severity::Error,
        message: format!("bucket {} has no bucket policy {place}", bucket.address),
        primary: Label::bucket(bucket.span, "exists without a policy there"),
        related: policies.map(|policy| words::policy_label(policy, "this policy is not made there")).collect(),
        notes: vec![words::witness(bucket, exposure)],
        help: format!(
            "make the policy wherever the bucket is made (give both the same {}, or the policy none), or add one for \
             the other deployments, under a condition of its own",
            case.words().condition
        ),
        bucket: bucket.address.clone(),
        intents,
        shuts_out: false,
    })
}
