//! `undecided-policy`: the input does not say enough for a verdict.

use super::{Case, words};
use crate::finding::{Finding, Label, Severity};
use crate::policy::Leaning;
use crate::s3::Undecided;
use std::collections::BTreeSet;

/// At most so many unknowns are shown.
const MAX_UNKNOWNS: usize = 5;

pub(super) fn check(case: &Case<'_>, undecided: &Undecided) -> Finding {
    let bucket = case.bucket;
    let policies = case.judged.policies.iter().filter_map(|id| case.policy(*id));
    let unknowns = undecided.because.iter().take(MAX_UNKNOWNS);
    let labels = unknowns.clone().map(|unknown| Label::cause(unknown.span, &*unknown.cause));
    let remedies: BTreeSet<&str> = unknowns.map(|unknown| unknown.remedy.as_str()).filter(|r| !r.is_empty()).collect();
    let (severity, leaning) = match undecided.leaning {
        Some(Leaning::Enforced) => (
            Severity::Note,
            Some(
                "all that is known, and what is likely of the rest (a default, what a reference names), says that plain HTTP is denied",
            ),
        ),
        Some(Leaning::Exposed) => (
            Severity::Warning,
            Some(
                "all that is known, and what is likely of the rest (a default, what a reference names), says that plain HTTP gets through",
            ),
        ),
        None => (Severity::Warning, None),
    };
    Finding {
        rule: "undecided-policy",
        severity,
        message: format!("cannot tell whether bucket {} denies plain HTTP", bucket.address),
        primary: Label::bucket(bucket.span, "no verdict for this bucket"),
        related: labels.chain(policies.map(|policy| words::policy_label(policy, "its policy"))).collect(),
        notes: leaning.into_iter().map(str::to_owned).collect(),
        help: remedies.into_iter().collect::<Vec<_>>().join("; or "),
        bucket: bucket.address.clone(),
        intent: None,
    }
}
