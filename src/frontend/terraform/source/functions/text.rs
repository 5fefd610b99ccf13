//! Functions on text.

use super::super::equal::Typing;
use super::super::evaluate::Evaluator;
use super::super::value::{Frag, Val};
use crate::source::Span;

impl Evaluator<'_> {
    pub(super) fn text_function(&self, name: &str, arguments: &[Val], span: Span) -> Option<Val> {
        let value = match (name, arguments) {
            ("format", [format, values @ ..]) => self.format(format, values, span),
            ("formatlist", [format, values @ ..]) => self.format_list(format, values, span),
            ("join", [separator, lists @ ..]) => self.join(separator, lists, span),
            ("replace", [text, search, with]) => self.replace(text, search, with, span),
            ("startswith" | "endswith" | "strcontains", [text, part]) => self.has_part(name, text, part, span),
            ("trimspace", [value]) if value.as_json().is_some() => value.clone().at(span),
            ("lower" | "upper" | "title" | "trimspace" | "chomp" | "strrev", [value]) => {
                match value.as_literal().and_then(|text| changed(name, &text)) {
                    Some(text) => Val::text(span, &text),
                    None => self.needs(name, arguments, span),
                }
            }
            ("indent", [count, value]) => match (count.as_number(), value.as_literal()) {
                (Some(count), Some(text)) => self.indented(count, &text, span),
                _ => self.needs(name, arguments, span),
            },
            ("trim" | "trimprefix" | "trimsuffix", [value, part]) => match (value.as_literal(), part.as_literal()) {
                (Some(text), Some(part)) => Val::text(span, trimmed(name, &text, &part)),
                _ => self.needs(name, arguments, span),
            },
            ("split", [separator, value]) => match (separator.as_literal(), value.as_literal()) {
                (Some(separator), Some(text)) => self.split(&separator, &text, span),
                _ => self.needs(name, arguments, span),
            },
            ("substr", [value, offset, length]) => match (value.as_literal(), offset.as_number(), length.as_number()) {
                (Some(text), Some(offset), Some(length)) => substring(&text, offset, length, span),
                _ => self.needs(name, arguments, span),
            },
            _ => return None,
        };
        Some(value)
    }

    /// The parts of a scalar, for text that holds it.
    pub(super) fn frags_of(&self, value: &Val, span: Span) -> Result<Vec<Frag>, Val> {
        let failed = value.missing().is_some_and(|missing| missing.failed);
        match value.as_frags() {
            Some(frags) if !failed && self.spend(frags.len()) => Ok(frags),
            Some(_) if !failed => Err(self.too_large(span)),
            _ => Err(self.not_known(value, span, "a value that is not a string stands in one")),
        }
    }

    fn join(&self, separator: &Val, lists: &[Val], span: Span) -> Val {
        let between = match self.frags_of(separator, span) {
            Ok(frags) => frags,
            Err(unknown) => return unknown,
        };
        let mut frags = Vec::new();
        let mut first = true;
        for list in lists {
            let Some(items) = list.items() else { return self.needs("join", std::slice::from_ref(list), span) };
            for item in items.iter() {
                if !self.spend(between.len()) {
                    return self.too_large(span);
                }
                if !first {
                    frags.extend(between.iter().cloned());
                }
                first = false;
                match self.frags_of(item, span) {
                    Ok(item) => frags.extend(item),
                    Err(unknown) => return unknown,
                }
            }
        }
        Val::frags(span, frags)
    }

    fn has_part(&self, name: &str, text: &Val, part: &Val, span: Span) -> Val {
        match (text.as_literal(), part.as_literal()) {
            (Some(text), Some(part)) => Val::bool(
                span,
                match name {
                    "startswith" => text.starts_with(&part),
                    "endswith" => text.ends_with(&part),
                    _ => text.contains(&part),
                },
            ),
            _ => self.needs(name, &[text.clone(), part.clone()], span),
        }
    }

    fn split(&self, separator: &str, text: &str, span: Span) -> Val {
        let count = if separator.is_empty() { text.len() } else { text.matches(separator).count() };
        if !self.spend(count) {
            return self.too_large(span);
        }
        let parts: Vec<Val> = if separator.is_empty() {
            text.chars().map(|character| Val::text(span, character.encode_utf8(&mut [0; 4]))).collect()
        } else {
            text.split(separator).map(|part| Val::text(span, part)).collect()
        };
        Val::list(span, parts).typed(Typing::Uniform)
    }

    /// The text with so many blanks before each line but the first.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float saturates")]
    fn indented(&self, count: f64, text: &str, span: Span) -> Val {
        let count = count as usize;
        if !self.spend(count.saturating_mul(text.matches('\n').count())) {
            return self.too_large(span);
        }
        Val::text(span, &text.replace('\n', &format!("\n{}", " ".repeat(count))))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float saturates")]
fn substring(text: &str, offset: f64, length: f64, span: Span) -> Val {
    let count = text.chars().count();
    let start = if offset < 0.0 { count.saturating_sub(-offset as usize) } else { offset as usize };
    let length = if length < 0.0 { count } else { length as usize };
    Val::text(span, &text.chars().skip(start).take(length).collect::<String>())
}

fn changed(name: &str, text: &str) -> Option<String> {
    Some(match name {
        "lower" => text.to_lowercase(),
        "upper" => text.to_uppercase(),
        "trimspace" => text.trim().to_owned(),
        "chomp" => text.trim_end_matches(['\n', '\r']).to_owned(),
        "strrev" => text.chars().rev().collect(),
        "title" => titled(text),
        _ => return None,
    })
}

fn titled(text: &str) -> String {
    let mut start = true;
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if start {
            out.extend(character.to_uppercase());
        } else {
            out.push(character);
        }
        start = !character.is_alphanumeric() && character != '_';
    }
    out
}

fn trimmed<'a>(name: &str, text: &'a str, part: &str) -> &'a str {
    match name {
        "trimprefix" => text.strip_prefix(part).unwrap_or(text),
        "trimsuffix" => text.strip_suffix(part).unwrap_or(text),
        _ => text.trim_matches(|character| part.contains(character)),
    }
}
