//! An element and its negated twin, as patterns.

use super::Sides;
use super::glob::{Approximation, GlobPattern, Machine};

/// A pattern in the two readings that its element needs.
#[derive(Clone, Debug)]
pub(crate) struct Glob {
    /// What it matches whatever the unknowns are.
    pub(crate) sure: Machine,
    /// What it possibly matches; `None` where that is the same.
    pub(crate) loose: Option<Machine>,
}

impl Glob {
    /// Prepares a pattern of an element.
    pub(crate) fn new(pattern: &GlobPattern, negated: bool) -> Self {
        let reading = if negated { Approximation::Widest } else { Approximation::Possible };
        let loose = (!pattern.is_known()).then(|| pattern.machine(reading));
        Self { sure: pattern.machine(Approximation::Sure), loose }
    }

    /// Whether it matches, asked of its machines.
    pub(crate) fn sides(&self, accepts: impl Fn(&Machine) -> bool) -> Sides {
        let must = accepts(&self.sure);
        Sides { must, may: must || self.loose.as_ref().is_some_and(accepts) }
    }
}

/// The alternatives of an element.
#[derive(Clone, Debug)]
pub(crate) struct Alternatives<T> {
    /// True for the `Not…` form.
    pub(crate) negated: bool,
    /// The alternatives.
    pub(crate) items: Vec<T>,
    /// Whether there may be more of them.
    pub(crate) more: bool,
}

impl<T> Alternatives<T> {
    /// Whether the element matches what its items are asked for.
    pub(crate) fn sides(&self, of: impl Fn(&T) -> Sides) -> Sides {
        let more = if self.more { Sides::MAYBE } else { Sides::NO };
        let any = self.items.iter().fold(more, |any, item| any.or(of(item)));
        if self.negated { !any } else { any }
    }
}
