//! What a bucket policy says, and whether it denies every request without TLS.
//!
//! [`decide()`] reasons about *sets* of requests: it is the claim. [`evaluate()`] answers for *one* concrete request: it
//! checks the claim. Both read the same [`Document`], and share nothing else.

mod budget;
mod decide;
mod document;
mod evaluate;
mod explain;
pub mod facts;
mod likely;
pub mod literal;
mod nearest;
mod plain;
mod remarks;
mod request;
mod sets;
mod verdict;

pub use crate::model::Leaning;
pub use budget::Budget;
pub use decide::{decide, decide_within};
pub(crate) use document::partition_by_hand;
pub use document::{
    Condition, Correction, Document, Effect, Element, Operator, OperatorBase, Pattern, PrincipalElement, PrincipalKind,
    Problem, Quantifier, Statement, Version,
};
pub use evaluate::{Evaluation, evaluate, realizable};
#[cfg(feature = "internals")]
pub use explain::misses;
#[cfg(feature = "internals")]
pub use literal::Instant;
pub use plain::plain_deny;
pub use remarks::{Remark, RemarkKind, Target, remarks};
pub use request::{Context, Principal, Request, Resource};
pub use verdict::{Decision, Miss, MissedElement};
