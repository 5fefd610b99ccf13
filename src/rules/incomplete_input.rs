//! `incomplete-input`: a part of a file cannot be read, and no bucket of it says so.

use super::Subject;
use crate::finding::{Finding, Label, Severity};

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let Subject::Unread(unknown) = subject else { return None };
    Some(Finding {
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
    })
}
