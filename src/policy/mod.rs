//! What a bucket policy says, and whether it denies every request without TLS.
//!
//! [`decide`] reasons about *sets* of requests: it is the claim. [`evaluate`] answers for *one* concrete request: it
//! checks the claim. Both read the same [`Document`], and share nothing else.

mod document;
mod evaluate;
pub mod keys;
pub mod literal;
mod request;
mod verdict;

pub use document::{
    ActionElement, Condition, Document, Effect, Element, Operator, OperatorBase, PrincipalElement, PrincipalKind,
    Problem, Quantifier, Statement, Version,
};
pub use evaluate::{Evaluation, evaluate};
pub use request::{Context, Principal, Request, Resource};
pub use verdict::{Decision, Leaning, Miss, MissedElement};

/// Placeholder until the branch lands.
#[must_use]
pub fn decide(_: &Document, _: &crate::model::Text) -> Decision {
    Decision::Enforced { by: Vec::new() }
}
