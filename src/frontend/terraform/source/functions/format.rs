//! `format` and `formatlist`.

use super::super::evaluate::Evaluator;
use super::super::tree::Located;
use super::super::value::{Frag, Val};
use crate::source::Span;

/// The most characters that a verb may ask for.
const WIDEST: usize = 1_000;

/// What a verb asks for: `%[2]-08.3f`.
#[derive(Default)]
struct Verb {
    /// `-`, `+`, `0`, `#` and blanks, as written.
    flags: String,
    width: Option<usize>,
    precision: Option<usize>,
    /// The place of its value, from 1.
    position: Option<usize>,
    name: char,
}

impl Verb {
    /// Reads what stands after a `%`; with what is left of the text.
    fn read(text: &str) -> (Verb, &str) {
        let mut verb = Verb::default();
        let flags = text.len() - text.trim_start_matches(['-', '+', '0', '#', ' ']).len();
        let (flags, mut rest) = text.split_at_checked(flags).unwrap_or(("", text));
        flags.clone_into(&mut verb.flags);
        verb.width = number(&mut rest);
        if let Some(after) = rest.strip_prefix('.') {
            rest = after;
            verb.precision = Some(number(&mut rest).unwrap_or(0));
        }
        if let Some((position, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            verb.position = position.parse().ok();
            rest = after;
        }
        verb.name = rest.chars().next().unwrap_or(' ');
        let left = rest.get(verb.name.len_utf8()..).unwrap_or("");
        (verb, left)
    }

    fn is_plain(&self) -> bool {
        self.flags.is_empty() && self.width.is_none() && self.precision.is_none()
    }

    /// The text of a known value; `None` where the verb is not evaluated.
    fn applied(&self, value: &Val) -> Option<String> {
        let has = |flag: char| self.flags.contains(flag);
        if self.width.into_iter().chain(self.precision).any(|wanted| wanted > WIDEST) || has('#') || has(' ') {
            return None;
        }
        let body = match self.name {
            's' | 'v' => {
                let text = value.as_literal()?;
                self.precision.map_or_else(|| text.clone(), |count| text.chars().take(count).collect())
            }
            'd' | 'b' | 'o' | 'x' | 'X' => self.integer(value.as_number()?)?,
            'f' => format!("{:.*}", self.precision.unwrap_or(6), value.as_number()?),
            _ => return None,
        };
        let body = if has('+') && matches!(self.name, 'd' | 'f') && !body.starts_with('-') {
            format!("+{body}")
        } else {
            body
        };
        let missing = self.width.unwrap_or(0).saturating_sub(body.chars().count());
        let is_number = !matches!(self.name, 's' | 'v');
        Some(match (has('-'), has('0') && is_number) {
            (true, _) => body + &" ".repeat(missing),
            (false, true) => {
                let sign = body.len() - body.trim_start_matches(['-', '+']).len();
                let (sign, digits) = body.split_at_checked(sign)?;
                format!("{sign}{}{digits}", "0".repeat(missing))
            }
            (false, false) => " ".repeat(missing) + &body,
        })
    }

    #[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
    fn integer(&self, number: f64) -> Option<String> {
        if number.fract() != 0.0 || number.abs() > 1e15 || self.precision.is_some() {
            return None;
        }
        let (sign, size) = (if number < 0.0 { "-" } else { "" }, (number as i64).unsigned_abs());
        let digits = match self.name {
            'b' => format!("{size:b}"),
            'o' => format!("{size:o}"),
            'x' => format!("{size:x}"),
            'X' => format!("{size:X}"),
            _ => size.to_string(),
        };
        Some(format!("{sign}{digits}"))
    }
}

/// Takes a number off the start of a text.
fn number(text: &mut &str) -> Option<usize> {
    let digits = text.len() - text.trim_start_matches(|character: char| character.is_ascii_digit()).len();
    let (number, rest) = text.split_at_checked(digits)?;
    *text = rest;
    number.parse().ok()
}

impl Evaluator<'_> {
    pub(super) fn format(&self, format: &Val, values: &[Val], span: Span) -> Val {
        let Some(text) = format.as_literal() else { return self.needs("format", std::slice::from_ref(format), span) };
        match self.formatted(&text, values, span) {
            Ok(frags) => Val::frags(span, frags),
            Err(unknown) => unknown,
        }
    }

    fn formatted(&self, text: &str, values: &[Val], span: Span) -> Result<Vec<Frag>, Val> {
        if !self.spend(1 + text.len() / 64) {
            return Err(self.too_large(span));
        }
        let mut frags = Vec::new();
        let mut next = 0;
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            frags.push(Frag::Literal(Located::whole(before, span)));
            let (verb, left) = Verb::read(after);
            rest = left;
            if verb.name == '%' {
                frags.push(Frag::Literal(Located::whole("%", span)));
                continue;
            }
            let index = verb.position.map_or(next, |position| position.wrapping_sub(1));
            next = index.saturating_add(1);
            let Some(value) = values.get(index) else {
                return Err(self.failed(span, "`format` has fewer values than verbs"));
            };
            frags.extend(self.verb(&verb, value, span)?);
        }
        frags.push(Frag::Literal(Located::whole(rest, span)));
        Ok(frags)
    }

    fn verb(&self, verb: &Verb, value: &Val, span: Span) -> Result<Vec<Frag>, Val> {
        let is_structure = value.items().is_some() || value.members().is_some();
        match verb.name {
            // `%v` and `%s` of a list or object are its JSON.
            's' | 'v' if verb.is_plain() && is_structure => Ok(vec![Frag::Json(value.clone().into())]),
            's' | 'd' | 'v' | 't' if verb.is_plain() => self.frags_of(value, span),
            _ => match verb.applied(value) {
                Some(text) => Ok(vec![Frag::Literal(Located::whole(&text, span))]),
                None if value.as_literal().is_none() => {
                    Err(self.not_known(value, span, "an argument of `format` is not known"))
                }
                None => {
                    let cause = format!("the verb `%{}` of `format` is not evaluated as it is written", verb.name);
                    Err(self.unknown(span, cause, "use `%s`"))
                }
            },
        }
    }

    pub(super) fn format_list(&self, format: &Val, values: &[Val], span: Span) -> Val {
        let Some(text) = format.as_literal() else {
            return self.needs("formatlist", std::slice::from_ref(format), span);
        };
        let Some(length) = values.iter().find_map(|value| value.items().map(|items| items.len())) else {
            return self.needs("formatlist", values, span);
        };
        let mut out = Vec::with_capacity(length);
        for index in 0..length {
            let row: Option<Vec<Val>> = values
                .iter()
                .map(|value| match value.items() {
                    Some(items) => items.get(index).cloned(),
                    None => Some(value.clone()),
                })
                .collect();
            let Some(row) = row else { return self.failed(span, "the lists of `formatlist` differ in length") };
            match self.formatted(&text, &row, span) {
                Ok(frags) => out.push(Val::frags(span, frags)),
                Err(unknown) => return unknown,
            }
        }
        Val::list(span, out)
    }
}
