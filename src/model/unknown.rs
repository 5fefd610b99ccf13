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

    /// The text of a number that is not written as every tool writes it.
    #[must_use]
    pub fn rewritten(number: &str, span: Span) -> Self {
        let cause = format!("the number `{number}` is written differently by the tools on its way");
        Self::new(cause, span, "put it in quotes")
    }

    /// What was not looked at because a limit of the tool was reached.
    #[must_use]
    pub(crate) fn past_limit(span: Span) -> Self {
        Self::new(PAST_LIMIT, span, "write it simpler")
    }

    /// Whether a limit of the tool is the cause.
    #[must_use]
    pub(crate) fn is_limit(&self) -> bool {
        self.cause == PAST_LIMIT
    }
}

const PAST_LIMIT: &str = "this expression is nested too deep, or grows too large, to be evaluated";
