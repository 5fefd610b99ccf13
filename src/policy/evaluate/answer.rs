//! Yes, no, or maybe with its causes.
//!
//! The model's `Truth` has no causes, and nobody who compares names asks for them. `sets` has no answers at all: there
//! a Deny is two sets, what it surely holds and what it may hold (`Sides`), and the two evaluators share nothing but the
//! document and the facts.

use crate::model::Unknown;

/// More causes than these help nobody.
const MAX_CAUSES: usize = 16;

/// Whether something holds for the request.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::policy) enum Answer {
    /// Whatever the unknowns are.
    Yes,
    /// For no value of the unknowns.
    No,
    /// It hangs on these.
    Maybe(Vec<Unknown>),
}

impl Answer {
    /// It hangs on `unknown`.
    pub(super) fn maybe(unknown: Unknown) -> Self {
        Self::Maybe(vec![unknown])
    }

    /// A known answer.
    pub(super) fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    /// The other way round.
    pub(super) fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            maybe @ Self::Maybe(_) => maybe,
        }
    }

    /// Whether all hold.
    pub(super) fn all(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut causes = Vec::new();
        for answer in answers {
            match answer {
                Self::Yes => {}
                Self::No => return Self::No,
                Self::Maybe(unknown) => join(&mut causes, unknown),
            }
        }
        if causes.is_empty() { Self::Yes } else { Self::Maybe(causes) }
    }

    /// Whether one holds.
    pub(super) fn any(answers: impl IntoIterator<Item = Self>) -> Self {
        Self::all(answers.into_iter().map(Self::not)).not()
    }
}

/// Adds causes that are not there yet.
pub(super) fn join(causes: &mut Vec<Unknown>, more: Vec<Unknown>) {
    for unknown in more {
        if causes.len() < MAX_CAUSES && !causes.contains(&unknown) {
            causes.push(unknown);
        }
    }
}
