//! `unused-suppression`: a suppression, or one of its rules, that mutes nothing.

use super::Subject;
use crate::finding::{Finding, Label, Severity};

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let Subject::IdleSuppression { span, message } = subject else { return None };
    Some(Finding {
        rule: "unused-suppression",
        severity: Severity::Note,
        message: message.clone(),
        primary: Label::cause(*span, "mutes nothing"),
        related: Vec::new(),
        notes: Vec::new(),
        help: "remove it, or write it at the bucket, the policy or the element that it is about".to_owned(),
        bucket: String::new(),
        intents: Vec::new(),
        shuts_out: false,
    })
}
