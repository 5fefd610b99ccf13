//! What is not known, why, and where.

use super::Value;
use crate::source::Span;
use std::sync::Arc;

/// Something that the input does not say.
#[derive(Clone, Debug, PartialEq)]
pub struct Unknown {
    /// Why it is unknown, as a clause: "the macro `Expand` runs at deploy time".
    pub cause: String,
    /// The exact expression that could not be resolved.
    pub span: Span,
    /// What would resolve it, as an instruction: "give its value with `--parameters`".
    pub remedy: String,
    /// What the value most probably is (a parameter's default, the references of a deferred document). It never
    /// decides; a leaning is told from it.
    pub likely: Option<Arc<Value>>,
}

impl Unknown {
    /// An unknown without a likely value.
    #[must_use]
    pub fn new(cause: impl Into<String>, span: Span, remedy: impl Into<String>) -> Self {
        Self { cause: cause.into(), span, remedy: remedy.into(), likely: None }
    }
}
