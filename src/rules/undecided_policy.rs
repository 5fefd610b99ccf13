//! `undecided-policy`: the input does not say enough for a verdict.

use super::{Case, words};
use crate::finding::{Finding, Label, Severity};
use crate::policy::Leaning;
use crate::s3::Undecided;

/// At most so many unknowns are shown.
const MAX_UNKNOWNS: usize = 5;

pub(super) fn check(case: &Case<'_>, undecided: &Undecided) -> Finding {
    let bucket = case.bucket;
    let policies = case.judged.policies.iter().filter_map(|id| case.policy(*id));
    let unknowns = undecided.because.iter().take(MAX_UNKNOWNS);
    let labels = unknowns.clone().map(|unknown| Label::cause(unknown.span, &*unknown.cause));
    let because = undecided.because.first().map_or(String::new(), |unknown| format!(": {}", unknown.cause));
    // What would settle it first; the others in their order.
    let mut remedies: Vec<&str> = Vec::new();
    for remedy in unknowns.map(|unknown| unknown.remedy.as_str()).filter(|remedy| !remedy.is_empty()) {
        if !remedies.contains(&remedy) {
            remedies.push(remedy);
        }
    }
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
    let intents = match case.judged.policies.as_slice() {
        [only] if severity == Severity::Warning => case.add_statement(*only),
        _ => Vec::new(),
    };
    Finding {
        rule: "undecided-policy",
        severity,
        message: format!("cannot tell whether bucket {} denies plain HTTP{because}", bucket.address),
        primary: Label::bucket(bucket.span, "no verdict for this bucket"),
        related: labels.chain(policies.map(|policy| words::policy_label(policy, "its policy"))).collect(),
        notes: leaning.into_iter().map(str::to_owned).collect(),
        help: remedies.join("; or "),
        bucket: bucket.address.clone(),
        intents,
    }
}
