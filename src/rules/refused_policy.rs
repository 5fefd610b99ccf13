//! `refused-policy`: what S3 answers a policy with that IAM's grammar takes.

use super::Subject;
use crate::finding::{Finding, Label, Severity};
use crate::policy::RemarkKind;

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let Subject::Remark { policy, address, remark } = subject else { return None };
    let name = policy.map_or("", |policy| policy.address.as_str());
    let (severity, message) = match remark.kind {
        RemarkKind::Refused => (Severity::Warning, format!("S3 refuses policy {name}: {}", remark.message)),
        RemarkKind::EqualSids => (Severity::Note, format!("policy {name}: {}", remark.message)),
        RemarkKind::DeniesEverything | RemarkKind::AllowOverTls => return None,
    };
    let note = match remark.answer.filter(|_| remark.kind == RemarkKind::Refused) {
        Some(answer) => {
            let how = if remark.reported { "this is reported, not documented" } else { "as documented" };
            format!("S3 answers `{answer}`, and the deployment fails; {how}: {}", remark.source)
        }
        None => format!("see {}", remark.source),
    };
    let also = remark.also.iter().map(|(span, message)| Label::cause(*span, message.clone()));
    let within = policy.map(|policy| Label::policy(policy.span, "in this policy"));
    Some(Finding {
        rule: "refused-policy",
        severity,
        message,
        primary: Label::cause(remark.span, remark.message.clone()),
        related: also.chain(within).collect(),
        notes: vec![note],
        help: remark.help.clone(),
        intents: Vec::new(),
        shuts_out: false,
        bucket: (*address).to_owned(),
    })
}
