//! `incomplete-input`: a part of a file cannot be read, and no bucket of it says so.

use crate::finding::{Finding, Label, Severity};
use crate::model::{Template, Unknown};
use crate::s3::{Judgement, Verdict};
use crate::source::Span;
use std::collections::HashSet;

/// The findings, each with the number of its template. A file that is deployed in several places has one.
pub(super) fn check(templates: &[Template], judgement: &Judgement) -> Vec<(usize, Finding)> {
    let undecided = judgement.buckets.iter().filter_map(|judged| match &judged.verdict {
        Verdict::Undecided(undecided) => Some(&undecided.because),
        _ => None,
    });
    let mut told: HashSet<Span> = undecided.flatten().map(|because| because.span).collect();
    let parts = templates.iter().enumerate().filter_map(|(index, one)| Some((index, one.incomplete.as_ref()?)));
    parts.filter(|(_, unknown)| told.insert(unknown.span)).map(|(index, unknown)| (index, finding(unknown))).collect()
}

fn finding(unknown: &Unknown) -> Finding {
    Finding {
        rule: "incomplete-input",
        severity: if unknown.is_limit() { Severity::Warning } else { Severity::Note },
        message: "a part of this file cannot be read, and may hold buckets or their policies".to_owned(),
        primary: Label::cause(unknown.span, unknown.cause.clone()),
        related: Vec::new(),
        notes: Vec::new(),
        help: unknown.remedy.clone(),
        bucket: String::new(),
        intents: Vec::new(),
        shuts_out: false,
    }
}
