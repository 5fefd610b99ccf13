//! Sets of requests, three-valued.
//!
//! Each Deny statement becomes a [`DenySet`]: in each dimension of a request (who, what, on what, each condition key) it
//! says of every point whether it matches *for sure* and whether it *may* match. The product over all dimensions is a
//! box of requests that are surely denied, inside of a box of requests that may be denied.
//!
//! [`Space`] sorts the points of each dimension into the finitely many classes that a set of rules tells apart.

mod action;
mod bits;
mod classes;
mod condition;
mod deny_set;
mod element;
mod form;
mod glob;
mod index;
mod principal;
mod resource;
mod search;
mod situation;
mod value;
mod who;
mod whole;

pub(crate) use condition::{Held, bucket_values};
pub(crate) use deny_set::{DenySet, DenySets, How, reach};
pub(crate) use resource::Reach;
pub(crate) use whole::{Found, Space};

use super::Budget;

/// Whether something matches: for sure, and possibly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sides {
    /// Whatever the unknowns are.
    pub(crate) must: bool,
    /// For some value of the unknowns.
    pub(crate) may: bool,
}

impl Sides {
    /// Matches.
    pub(crate) const YES: Self = Self { must: true, may: true };
    /// Does not match.
    pub(crate) const NO: Self = Self { must: false, may: false };
    /// Nothing says.
    pub(crate) const MAYBE: Self = Self { must: false, may: true };

    /// A known answer.
    pub(crate) fn of(matches: bool) -> Self {
        Self { must: matches, may: matches }
    }

    /// Both match.
    pub(crate) fn and(self, other: Self) -> Self {
        Self { must: self.must && other.must, may: self.may && other.may }
    }

    /// One matches.
    pub(crate) fn or(self, other: Self) -> Self {
        Self { must: self.must || other.must, may: self.may || other.may }
    }
}

impl std::ops::Not for Sides {
    type Output = Self;
    fn not(self) -> Self {
        Self { must: !self.may, may: !self.must }
    }
}
