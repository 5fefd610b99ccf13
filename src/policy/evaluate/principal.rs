//! `Principal` and `NotPrincipal` against who asks.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>.

use super::answer::Answer;
use super::any_item;
use super::held;
use crate::model::{Piece, SymbolKind, Text, Truth, Unknown};
use crate::policy::{Element, Principal, PrincipalElement, PrincipalKind, Request};

/// Whether the element names who asks.
pub(super) fn matches(element: &Element<PrincipalElement>, request: &Request) -> Answer {
    any_item(element, |item| match names_with(item, request) {
        Truth::Yes => Answer::Yes,
        Truth::No => Answer::No,
        Truth::Maybe => Answer::maybe(why(item)),
    })
}

fn why(item: &PrincipalElement) -> Unknown {
    match item.text.symbols().next() {
        Some(symbol) => symbol.unknown().clone(),
        None => Unknown::new(
            format!("whether `{}` names a given principal is not documented", item.text.shown()),
            item.span,
            "name the principal by its ARN, or everyone with `*`",
        ),
    }
}

/// Whether the entry names who asks. A session is also what its `aws:PrincipalArn` says: its role, and so are those whom
/// an identity provider vouches for; a canonical user is an account by another name.
fn names_with(item: &PrincipalElement, request: &Request) -> Truth {
    let by_name = names(item, &request.principal);
    let Some(arn) = held::given_arn(request).filter(|_| item.kind == PrincipalKind::Aws) else { return by_name };
    match &request.principal {
        Principal::Arn(own) if *own == arn => by_name,
        Principal::Arn(_) if by_name == Truth::Yes || account(&item.text).is_some() => by_name,
        Principal::Arn(_) | Principal::Federated(_) | Principal::CanonicalUser(_) => names(item, &Principal::Arn(arn)),
        Principal::Anonymous | Principal::Service(_) => by_name,
    }
}

fn names(item: &PrincipalElement, principal: &Principal) -> Truth {
    match item.kind {
        PrincipalKind::Everyone => Truth::Yes,
        PrincipalKind::Aws => aws_names(&item.text, principal),
        PrincipalKind::Service => match principal {
            Principal::Service(service) => unless_glob(&item.text, item.text.equals(service)),
            _ => unless_glob(&item.text, Truth::No),
        },
        PrincipalKind::Federated => match principal {
            Principal::Federated(provider) => unless_glob(&item.text, item.text.equals(provider)),
            _ => unless_glob(&item.text, Truth::No),
        },
        PrincipalKind::CanonicalUser => match principal {
            Principal::CanonicalUser(user) => unless_glob(&item.text, item.text.equals(user)),
            // A canonical user is an account under another name.
            Principal::Arn(_) => Truth::Maybe,
            _ => unless_glob(&item.text, Truth::No),
        },
    }
}

/// A wildcard outside of `AWS` has no documented meaning, and an unknown text may be one.
fn unless_glob(text: &Text, answer: Truth) -> Truth {
    let glob = text.pieces().iter().any(|piece| match piece {
        Piece::Literal(part) => part.contains(['*', '?']),
        Piece::Hole(symbol) => *symbol.kind() == SymbolKind::Free && text.as_symbol().is_some(),
    });
    if glob && answer == Truth::No { Truth::Maybe } else { answer }
}

/// A text under `AWS`: `*` is everyone, an account id or its root the whole account, anything else just itself.
fn aws_names(text: &Text, principal: &Principal) -> Truth {
    if text.as_literal() == Some("*") {
        return Truth::Yes;
    }
    let everyone = may_be_everyone(text);
    let named = match principal {
        Principal::Arn(arn) => names_arn(text, arn),
        Principal::CanonicalUser(_) if account(text).is_some() => Truth::Maybe,
        _ => Truth::No,
    };
    if everyone && named == Truth::No { Truth::Maybe } else { named }
}

/// Only an unknown that may hold any text can be `*`, and only where nothing else stands beside it.
fn may_be_everyone(text: &Text) -> bool {
    let free = text.symbols().all(|symbol| *symbol.kind() == SymbolKind::Free);
    let known: String = text
        .pieces()
        .iter()
        .filter_map(|piece| match piece {
            Piece::Literal(part) => Some(part.as_str()),
            Piece::Hole(_) => None,
        })
        .collect();
    text.as_literal().is_none() && free && (known.is_empty() || known == "*")
}

fn names_arn(text: &Text, arn: &Text) -> Truth {
    match text.equals(arn) {
        Truth::Yes => return Truth::Yes,
        // An unknown text may be the ARN as well as its account's.
        Truth::Maybe if account(text).is_none() => return Truth::Maybe,
        _ => {}
    }
    match (account(text), account_in(arn)) {
        (Some(named), Some(asking)) => named.equals(&asking),
        (Some(_), None) => Truth::Maybe,
        (None, _) if text.as_literal().is_some_and(is_opaque_id) => Truth::Maybe,
        (None, _) if is_session_of(text, arn) => Truth::Maybe,
        (None, _) => text.equals(arn),
    }
}

/// The account that an id or the ARN of its root names as a whole.
fn account(text: &Text) -> Option<Text> {
    let is_id = |id: &str| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
    if text.as_literal().is_some_and(is_id) {
        return Some(text.clone());
    }
    match text.as_symbol() {
        Some(symbol) if *symbol.kind() == SymbolKind::Pseudo => return Some(text.clone()),
        _ => {}
    }
    let fields = fields(text)?;
    let root = fields.get(5).and_then(Text::as_literal) == Some("root");
    let iam = fields.get(2).and_then(Text::as_literal) == Some("iam");
    if root && iam { fields.into_iter().nth(4) } else { None }
}

/// The account that stands in an ARN.
pub(super) fn account_in(arn: &Text) -> Option<Text> {
    fields(arn)?.into_iter().nth(4)
}

/// The six fields of an ARN. `None` where an unknown text may hold colons.
fn fields(text: &Text) -> Option<Vec<Text>> {
    let mut fields = vec![Text::default()];
    for piece in text.pieces() {
        match piece {
            Piece::Literal(part) => {
                for (index, field) in part.split(':').enumerate() {
                    if index > 0 {
                        fields.push(Text::default());
                    }
                    if let Some(last) = fields.last_mut() {
                        last.push_str(field);
                    }
                }
            }
            Piece::Hole(symbol) => {
                let one_field = fields.len() >= 5 || !matches!(symbol.kind(), SymbolKind::Free | SymbolKind::Attribute);
                let last = fields.last_mut().filter(|_| one_field)?;
                last.push(&Text::hole(symbol.clone()));
            }
        }
    }
    let arn = fields.first().and_then(Text::as_literal) == Some("arn");
    (arn && fields.len() == 6).then_some(fields)
}

/// An id that AWS puts in place of a deleted principal's ARN: it names somebody, but does not say whom.
fn is_opaque_id(text: &str) -> bool {
    text != "*" && !text.starts_with("arn:")
}

/// Whether `arn` is a session of the role `text`: then the role's ARN covers it, unless the paths differ.
fn is_session_of(text: &Text, arn: &Text) -> bool {
    let (Some(role), Some(session)) = (fields(text), fields(arn)) else { return false };
    let starts = |fields: &[Text], with: &str| matches!(fields.get(5).and_then(|text| text.pieces().first()), Some(Piece::Literal(part)) if part.starts_with(with));
    starts(&role, "role/") && starts(&session, "assumed-role/")
}
