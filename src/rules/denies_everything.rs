//! `denies-everything`: a Deny without a condition, which HTTPS does not pass either.

use super::Subject;
use crate::finding::{Finding, Label, Severity};
use crate::policy::RemarkKind;

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let Subject::Remark { policy, address, remark } = subject else { return None };
    if remark.kind != RemarkKind::DeniesEverything {
        return None;
    }
    let name = policy.map_or("", |policy| policy.address.as_str());
    Some(Finding {
        rule: "denies-everything",
        severity: Severity::Warning,
        message: format!("policy {name} denies HTTPS too"),
        primary: Label::cause(remark.span, remark.message.clone()),
        related: policy.map(|policy| Label::policy(policy.span, "in this policy")).into_iter().collect(),
        notes: vec![format!("see {}", remark.source)],
        help: remark.help.clone(),
        intents: Vec::new(),
        shuts_out: false,
        bucket: (*address).to_owned(),
    })
}
