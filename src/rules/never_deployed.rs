//! `never-deployed`: a bucket under a condition that never holds, or in a template that nobody can deploy.

use super::Subject;
use crate::buckets::{Never, Verdict};
use crate::finding::{Finding, Label, Severity};
use crate::model::Words;

pub(super) fn check(subject: &Subject<'_>) -> Option<Finding> {
    let case = subject.bucket()?;
    let never = case.judged.never_deployed.filter(|_| matches!(case.judged.verdict, Verdict::Enforced(_)))?;
    let bucket = case.bucket;
    Some(Finding {
        rule: "never-deployed",
        severity: Severity::Note,
        message: format!("bucket {} is in no deployment: {}", bucket.address, why(never, case.words())),
        primary: Label::bucket(bucket.span, "never deployed"),
        related: Vec::new(),
        notes: vec!["nothing can reach a bucket that does not exist".to_owned()],
        intents: Vec::new(),
        shuts_out: false,
        help: match never {
            Never::Condition => {
                "look at what its condition compares: the name of a parameter, written as a string, is not its value"
                    .to_owned()
            }
            Never::Rules => {
                let words = case.words();
                format!("look at {}, and at what the {}s may be", words.rules, words.parameter)
            }
        },
        bucket: bucket.address.clone(),
    })
}

/// Why a bucket is in no deployment, in one clause.
pub(super) fn why(never: Never, words: Words) -> String {
    match never {
        Never::Condition => "its condition never holds".to_owned(),
        Never::Rules => format!("no values of the {}s meet all that is asked of them", words.parameter),
    }
}
