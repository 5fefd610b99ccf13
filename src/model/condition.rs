//! Conditions under which a resource, or a value, exists.

use super::walk::each_once;
use super::{Domain, Scope, Symbol, Text, Truth, Unknown};
use std::sync::Arc;

/// A formula over texts that may be unknown. It stays a choice in the model; worlds are expanded later.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Holds in every deployment.
    Always,
    /// Holds in none.
    Never,
    /// A named condition of a template; reports use the name.
    Named {
        /// Where the name means something: two templates' conditions of one name are two.
        scope: Scope,
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
    /// The text is one of the domain's. Nobody says so but whoever bounds what is handed on: it never stands below
    /// [`Condition::Not`].
    Within(Text, Arc<Domain>),
    /// Cannot be read; equal to itself by its place.
    Unknown(Arc<Unknown>),
}

impl Condition {
    /// Both hold.
    #[must_use]
    pub fn and(self, other: Condition) -> Condition {
        match (self, other) {
            (Condition::Always, one) | (one, Condition::Always) => one,
            (one, two) => Condition::all(vec![one, two]),
        }
    }

    /// All hold. A conjunction of conjunctions is one, and says each thing once, so that what is carried by a long
    /// chain of stacks does not make a deep formula.
    #[must_use]
    pub fn all(parts: Vec<Condition>) -> Condition {
        let mut kept: Vec<Condition> = Vec::new();
        let mut add = |part: Condition| {
            if !kept.contains(&part) {
                kept.push(part);
            }
        };
        for part in parts {
            match part {
                Condition::Always => {}
                Condition::Never => return Condition::Never,
                Condition::All(inner) => inner.iter().cloned().for_each(&mut add),
                other => add(other),
            }
        }
        match (kept.pop(), kept.is_empty()) {
            (None, _) => Condition::Always,
            (Some(only), true) => only,
            (Some(last), false) => {
                kept.push(last);
                Condition::All(kept.into())
            }
        }
    }

    /// One of them holds.
    #[must_use]
    pub fn any(parts: Vec<Condition>) -> Condition {
        let mut kept: Vec<Condition> = Vec::new();
        for part in parts {
            match part {
                Condition::Never => {}
                Condition::Always => return Condition::Always,
                other => kept.push(other),
            }
        }
        match (kept.pop(), kept.is_empty()) {
            (None, _) => Condition::Never,
            (Some(only), true) => only,
            (Some(last), false) => {
                kept.push(last);
                Condition::Any(kept.into())
            }
        }
    }

    /// It does not hold.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "it makes a formula, as `all` and `any` do")]
    pub fn not(inner: Condition) -> Condition {
        match inner {
            Condition::Always => Condition::Never,
            Condition::Never => Condition::Always,
            Condition::Not(inner) => Condition::clone(&inner),
            other => Condition::Not(Arc::new(other)),
        }
    }

    /// The symbols that it compares, each once.
    #[must_use]
    pub fn symbols(&self) -> Vec<Symbol> {
        let mut found = Vec::new();
        self.visit(&mut each_once(&mut found));
        found
    }

    /// The text is one of the domain's.
    #[must_use]
    pub fn within(text: Text, domain: Arc<Domain>) -> Condition {
        match (text.as_literal().map(|literal| domain.contains(literal)), &domain.unread) {
            (Some(Truth::Yes), _) => Condition::Always,
            (Some(Truth::No), _) => Condition::Never,
            (Some(Truth::Maybe), Some(unread)) => Condition::Unknown(Arc::clone(unread)),
            (Some(Truth::Maybe), None) | (None, _) => Condition::Within(text, domain),
        }
    }

    /// Both texts are equal.
    #[must_use]
    pub fn equals(one: Text, two: Text) -> Condition {
        match one.equals(&two) {
            Truth::Yes => Condition::Always,
            Truth::No => Condition::Never,
            Truth::Maybe => Condition::Equals(one, two),
        }
    }
}
