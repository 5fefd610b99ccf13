//! Terraform's functions, as far as policies are written with them.
//!
//! What each does: <https://developer.hashicorp.com/terraform/language/functions>. A function that is not here gives
//! an unknown with its name.

mod collection;
mod files;
mod json;
mod replace;
mod text;

use super::evaluate::{Evaluator, Scope};
use super::value::Val;
use crate::source::Span;

impl Evaluator<'_> {
    /// Calls a function whose arguments are evaluated.
    pub(super) fn function(&self, name: &str, arguments: &[Val], span: Span, scope: &Scope) -> Val {
        let weight = |items: &[Val]| items.iter().map(|item| 1 + item.weight()).sum::<usize>();
        let inside = arguments.iter().filter_map(Val::items).map(|items| weight(items)).sum::<usize>();
        if !self.spend(1 + weight(arguments) + inside) {
            return self.too_large(span);
        }
        self.json_function(name, arguments, span)
            .or_else(|| self.text_function(name, arguments, span))
            .or_else(|| self.collection_function(name, arguments, span))
            .or_else(|| self.file_function(name, arguments, span, scope))
            .unwrap_or_else(|| {
                let cause = format!("the function `{name}` is not evaluated");
                self.unknown(span, cause, "run on the state after apply, or write the value out")
            })
    }

    /// An unknown for a function that needs to know its arguments.
    fn needs(&self, name: &str, arguments: &[Val], span: Span) -> Val {
        if let Some(unknown) = arguments.iter().find(|argument| argument.missing().is_some()) {
            return self.not_known(unknown, span, "");
        }
        let holes = arguments.iter().find(|argument| argument.as_frags().is_some() && argument.as_literal().is_none());
        match holes {
            Some(argument) => self.not_known(argument, span, &format!("an argument of `{name}` is not known")),
            None => self.unknown(span, format!("the arguments of `{name}` cannot be used"), "check their types"),
        }
    }
}
