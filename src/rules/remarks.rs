//! `refused-policy` and `denies-everything`: what is to be said of a policy beside the verdict of its bucket.

use super::Case;
use crate::finding::{Finding, Label, Severity};
use crate::model::{BucketPolicy, Template};
use crate::policy::{Remark, RemarkKind};
use crate::s3::Orphan;

/// One finding for each remark on the policies of a bucket.
pub(super) fn check(case: &Case<'_>) -> Vec<Finding> {
    let remarks = case.judged.remarks.iter().filter(|(_, remark)| remark.kind != RemarkKind::AllowOverTls);
    remarks.map(|(id, remark)| finding(case.policy(*id), &case.bucket.address, remark)).collect()
}

/// One for each remark on a policy whose bucket is not in the input.
pub(super) fn of_orphan(templates: &[Template], orphan: &Orphan) -> Vec<Finding> {
    let policy = orphan.policy.find(templates);
    let address = policy.map_or("", |policy| policy.address.as_str());
    let remarks = orphan.remarks.iter().filter(|remark| remark.kind != RemarkKind::AllowOverTls);
    remarks.map(|remark| finding(policy, address, remark)).collect()
}

fn finding(policy: Option<&BucketPolicy>, address: &str, remark: &Remark) -> Finding {
    let name = policy.map_or("", |policy| policy.address.as_str());
    let (rule, severity, message) = match remark.kind {
        RemarkKind::Refused => {
            ("refused-policy", Severity::Warning, format!("S3 refuses policy {name}: {}", remark.message))
        }
        RemarkKind::EqualSids => ("refused-policy", Severity::Note, format!("policy {name}: {}", remark.message)),
        RemarkKind::DeniesEverything | RemarkKind::AllowOverTls => {
            ("denies-everything", Severity::Warning, format!("policy {name} denies HTTPS too"))
        }
    };
    let mut notes = Vec::new();
    match (remark.kind, remark.answer) {
        (RemarkKind::Refused, Some(answer)) => {
            let how = if remark.reported { "this is reported, not documented" } else { "as documented" };
            notes.push(format!("S3 answers `{answer}`, and the deployment fails; {how}: {}", remark.source));
        }
        _ => notes.push(format!("see {}", remark.source)),
    }
    Finding {
        rule,
        severity,
        message,
        primary: Label::cause(remark.span, remark.message.clone()),
        related: policy.map(|policy| Label::policy(policy.span, "in this policy")).into_iter().collect(),
        notes,
        help: remark.help.clone(),
        intents: Vec::new(),
        shuts_out: false,
        bucket: address.to_owned(),
    }
}
