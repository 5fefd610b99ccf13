//! `undecided-policy`: the input does not say enough for a verdict.

use super::{Case, Subject, words};
use crate::buckets::{Undecided, Verdict};
use crate::finding::{Finding, Label, Severity};
use crate::model::Unknown;
use crate::policy::Leaning;

/// At most so many unknowns are shown.
const MAX_UNKNOWNS: usize = 5;

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let case = subject.bucket()?;
    let Verdict::Undecided(undecided) = &case.judged.verdict else { return None };
    let bucket = case.bucket;
    // Those of which that is not known are named by the causes.
    let known = case.judged.policies.iter().filter(|_| !case.judged.unsure);
    let policies = known.filter_map(|id| case.policy(*id));
    let unknowns = undecided.because.iter().take(MAX_UNKNOWNS);
    // The message tells the first already.
    let causes = unknowns.clone().enumerate();
    let labels = causes.map(|(number, unknown)| match number {
        0 => Label::cause(unknown.span, "this is not known"),
        _ => Label::cause(unknown.span, &*unknown.cause),
    });
    let because = undecided.because.first().map_or(String::new(), |unknown| format!(": {}", unknown.cause));
    // What would settle it first; the others in their order.
    let mut remedies: Vec<&str> = Vec::new();
    for remedy in unknowns.map(|unknown| unknown.remedy.as_str()).filter(|remedy| !remedy.is_empty()) {
        if !remedies.contains(&remedy) {
            remedies.push(remedy);
        }
    }
    let severity = if undecided.leaning == Some(Leaning::Enforced) { Severity::Note } else { Severity::Warning };
    let intents = match case.judged.policies.as_slice() {
        [only] if severity == Severity::Warning && !case.judged.unsure => case.add_statement(*only),
        _ => Vec::new(),
    };
    Some(Finding {
        rule: "undecided-policy",
        severity,
        message: format!("cannot tell whether bucket {} denies plain HTTP{because}", bucket.address),
        primary: Label::bucket(bucket.span, "no verdict for this bucket"),
        related: labels.chain(policies.map(|policy| words::policy_label(policy, "its policy"))).collect(),
        notes: leaning(case, undecided).into_iter().collect(),
        help: remedies.join("; or "),
        bucket: bucket.address.clone(),
        intents,
        shuts_out: false,
    })
}

/// Where all that is known points, and under which defaults.
fn leaning(case: &Case<'_>, undecided: &Undecided) -> Option<String> {
    let says = match undecided.leaning? {
        Leaning::Enforced => "plain HTTP is denied",
        Leaning::Exposed => "plain HTTP gets through",
    };
    let defaults: Vec<String> = undecided.because.iter().filter_map(|unknown| default_of(case, unknown)).collect();
    Some(if defaults.is_empty() {
        format!(
            "all that is known, and what is likely of the rest (a default, what a reference names), says that {says}"
        )
    } else {
        format!("under {}, {says}", defaults.join(" and "))
    })
}

/// The default of the parameter whose value is not known.
fn default_of(case: &Case<'_>, unknown: &Unknown) -> Option<String> {
    let mut parameters = case.templates.iter().flat_map(|template| &template.parameters);
    let parameter = parameters.find(|parameter| parameter.symbol.unknown().span == unknown.span)?;
    let default = words::short(parameter.default.as_deref()?);
    Some(format!("the default `{default}` of {} `{}`", case.words().parameter, words::short(&parameter.name)))
}
