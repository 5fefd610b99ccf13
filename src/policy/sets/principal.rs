//! Who asks.

use super::Sides;
use super::element::Alternatives;
use crate::model::{Piece, Pseudo, Symbol, SymbolKind, Text, Truth};
use crate::policy::{Element, Principal, PrincipalElement, PrincipalKind};
use std::collections::BTreeSet;

/// Which principals a statement matches.
pub(crate) type Principals = Alternatives<Named>;

/// Whom one entry names.
#[derive(Clone, Debug)]
pub(crate) enum Named {
    /// Everyone, anonymous included.
    Everyone,
    /// All principals of an account.
    Account(Text),
    /// One IAM principal by its ARN.
    One(Text),
    /// Somebody under `AWS`, unknown whom; perhaps everyone.
    Somebody {
        /// Whether it may be `*`.
        or_everyone: bool,
    },
    /// A service, federated principal or canonical user.
    Other(PrincipalKind, Text),
}

/// Reads `Principal` or `NotPrincipal`; `normal` takes the partition out of a text.
pub(crate) fn read(element: &Element<PrincipalElement>, normal: impl Fn(&Text) -> Text) -> Principals {
    Alternatives {
        negated: element.negated,
        items: element.items.iter().map(|item| named(item, &normal(&item.text))).collect(),
        more: !element.unknown.is_empty(),
    }
}

fn named(item: &PrincipalElement, text: &Text) -> Named {
    match item.kind {
        PrincipalKind::Everyone => Named::Everyone,
        PrincipalKind::Aws => aws(text),
        kind => Named::Other(kind, text.clone()),
    }
}

fn aws(text: &Text) -> Named {
    if text.as_literal() == Some("*") {
        return Named::Everyone;
    }
    if let Some(account) = whole_account(text) {
        return Named::Account(account);
    }
    match text.pieces().first() {
        Some(Piece::Literal(start)) if start.starts_with("arn:") => Named::One(text.clone()),
        Some(Piece::Hole(symbol)) if *symbol.kind() == SymbolKind::Attribute => Named::One(text.clone()),
        _ => {
            let may_be_star = |piece: &Piece| match piece {
                Piece::Literal(text) => text == "*",
                Piece::Hole(symbol) => *symbol.kind() == SymbolKind::Free,
            };
            Named::Somebody { or_everyone: text.pieces().iter().all(may_be_star) }
        }
    }
}

/// The account that an id or the ARN of its root names.
fn whole_account(text: &Text) -> Option<Text> {
    let is_id = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_pseudo = |symbol: &Symbol| *symbol.kind() == SymbolKind::Pseudo;
    if text.as_literal().is_some_and(is_id) || text.as_symbol().is_some_and(is_pseudo) {
        return Some(text.clone());
    }
    let (account, rest) = split_arn(text)?;
    (rest.as_literal() == Some("root") && text.pieces().first().is_some_and(is_iam)).then_some(account)
}

fn is_iam(piece: &Piece) -> bool {
    matches!(piece, Piece::Literal(text) if text.split(':').nth(2) == Some("iam"))
}

/// The account of an ARN, and what follows it. `None` where a hole may hide a colon before that.
pub(crate) fn split_arn(text: &Text) -> Option<(Text, Text)> {
    let mut fields = vec![Text::default()];
    for piece in text.pieces() {
        match piece {
            Piece::Literal(text) => {
                let colons = 6_usize.saturating_sub(fields.len());
                for (index, part) in text.splitn(colons + 1, ':').enumerate() {
                    if index > 0 {
                        fields.push(Text::default());
                    }
                    fields.last_mut()?.push_str(part);
                }
            }
            Piece::Hole(symbol) => {
                if fields.len() < 5 || (fields.len() == 5 && !is_one_field(symbol)) {
                    return None;
                }
                fields.last_mut()?.push(&Text::hole(symbol.clone()));
            }
        }
    }
    let rest = fields.pop().filter(|_| fields.len() == 5)?;
    (fields.first()?.as_literal() == Some("arn")).then_some((fields.pop()?, rest))
}

/// Whether what a hole stands for holds no colon.
pub(super) fn is_one_field(symbol: &Symbol) -> bool {
    !matches!(symbol.kind(), SymbolKind::Free | SymbolKind::Attribute) && symbol.pseudo() != Some(Pseudo::StackId)
}

impl Principals {
    /// Whether the element matches a principal, whose `aws:PrincipalArn` is `arn` where that is told. `canonical`: an
    /// ARN stands only for principals whose account is no canonical user that the policy names; those stand under that
    /// name.
    pub(crate) fn at(&self, principal: &Principal, arn: Option<&Text>, canonical: bool) -> Sides {
        self.sides(|named| match (named, principal) {
            (Named::Other(PrincipalKind::CanonicalUser, text), Principal::Arn(_)) if canonical => glob(text),
            _ => named.sides_of(principal, arn),
        })
    }
}

impl Named {
    /// Whether it is a session of a role.
    pub(crate) fn is_session(&self) -> bool {
        match self {
            Self::One(arn) => {
                matches!(arn.pieces().first(), Some(Piece::Literal(text)) if text.contains(":assumed-role/"))
            }
            _ => false,
        }
    }

    /// A session of a role, and an account under another name, are also what their `aws:PrincipalArn` says.
    fn sides_of(&self, principal: &Principal, arn: Option<&Text>) -> Sides {
        let by_name = self.sides(principal);
        let Some(arn) = arn else { return by_name };
        match (self, principal) {
            (Named::One(_), Principal::Arn(own)) if own != arn => {
                let by_arn = self.sides(&Principal::Arn(arn.clone()));
                if by_name == Sides::MAYBE { by_arn } else { by_name.or(by_arn) }
            }
            (Named::One(_) | Named::Account(_), Principal::Federated(_) | Principal::CanonicalUser(_)) => {
                self.sides(&Principal::Arn(arn.clone()))
            }
            _ => by_name,
        }
    }

    fn sides(&self, principal: &Principal) -> Sides {
        match (self, principal) {
            (Named::Everyone, _) => Sides::YES,
            (
                Named::Somebody { or_everyone },
                Principal::Anonymous | Principal::Service(_) | Principal::Federated(_),
            ) => Sides { must: false, may: *or_everyone },
            // Canonical users are accounts by another name.
            (Named::Somebody { .. }, _)
            | (Named::Account(_) | Named::One(_), Principal::CanonicalUser(_))
            | (Named::Other(PrincipalKind::CanonicalUser, _), Principal::Arn(_)) => Sides::MAYBE,
            (Named::Account(account), Principal::Arn(arn)) => match split_arn(arn) {
                Some((own, _)) => truth(account.equals(&own)),
                None => Sides::MAYBE,
            },
            (Named::One(one), Principal::Arn(arn)) => truth(one.equals(arn)),
            (Named::Other(PrincipalKind::Service, one), Principal::Service(other))
            | (Named::Other(PrincipalKind::Federated, one), Principal::Federated(other))
            | (Named::Other(PrincipalKind::CanonicalUser, one), Principal::CanonicalUser(other)) => {
                truth(one.equals(other)).or(glob(one))
            }
            (Named::Other(_, one), _) => glob(one),
            (Named::Account(_) | Named::One(_), _) => Sides::NO,
        }
    }
}

/// A wildcard outside of `AWS` has no documented meaning; a free unknown may be one.
fn glob(text: &Text) -> Sides {
    let is_glob = match text.as_literal() {
        Some(text) => text.contains(['*', '?']),
        None => text.pieces().iter().any(|piece| match piece {
            Piece::Literal(text) => text.contains(['*', '?']),
            Piece::Hole(symbol) => *symbol.kind() == SymbolKind::Free,
        }),
    };
    if is_glob { Sides::MAYBE } else { Sides::NO }
}

fn truth(truth: Truth) -> Sides {
    match truth {
        Truth::Yes => Sides::YES,
        Truth::No => Sides::NO,
        Truth::Maybe => Sides::MAYBE,
    }
}

/// Principals such that any other is matched by the same elements as one of them; the plainest first.
pub(crate) fn candidates(elements: &[&Principals], partition: &str) -> Vec<Principal> {
    let named: Vec<&Named> = elements.iter().flat_map(|element| &element.items).collect();
    let mut accounts = BTreeSet::new();
    let mut ones = BTreeSet::new();
    let mut others = BTreeSet::new();
    for one in &named {
        match one {
            Named::Account(account) => {
                accounts.insert(account.clone());
            }
            Named::One(arn) => {
                accounts.extend(split_arn(arn).map(|(account, _)| account));
                ones.insert(arn.clone());
            }
            Named::Other(kind, text) => {
                others.insert((*kind, text.clone()));
            }
            Named::Everyone | Named::Somebody { .. } => {}
        }
    }
    let of = |account: &Text, name: &str| {
        let mut arn = Text::literal(format!("arn:{partition}:iam::"));
        arn.push(account);
        arn.push_str(&format!(":{name}"));
        arn
    };
    let stranger = (111_122_223_333_u64..=999_999_999_999)
        .map(|id| Text::literal(id.to_string()))
        .find(|id| !accounts.contains(id));
    let mut found = vec![Principal::Anonymous];
    for account in stranger.iter().chain(&accounts) {
        let user = fresh(|number| of(account, &format!("user/any{number}")), |arn| !ones.contains(arn));
        found.extend([user, of(account, "root")].map(Principal::Arn));
    }
    found.extend(ones.iter().cloned().map(Principal::Arn));
    for kind in [PrincipalKind::Service, PrincipalKind::Federated, PrincipalKind::CanonicalUser] {
        let any = |number: String| match kind {
            PrincipalKind::Service => Text::literal(format!("any{number}.amazonaws.com")),
            PrincipalKind::Federated => Text::literal(format!("any{number}.example.com")),
            _ => Text::literal(format!("any{number}")),
        };
        let other = fresh(any, |text| !others.contains(&(kind, text.clone())));
        let own = others.iter().filter(|(of, _)| *of == kind).map(|(_, text)| text.clone());
        // A canonical user that nobody names is the root of an account.
        let other = (kind != PrincipalKind::CanonicalUser).then_some(other);
        for text in other.into_iter().chain(own) {
            found.push(match kind {
                PrincipalKind::Service => Principal::Service(text),
                PrincipalKind::Federated => Principal::Federated(text),
                _ => Principal::CanonicalUser(text),
            });
        }
    }
    found
}

/// The first of a row of texts that is new.
pub(crate) fn fresh(make: impl Fn(String) -> Text, is_new: impl Fn(&Text) -> bool) -> Text {
    let numbers = std::iter::once(String::new()).chain((2..=u64::MAX).map(|number| number.to_string()));
    numbers.map(make).find(is_new).unwrap_or_default()
}
