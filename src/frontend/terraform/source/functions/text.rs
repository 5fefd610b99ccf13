//! Functions on text.

use super::super::evaluate::{Evaluator, shown_number};
use super::super::tree::Located;
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
            ("lower" | "upper" | "title" | "trimspace" | "chomp" | "abs" | "ceil" | "floor" | "strrev", [value]) => {
                match value.as_literal().and_then(|text| changed(name, &text)) {
                    Some(text) if matches!(name, "abs" | "ceil" | "floor") => Val::number(span, text),
                    Some(text) => Val::text(span, &text),
                    None => self.needs(name, arguments, span),
                }
            }
            ("trim" | "trimprefix" | "trimsuffix", [value, part]) => match (value.as_literal(), part.as_literal()) {
                (Some(text), Some(part)) => Val::text(span, trimmed(name, &text, &part)),
                _ => self.needs(name, arguments, span),
            },
            ("split", [separator, value]) => match (separator.as_literal(), value.as_literal()) {
                (Some(separator), Some(text)) => self.split(&separator, &text, span),
                _ => self.needs(name, arguments, span),
            },
            ("substr", [value, offset, length]) => match (value.as_literal(), offset.as_number(), length.as_number()) {
                (Some(text), Some(offset), Some(length)) => self.substring(&text, offset, length, span),
                _ => self.needs(name, arguments, span),
            },
            ("max" | "min", [_, ..]) => {
                let numbers: Option<Vec<f64>> = arguments.iter().map(Val::as_number).collect();
                let pick = if name == "max" { f64::max } else { f64::min };
                match numbers.and_then(|numbers| numbers.into_iter().reduce(pick)) {
                    Some(number) => Val::number(span, shown_number(number)),
                    None => self.needs(name, arguments, span),
                }
            }
            _ => return None,
        };
        Some(value)
    }

    /// The parts of a scalar, for text that holds it.
    fn frags_of(&self, value: &Val, span: Span) -> Result<Vec<Frag>, Val> {
        let failed = value.missing().is_some_and(|missing| missing.failed);
        match value.as_frags() {
            Some(frags) if !failed && self.spend(frags.len()) => Ok(frags),
            Some(_) if !failed => Err(self.too_large(span)),
            _ => Err(self.not_known(value, span, "a value that is no text stands in a string")),
        }
    }

    fn format(&self, format: &Val, values: &[Val], span: Span) -> Val {
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
        let mut values = values.iter();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            frags.push(Frag::Literal(Located::whole(before, span)));
            let verb = after.chars().next().unwrap_or(' ');
            rest = after.get(verb.len_utf8()..).unwrap_or("");
            match verb {
                '%' => frags.push(Frag::Literal(Located::whole("%", span))),
                's' | 'd' | 'v' | 't' => {
                    let Some(value) = values.next() else {
                        return Err(self.failed(span, "`format` has fewer values than verbs"));
                    };
                    // `%v` and `%s` of a list or object are its JSON.
                    if verb != 'd' && (value.items().is_some() || value.members().is_some()) {
                        frags.push(Frag::Json(value.clone().into()));
                    } else {
                        frags.extend(self.frags_of(value, span)?);
                    }
                }
                _ => {
                    return Err(self.unknown(
                        span,
                        format!("the verb `%{verb}` of `format` is not evaluated"),
                        "use `%s`",
                    ));
                }
            }
        }
        frags.push(Frag::Literal(Located::whole(rest, span)));
        Ok(frags)
    }

    fn format_list(&self, format: &Val, values: &[Val], span: Span) -> Val {
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
        Val::list(span, parts)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast from a float saturates")]
    fn substring(&self, text: &str, offset: f64, length: f64, span: Span) -> Val {
        let count = text.chars().count();
        let start = if offset < 0.0 { count.saturating_sub(-offset as usize) } else { offset as usize };
        if start > count {
            return self.failed(span, "the offset of `substr` lies past the end");
        }
        let length = if length < 0.0 { count } else { length as usize };
        Val::text(span, &text.chars().skip(start).take(length).collect::<String>())
    }
}

fn changed(name: &str, text: &str) -> Option<String> {
    let number = || text.trim().parse::<f64>().ok();
    Some(match name {
        "lower" => text.to_lowercase(),
        "upper" => text.to_uppercase(),
        "trimspace" => text.trim().to_owned(),
        "chomp" => text.trim_end_matches(['\n', '\r']).to_owned(),
        "strrev" => text.chars().rev().collect(),
        "title" => titled(text),
        "abs" => shown_number(number()?.abs()),
        "ceil" => shown_number(number()?.ceil()),
        "floor" => shown_number(number()?.floor()),
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
        start = character.is_whitespace();
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
