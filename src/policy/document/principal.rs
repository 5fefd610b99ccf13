//! `Principal` and `NotPrincipal`.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.

use super::element::{self, Key};
use super::read::{Mapping, mapping};
use super::{Element, Pattern, PrincipalElement, PrincipalKind, Problem};
use crate::model::{Data, Entry};

const KINDS: &[(&str, PrincipalKind)] = &[
    ("AWS", PrincipalKind::Aws),
    ("Service", PrincipalKind::Service),
    ("Federated", PrincipalKind::Federated),
    ("CanonicalUser", PrincipalKind::CanonicalUser),
];

const HELP: &str = "write `\"*\"`, or a mapping with `AWS`, `Service`, `Federated` or `CanonicalUser`";

/// Reads the element. A bare text is either `*` or rejected.
pub(super) fn read(key: &Key<'_>, problems: &mut Vec<Problem>) -> Element<PrincipalElement> {
    let mut element = Element::empty(key);
    let value = &key.entry.value;
    if value.scalar_text().is_some_and(|text| text.as_literal() == Some("*")) {
        element.items.push(PrincipalElement { kind: PrincipalKind::Everyone, text: "*".into(), span: value.span });
        element.hops.clone_from(&value.hops);
        return element;
    }
    match mapping(value) {
        Mapping::Entries(entries) => {
            for entry in entries.iter().filter(|entry| !matches!(entry.value.data, Data::Absent)) {
                read_entry(entry, &mut element, problems);
            }
            if element.items.is_empty() && element.unknown.is_empty() {
                problems.push(Problem {
                    message: format!("`{}` names nobody", key.entry.key),
                    span: value.span,
                    help: HELP.to_owned(),
                    instead: None,
                });
            }
        }
        Mapping::Unknown(unknown) => element.unknown.push(unknown),
        Mapping::Other => problems.push(Problem {
            message: format!("`{}` is neither `\"*\"` nor a mapping", key.entry.key),
            span: value.span,
            help: HELP.to_owned(),
            instead: None,
        }),
    }
    element
}

fn read_entry(entry: &Entry, element: &mut Element<PrincipalElement>, problems: &mut Vec<Problem>) {
    let Some(&(name, kind)) = KINDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(&entry.key)) else {
        problems.push(Problem {
            message: format!("`{}` is no kind of principal", entry.key),
            span: entry.key_span,
            help: HELP.to_owned(),
            instead: None,
        });
        return;
    };
    if name != entry.key {
        element.unknown.push(element::other_case(&entry.key, name, entry.key_span));
        return;
    }
    let texts = element::texts(&entry.value, false);
    texts.report(name, problems);
    for Pattern { pattern, span } in &texts.items {
        if kind == PrincipalKind::Aws && pattern.as_literal().is_some_and(is_partial_wildcard) {
            problems.push(Problem {
                message: "a wildcard cannot stand for a part of a principal".to_owned(),
                span: *span,
                help: "name the principal in full, or take `*` and a condition on `aws:PrincipalArn`".to_owned(),
                instead: None,
            });
        }
    }
    element.items.extend(texts.items.into_iter().map(|item| PrincipalElement {
        kind,
        text: item.pattern,
        span: item.span,
    }));
    element.unknown.extend(texts.unknown);
    element.hops.extend(texts.hops);
}

/// "You cannot use a wildcard to match part of a principal name or ARN", says the page above.
fn is_partial_wildcard(text: &str) -> bool {
    text != "*" && text.contains('*')
}
