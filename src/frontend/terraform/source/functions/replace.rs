//! `replace`, on text with holes and, without leaving its structure, on JSON.

use super::super::evaluate::Evaluator;
use super::super::tree::Located;
use super::super::value::{Choice, Dat, Frag, Member, Val};
use crate::model::{Name, Symbol, SymbolKind, Unknown};
use crate::source::Span;
use std::sync::Arc;

/// What is looked for, and what takes its place.
struct Change {
    search: String,
    with: Vec<Frag>,
}

impl Evaluator<'_> {
    pub(super) fn replace(&self, text: &Val, search: &Val, with: &Val, span: Span) -> Val {
        let with_span = with.span;
        let (Some(search), Some(with)) = (search.as_literal(), with.as_frags()) else {
            return self.needs("replace", &[text.clone(), search.clone(), with.clone()], span);
        };
        let pattern = search.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        if let Some(pattern) = pattern {
            return self.replace_pattern(text, pattern, &Val::frags(with_span, with), span);
        }
        if search.is_empty() {
            return self.unknown(span, "`replace` of the empty string is not evaluated", "replace some string");
        }
        let Dat::Text(frags) = &text.data else { return self.needs("replace", std::slice::from_ref(text), span) };
        let change = Change { search, with };
        match self.replaced(frags, &change, span) {
            Ok(frags) => Val::frags(span, frags),
            Err(unknown) => unknown,
        }
    }

    fn replaced(&self, frags: &[Frag], change: &Change, span: Span) -> Result<Vec<Frag>, Val> {
        let mut out = Vec::new();
        for (index, frag) in frags.iter().enumerate() {
            if !self.spend(1 + change.with.len()) {
                return Err(self.too_large(span));
            }
            match frag {
                Frag::Literal(located) => {
                    let found = located.text.matches(&change.search).count();
                    if !self.spend(located.text.len() / 64 + found.saturating_mul(1 + change.with.len())) {
                        return Err(self.too_large(span));
                    }
                    replace_literal(located, change, &mut out);
                }
                Frag::Symbol(symbol) => {
                    let before = index.checked_sub(1).and_then(|before| frags.get(before));
                    match may_change(symbol, before, frags.get(index + 1), &change.search) {
                        Reach::Nothing => out.push(Frag::Symbol(symbol.clone())),
                        reach => {
                            let cause = format!("`replace` may change {}", symbol.shown());
                            let missing = self.missing(Unknown { cause, ..symbol.unknown().clone() }, false);
                            if reach == Reach::Beyond {
                                return Err(Val::new(span, Dat::Unknown(missing)));
                            }
                            out.push(Frag::Symbol(missing.symbol()));
                        }
                    }
                }
                Frag::Json(inner) => {
                    if !is_plain(change) {
                        let cause = "`replace` may change the structure of the JSON text";
                        return Err(self.unknown(span, cause, "replace a name inside of strings"));
                    }
                    out.push(Frag::Json(Arc::new(self.replace_in_json(inner, change, 0)?)));
                }
                Frag::Encoded(..) => {
                    return Err(self.unknown(span, "`replace` may change an encoded value", "replace it before"));
                }
            }
        }
        Ok(out)
    }

    fn replace_in_json(&self, value: &Val, change: &Change, depth: u32) -> Result<Val, Val> {
        let span = value.span;
        if depth > 100 || !self.spend(1) {
            return Err(self.too_large(span));
        }
        let data = match &value.data {
            Dat::Text(frags) => Dat::Text(self.replaced(frags, change, span)?.into()),
            Dat::List(items) | Dat::Set(items) => Dat::List(self.replace_in_items(items, change, depth)?),
            Dat::Open(items) => Dat::Open(self.replace_in_items(items, change, depth)?),
            Dat::Object(members) => {
                let members: Result<Vec<Member>, Val> = members
                    .iter()
                    .map(|member| {
                        let value = self.replace_in_json(&member.value, change, depth + 1)?;
                        let mut key = Vec::new();
                        replace_literal(&Located::whole(&member.key, member.key_span), change, &mut key);
                        match Val::frags(member.key_span, key).as_literal() {
                            Some(key) => Ok(Member { key: key.into(), value, ..member.clone() }),
                            None => Err(self.unknown(member.key_span, "`replace` makes this key unknown", "")),
                        }
                    })
                    .collect();
                Dat::Object(members?.into())
            }
            Dat::Bool(_) | Dat::Number(_) | Dat::Null => {
                let text = value.as_literal().unwrap_or_else(|| "null".to_owned());
                if text.contains(&change.search) {
                    return Err(self.unknown(
                        span,
                        "`replace` may change this value",
                        "replace a name inside of strings",
                    ));
                }
                value.data.clone()
            }
            Dat::Choice(choice) => Dat::Choice(Arc::new(Choice {
                condition: choice.condition.clone(),
                then: self.replace_in_json(&choice.then, change, depth + 1)?,
                otherwise: self.replace_in_json(&choice.otherwise, change, depth + 1)?,
            })),
            Dat::Absent | Dat::Instance(_) | Dat::Instances(_) | Dat::Unknown(_) => value.data.clone(),
        };
        Ok(Val::new(span, data))
    }

    fn replace_in_items(&self, items: &[Val], change: &Change, depth: u32) -> Result<Arc<[Val]>, Val> {
        items.iter().map(|item| self.replace_in_json(item, change, depth + 1)).collect()
    }
}

/// The literal stays as it is, places included, where nothing is found in it.
fn replace_literal(located: &Located, change: &Change, out: &mut Vec<Frag>) {
    if !located.text.contains(&change.search) {
        out.push(Frag::Literal(located.clone()));
        return;
    }
    for (index, part) in located.text.split(&change.search).enumerate() {
        if index > 0 {
            out.extend(change.with.iter().cloned());
        }
        if !part.is_empty() {
            out.push(Frag::Literal(Located::whole(part, located.span)));
        }
    }
}

/// What may be changed where what is looked for meets an unknown text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Nothing,
    /// The unknown text alone.
    Inside,
    /// What stands around it too.
    Beyond,
}

/// Whether what is looked for may be found in an unknown text, or across its edges.
fn may_change(symbol: &Symbol, before: Option<&Frag>, after: Option<&Frag>, search: &str) -> Reach {
    // Identifiers that AWS makes hold no placeholders; other text may hold anything.
    let is_bucket = matches!(symbol.name(), Name::Bucket(_));
    let fits = |character: char| match symbol.kind() {
        SymbolKind::Free => true,
        SymbolKind::Address => character.is_ascii_alphanumeric() || "-.:/".contains(character),
        SymbolKind::Attribute if !is_bucket => character.is_ascii_alphanumeric() || "-._:/+=,@".contains(character),
        // Names of buckets: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
        SymbolKind::Partition | SymbolKind::Pseudo | SymbolKind::BucketName | SymbolKind::Attribute => {
            character.is_ascii_lowercase() || character.is_ascii_digit() || "-.".contains(character)
        }
    };
    let cuts = || search.char_indices().skip(1).map(|(at, _)| at);
    // Whether a match may start in what stands before, or end in what stands behind.
    let opens = match before {
        None => false,
        Some(Frag::Literal(located)) => cuts().any(|at| search.get(..at).is_some_and(|s| located.text.ends_with(s))),
        Some(_) => true,
    };
    let closes = match after {
        None => false,
        Some(Frag::Literal(located)) => cuts().any(|at| search.get(at..).is_some_and(|s| located.text.starts_with(s))),
        Some(_) => true,
    };
    let (first, last) = (search.chars().next().is_none_or(fits), search.chars().next_back().is_none_or(fits));
    if (opens && (last || closes)) || (closes && first) {
        Reach::Beyond
    } else if search.chars().all(fits) {
        Reach::Inside
    } else {
        Reach::Nothing
    }
}

/// True where neither side holds what JSON is written with, so that nothing but text inside of strings can change.
fn is_plain(change: &Change) -> bool {
    let syntax = |text: &str| {
        text.contains(|character: char| "\"\\{}[],:<>&".contains(character) || character.is_control())
            || text.chars().all(char::is_whitespace)
    };
    let with_is_plain = change.with.iter().all(|frag| match frag {
        Frag::Literal(located) => !located.text.contains(|c: char| c == '"' || c == '\\' || c.is_control()),
        Frag::Symbol(_) => true,
        Frag::Json(_) | Frag::Encoded(..) => false,
    });
    !syntax(&change.search) && with_is_plain
}
