//! What a request holds under a condition key: as it is given, or as who asks settles it.
//!
//! See `facts/global-keys.tsv`.

use crate::model::{Piece, Text};
use crate::policy::facts::{Asker, By, Presence, Way, key};
use crate::policy::{Principal, Request};

/// What a request holds under a key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Holds {
    /// These values.
    Values(Vec<Text>),
    /// Nothing: the key is absent.
    Nothing,
    /// Something that the request, as it is given, does not say.
    Something,
}

/// What `request` holds under a key (in lower case).
pub(super) fn holds(request: &Request, name: &str) -> Holds {
    if let Some(values) = request.context.get(name) {
        return Holds::Values(values.clone());
    }
    let askers = request.principal.askers();
    let fact = key(name);
    if askers.iter().all(|asker| fact.carried_by(*asker) == Presence::Never) {
        return Holds::Nothing;
    }
    let settled = match askers {
        [asker] => settled(request, fact.by, *asker),
        _ => None,
    };
    match settled {
        Some(value) => Holds::Values(vec![value]),
        None if fact.by == By::Transport => Holds::Nothing,
        None if askers.iter().all(|asker| fact.carried_by(*asker) == Presence::Always) && fact.way == Way::Any => {
            Holds::Something
        }
        None => Holds::Nothing,
    }
}

/// The values that a request surely holds.
#[must_use]
pub(in crate::policy) fn given(request: &Request, name: &str) -> Option<Vec<Text>> {
    match holds(request, name) {
        Holds::Values(values) => Some(values),
        Holds::Nothing | Holds::Something => None,
    }
}

/// The value that a principal of a kind settles; `None` where it is open.
pub(super) fn settled(request: &Request, by: By, asker: Asker) -> Option<Text> {
    let word = |word: &str| Some(Text::literal(word));
    match by {
        By::PrincipalArn => own_arn(request),
        By::PrincipalAccount => match asker {
            Asker::Anonymous => word("anonymous"),
            Asker::Service => None,
            _ => account(request),
        },
        By::PrincipalType => match asker {
            Asker::Anonymous => word("Anonymous"),
            Asker::Root => word("Account"),
            Asker::User => word("User"),
            Asker::Role => word("AssumedRole"),
            Asker::FederatedUser => word("FederatedUser"),
            Asker::Service => None,
        },
        By::PrincipalIsService => word(if asker == Asker::Service { "true" } else { "false" }),
        By::ServiceName => match &request.principal {
            Principal::Service(name) => Some(name.clone()),
            _ => None,
        },
        By::UserId => match asker {
            Asker::Anonymous => word("anonymous"),
            Asker::Root => account(request),
            _ => None,
        },
        By::UserName if asker == Asker::User => {
            let arn = given_arn(request).or_else(|| own_arn(request))?;
            let name = arn.as_literal()?.rsplit('/').next()?;
            Some(Text::literal(name))
        }
        By::Forwarded if asker == Asker::Anonymous => word("false"),
        _ => None,
    }
}

/// The ARN that a principal carries: its own. That of a session is its role's, whose path is not told.
fn own_arn(request: &Request) -> Option<Text> {
    match &request.principal {
        Principal::Arn(arn) => {
            let is_session = arn.pieces().iter().any(|piece| match piece {
                Piece::Literal(text) => text.contains(":assumed-role/"),
                Piece::Hole(_) => false,
            });
            (!is_session).then(|| arn.clone())
        }
        _ => None,
    }
}

/// The `aws:PrincipalArn` that the request is given with.
pub(super) fn given_arn(request: &Request) -> Option<Text> {
    match request.context.get("aws:principalarn").map(Vec::as_slice) {
        Some([arn]) => Some(arn.clone()),
        _ => None,
    }
}

/// The account of an IAM principal, where it is told.
fn account(request: &Request) -> Option<Text> {
    let arn = match &request.principal {
        Principal::Arn(arn) => arn.clone(),
        _ => given_arn(request)?,
    };
    super::principal::account_in(&arn)
}
