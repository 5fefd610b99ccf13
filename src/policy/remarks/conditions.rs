//! Condition keys that S3 refuses: those that none of the statement's actions has.

use super::{Remark, glob, known_actions, refused};
use crate::policy::facts::keys::all;
use crate::policy::facts::{KeyFact, key};
use crate::policy::nearest::meant;
use crate::policy::{Condition, Statement};

const ANSWER: &str = "Conditions do not apply to combination of actions and resources in statement";

pub(super) fn check(statement: &Statement, found: &mut Vec<Remark>) {
    found.extend(statement.conditions.iter().filter_map(|condition| of(condition, statement)));
}

fn of(condition: &Condition, statement: &Statement) -> Option<Remark> {
    let fact = key(&condition.key);
    let written = &condition.key_written;
    if !fact.is_known() {
        // Other services have keys of their own, and identity providers too.
        let ours = condition.key.starts_with("aws:") || condition.key.starts_with("s3:");
        return ours.then(|| {
            let help = near(&condition.key).map_or_else(
                || "take a key of the IAM or the S3 reference".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("`{written}` is no condition key that AWS documents");
            refused(condition.key_span, message, "Policy has an invalid condition key", "iam-keys", help)
        });
    }
    let is_of_s3 = fact.name.starts_with("s3:");
    if !is_of_s3 || belongs(fact, statement)? {
        return None;
    }
    Some(refused(
        condition.key_span,
        format!("no action of this statement has `{written}`"),
        ANSWER,
        "answer-condition",
        format!("remove the condition on `{written}`, or give the statement an action that has it"),
    ))
}

/// The key that was probably meant.
pub(crate) fn near(written: &str) -> Option<&'static str> {
    meant(written, all().into_iter().map(|fact| fact.name))
}

/// Whether a known action of the statement has the key; `None` where its actions are not known.
fn belongs(fact: &KeyFact, statement: &Statement) -> Option<bool> {
    let Some(on) = &fact.actions else { return Some(true) };
    let element = &statement.action;
    if !element.unknown.is_empty() {
        return None;
    }
    let mut globs = Vec::new();
    for item in &element.items {
        let text = item.pattern.as_literal()?.to_ascii_lowercase();
        globs.push(text.strip_prefix("s3:").map_or_else(|| text.clone(), str::to_owned));
    }
    let of_statement = |name: &str| globs.iter().any(|pattern| glob(pattern, name)) != element.negated;
    Some(known_actions().any(|(lower, action)| of_statement(lower) && on.has(action.name)))
}
