//! Terraform's functions, as far as policies are written with them.
//!
//! What each does: <https://developer.hashicorp.com/terraform/language/functions>. A function that is not here gives
//! an unknown with its name.

mod collection;
mod encoding;
mod files;
mod format;
mod json;
mod network;
mod number;
mod pattern;
mod provider;
mod replace;
mod tables;
mod text;
mod time;

use super::evaluate::{Evaluator, Scope};
use super::value::{Dat, Frag, Missing, Val};
use crate::source::Span;

/// Functions that give another value each time.
const IMPURE: [&str; 3] = ["uuid", "timestamp", "bcrypt"];

/// Longer arguments are not compared.
const LONGEST: usize = 1_000;

/// Writes what a value is; false where that takes too long, or two values may be written alike.
fn identify(value: &Val, out: &mut String) -> bool {
    use std::fmt::Write as _;
    if out.len() + value.weight() * 64 > LONGEST {
        return false;
    }
    match &value.data {
        Dat::Null => out.push_str("null,"),
        Dat::Bool(flag) => {
            let _ = write!(out, "{flag},");
        }
        Dat::Number(number) => {
            let _ = write!(out, "{number},");
        }
        Dat::Text(frags) => {
            for frag in frags.iter() {
                let _ = match frag {
                    Frag::Literal(located) => write!(out, "{:?}", located.text),
                    Frag::Symbol(symbol) => write!(out, "${:?}", symbol.identity()),
                    Frag::Json(_) | Frag::Encoded(..) => return false,
                };
            }
            out.push(',');
        }
        Dat::Unknown(Missing { id: Some(id), .. }) => {
            let _ = write!(out, "?{id:?},");
        }
        Dat::List(items) => {
            out.push('[');
            if !items.iter().all(|item| identify(item, out)) {
                return false;
            }
            out.push(']');
        }
        _ => return false,
    }
    true
}

impl Evaluator<'_> {
    /// Calls a function whose arguments are evaluated.
    pub(super) fn function(&self, name: &str, arguments: &[Val], span: Span, scope: &Scope) -> Val {
        // A function of one of two values is one of two results. JSON is encoded around the choice.
        let chosen = arguments.iter().position(|argument| matches!(argument.data, Dat::Choice(_)));
        if let (Some(index), false) = (chosen, name == "jsonencode") {
            return self.of_choice(arguments, index, span, |arguments| self.function(name, arguments, span, scope));
        }
        let weight = |items: &[Val]| items.iter().map(|item| 1 + item.weight()).sum::<usize>();
        let inside = arguments.iter().filter_map(Val::items).map(|items| weight(items)).sum::<usize>();
        if !self.spend(1 + weight(arguments) + inside) {
            return self.too_large(span);
        }
        let value = self
            .json_function(name, arguments, span)
            .or_else(|| self.text_function(name, arguments, span))
            .or_else(|| self.number_function(name, arguments, span))
            .or_else(|| self.network_function(name, arguments, span))
            .or_else(|| self.time_function(name, arguments, span))
            .or_else(|| self.pattern_function(name, arguments, span))
            .or_else(|| self.encoding_function(name, arguments, span))
            .or_else(|| self.collection_function(name, arguments, span))
            .or_else(|| self.provider_function(name, arguments, span))
            .or_else(|| self.file_function(name, arguments, span, scope))
            .unwrap_or_else(|| {
                let cause = format!("the function `{name}` is not evaluated");
                self.unknown(span, cause, "run on the state after apply, or write the value out")
            });
        self.same_call(name, arguments, value)
    }

    /// The same function of the same arguments is the same value, wherever it is written and whatever it is.
    fn same_call(&self, name: &str, arguments: &[Val], value: Val) -> Val {
        let Dat::Unknown(missing) = &value.data else { return value };
        if IMPURE.contains(&name) || missing.failed {
            return value;
        }
        let mut id = format!("{}:{name}(", self.configuration.id);
        if !arguments.iter().all(|argument| identify(argument, &mut id)) {
            return value;
        }
        let missing = Missing { id: Some(id.into()), ..missing.clone() };
        Val::new(value.span, Dat::Unknown(missing))
    }

    /// An unknown for a function that needs to know its arguments.
    fn needs(&self, name: &str, arguments: &[Val], span: Span) -> Val {
        let is_unknown = |argument: &&Val| argument.missing().is_some() || matches!(argument.data, Dat::Open(_));
        if let Some(unknown) = arguments.iter().find(is_unknown) {
            return self.not_known(unknown, span, &format!("an argument of `{name}` is not known"));
        }
        let holes = arguments.iter().find(|argument| argument.as_frags().is_some() && argument.as_literal().is_none());
        match holes {
            Some(argument) => self.not_known(argument, span, &format!("an argument of `{name}` is not known")),
            None => self.unknown(span, format!("the arguments of `{name}` cannot be used"), "check their types"),
        }
    }
}

/// What stands up to the closing quote, two of which stand for one, and what follows. The text is what follows the
/// opening one.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let (mut out, mut rest) = (String::new(), text);
    loop {
        let (part, after) = rest.split_once(quote)?;
        out.push_str(part);
        let Some(further) = after.strip_prefix(quote) else { return Some((out, after)) };
        out.push(quote);
        rest = further;
    }
}
