//! Conditions under which a resource, or a value, exists.

use super::{Text, Unknown};
use std::sync::Arc;

/// A formula over texts that may be unknown. It stays a choice in the model; worlds are expanded later.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Holds in every deployment.
    Always,
    /// Holds in none.
    Never,
    /// A named condition of the template; reports use the name.
    Named {
        /// Its logical id.
        name: Arc<str>,
        /// What it says.
        formula: Arc<Condition>,
    },
    /// Holds where the inner one does not.
    Not(Arc<Condition>),
    /// Holds where all do.
    All(Arc<[Condition]>),
    /// Holds where one does.
    Any(Arc<[Condition]>),
    /// Both texts are equal.
    Equals(Text, Text),
    /// Cannot be read; equal to itself by its place.
    Unknown(Arc<Unknown>),
}

impl Condition {
    /// Both hold.
    #[must_use]
    pub fn and(self, other: Condition) -> Condition {
        match (self, other) {
            (Condition::Always, one) | (one, Condition::Always) => one,
            (one, two) => Condition::All(vec![one, two].into()),
        }
    }
}
