//! What comes of deciding one policy for one bucket.

use super::Request;
use crate::model::{Hop, Leaning, Unknown};
use crate::source::Span;

/// The decision for one policy and one bucket, in one world (no choice is left in the document).
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// Every insecure request is denied.
    Enforced {
        /// Indexes of the statements that do the work; none of them can be left out.
        by: Vec<usize>,
    },
    /// This insecure request is denied by no statement, whatever the unknowns are.
    Exposed {
        /// The request.
        witness: Request,
        /// For each Deny statement, the element that lets the witness through.
        misses: Vec<Miss>,
    },
    /// It hangs on something unknown.
    Undecided {
        /// What is unknown; at least one.
        because: Vec<Unknown>,
        /// Where all that is known points.
        leaning: Option<Leaning>,
    },
}

/// Why one Deny statement does not match the witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// Index of the statement in the document.
    pub statement: usize,
    /// The element that does not match.
    pub element: MissedElement,
    /// Where that element's value stands.
    pub span: Span,
    /// Places that the element's value passed through on its way there.
    pub hops: Vec<Hop>,
    /// In words, starting with "this Deny": "this Deny covers the objects only".
    pub message: String,
    /// What to write instead, where that can be said.
    pub advice: Option<String>,
    /// True where the statement is about transport (its `aws:SecureTransport` conditions hold on plain HTTP).
    pub about_transport: bool,
    /// True where the statement has a condition on TLS at all.
    pub about_tls: bool,
    /// True where the statement denies TLS instead of plain HTTP, and would deny all plain HTTP if it was turned.
    pub inverted: bool,
}

/// The element of a statement that lets a request through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissedElement {
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// `Action` or `NotAction`.
    Action,
    /// `Resource` or `NotResource`.
    Resource,
    /// An entry of `Condition`.
    Condition,
}
