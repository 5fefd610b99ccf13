//! The plain case: one statement that denies every insecure request as it stands.
//!
//! Nearly every enforced bucket has such a statement, and telling it by its text costs next to nothing. It is a
//! shortcut only: what it does not recognise is decided over sets of requests, with the same result.

use super::{Condition, Document, Effect, OperatorBase, Pattern, PrincipalKind, Quantifier, Statement};
use crate::model::{Piece, Symbol, SymbolKind, Text};

/// The index of a statement that plainly denies everything insecure on `bucket`.
#[must_use]
pub fn plain_deny(document: &Document, bucket: &Text) -> Option<usize> {
    if !document.doubts.is_empty() {
        return None;
    }
    let plain = document.statements.iter().position(|statement| denies_all(statement, bucket))?;
    // Another partition written by hand somewhere in the document changes what `arn:aws:` stands for.
    let mut resources = document.statements.iter().flat_map(|statement| &statement.resource.items);
    resources.all(|item| names_no_other_partition(&item.pattern)).then_some(plain)
}

fn denies_all(statement: &Statement, bucket: &Text) -> bool {
    statement.effect == Effect::Deny
        && statement.unknown_conditions.is_empty()
        && everyone(statement)
        && every_action(statement)
        && bucket_and_objects(statement, bucket)
        && statement.conditions.iter().all(insecure_transport)
}

fn everyone(statement: &Statement) -> bool {
    let is_star = |text: &Text| text.as_literal() == Some("*");
    !statement.principal.negated
        && statement.principal.items.iter().any(|item| match item.kind {
            PrincipalKind::Everyone => true,
            PrincipalKind::Aws => is_star(&item.text),
            PrincipalKind::Service | PrincipalKind::Federated | PrincipalKind::CanonicalUser => false,
        })
}

fn every_action(statement: &Statement) -> bool {
    let all = |text: &str| text == "*" || text.eq_ignore_ascii_case("s3:*");
    !statement.action.negated && statement.action.items.iter().any(|item| item.pattern.as_literal().is_some_and(all))
}

/// `ARN` and `ARN/*`, or one pattern for both.
fn bucket_and_objects(statement: &Statement, bucket: &Text) -> bool {
    if statement.resource.negated {
        return false;
    }
    let tails = |tail: &str| statement.resource.items.iter().any(|item| is_arn(item, bucket, tail));
    statement.resource.items.iter().any(|item| item.pattern.as_literal() == Some("*"))
        || tails("*")
        || (tails("") && tails("/*"))
}

/// Whether a pattern is the bucket's ARN followed by `tail`.
pub(super) fn is_arn(item: &Pattern, bucket: &Text, tail: &str) -> bool {
    let Some(name) = after_prefix(&item.pattern) else { return false };
    // A glob or a variable inside of the name would mean more than its text. A hole is the same on both sides, and
    // what the bucket is called holds no glob.
    let plain = |piece: &Piece| match piece {
        Piece::Literal(text) => !text.contains(['*', '?', '$']),
        Piece::Hole(_) => true,
    };
    let wanted = bucket.pieces().iter().flat_map(units).chain(tail.bytes().map(Ok));
    bucket.pieces().iter().all(plain) && name.eq(wanted)
}

/// What follows `arn:aws:s3:::`, or the same with the deployment's partition.
fn after_prefix(pattern: &Text) -> Option<impl Iterator<Item = Result<u8, &Symbol>>> {
    let (first, others) = match pattern.pieces() {
        [Piece::Literal(first), others @ ..] if first.starts_with("arn:aws:s3:::") => {
            (first.strip_prefix("arn:aws:s3:::")?, others)
        }
        [Piece::Literal(arn), Piece::Hole(partition), Piece::Literal(third), others @ ..]
            if arn == "arn:" && *partition.kind() == SymbolKind::Partition =>
        {
            (third.strip_prefix(":s3:::")?, others)
        }
        _ => return None,
    };
    Some(first.bytes().map(Ok).chain(others.iter().flat_map(units)))
}

/// The bytes of a literal, or a hole.
fn units(piece: &Piece) -> impl Iterator<Item = Result<u8, &Symbol>> {
    let (text, hole) = match piece {
        Piece::Literal(text) => (text.as_str(), None),
        Piece::Hole(symbol) => ("", Some(symbol)),
    };
    text.bytes().map(Ok).chain(hole.map(Err))
}

fn names_no_other_partition(pattern: &Text) -> bool {
    match pattern.pieces() {
        [Piece::Literal(first), ..] => match first.strip_prefix("arn:") {
            Some(rest) => rest.is_empty() || rest.starts_with("aws:") || rest.starts_with('*'),
            None => true,
        },
        _ => true,
    }
}

/// `Bool: {aws:SecureTransport: "false"}`, with or without `IfExists`.
fn insecure_transport(condition: &Condition) -> bool {
    condition.operator.base == OperatorBase::Bool
        && condition.operator.quantifier == Quantifier::Single
        && condition.key == "aws:securetransport"
        && condition.values.iter().any(|value| value.pattern.as_literal() == Some("false"))
}

/// Whether a condition leaves alone what comes over TLS.
pub(super) fn is_met_by_http_only(condition: &Condition) -> bool {
    insecure_transport(condition) && condition.values.iter().all(|value| value.pattern.as_literal() == Some("false"))
}
