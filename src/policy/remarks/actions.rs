//! Actions that S3 refuses: unknown ones, those of other services, and those that fit no resource of their statement.

use super::{Reach, Remark, glob, known_actions, refused};
use crate::policy::facts::actions;
use crate::policy::nearest::meant;
use crate::policy::{Pattern, Statement};

const ANSWER: &str = "Policy has invalid action";

pub(super) fn check(statement: &Statement, found: &mut Vec<Remark>) {
    found.extend(statement.action.items.iter().filter_map(of));
}

fn of(item: &Pattern) -> Option<Remark> {
    let text = item.pattern.as_literal()?;
    let because = |message: String, help: String| Some(refused(item.span, message, ANSWER, "answer-action", help));
    if text == "*" {
        return None;
    }
    if text.trim() != text {
        let help = format!("write `{}`", text.trim());
        return because(format!("`{text}` has a blank that belongs to no action"), help);
    }
    let Some((service, name)) = text.split_once(':') else {
        return because(format!("`{text}` names no service"), "write `s3:*` for every action of S3".to_owned());
    };
    if !service.eq_ignore_ascii_case("s3") {
        let message = format!("`{text}` is no action on a bucket or an object");
        return because(message, "a bucket policy takes actions of `s3:` only".to_owned());
    }
    let lower = name.to_ascii_lowercase();
    if known_actions().any(|(known, _)| glob(&lower, known)) {
        return None;
    }
    if let Some(other) = actions::lookup(name) {
        let message = format!("`s3:{}` is on no bucket and no object", other.name);
        return because(message, "allow or deny it in an identity policy".to_owned());
    }
    let near = meant(name, known_actions().map(|(_, action)| action.name));
    let help = near.map_or_else(
        || "take an action of the Service Authorization Reference".to_owned(),
        |near| format!("did you mean `s3:{near}`?"),
    );
    because(format!("`{text}` is no action of S3"), help)
}

/// Whether some action of the statement applies to some resource of it.
pub(super) fn applies(statement: &Statement, reaches: &[Reach]) -> Option<Remark> {
    let element = &statement.action;
    if element.negated || statement.resource.negated {
        return None;
    }
    if !element.unknown.is_empty() || !statement.resource.unknown.is_empty() {
        return None;
    }
    let on_bucket = reaches.iter().any(|reach| reach.bucket);
    let on_objects = reaches.iter().any(|reach| reach.objects);
    // Of resources that are no part of this bucket something else is said.
    if !on_bucket && !on_objects {
        return None;
    }
    let mut kinds = (false, false);
    for item in &element.items {
        let text = item.pattern.as_literal()?.to_ascii_lowercase();
        let name = text.strip_prefix("s3:").unwrap_or(&text);
        for (_, action) in known_actions().filter(|(known, _)| glob(name, known)) {
            kinds = (kinds.0 || action.on_bucket, kinds.1 || action.on_object);
            if kinds == (true, true) {
                return None;
            }
        }
    }
    let fits = (kinds.0 && on_bucket) || (kinds.1 && on_objects);
    let (what, help) = if kinds.0 {
        ("the bucket", "add the bucket's own ARN to `Resource`")
    } else {
        ("objects", "add the bucket's ARN with `/*` to `Resource`")
    };
    (!fits).then(|| {
        refused(
            element.span,
            format!("these actions are on {what}, and `Resource` names none"),
            "Action does not apply to any resource(s) in statement",
            "answer-applies",
            help.to_owned(),
        )
    })
}
