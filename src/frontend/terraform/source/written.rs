//! A value as the text that it is, with where each part of it is written: a file, a heredoc, an object behind
//! `jsonencode`.

use super::evaluate::Evaluator;
use super::value::{Dat, Frag, Val};
use crate::frontend::body;
use crate::model::Body;
use crate::source::{Span, Within};
use std::sync::Arc;

impl Evaluator<'_> {
    /// The text; `None` where a part of it is not known.
    pub(super) fn written(&self, value: &Val) -> Option<Body> {
        let body = Body { text: String::new(), within: Within::new(value.span), file: self.file_of(value) };
        let mut writing = Writing { evaluator: self, body };
        writing.frags(value)?;
        Some(writing.body)
    }

    /// The path of the file of which a text is all.
    fn file_of(&self, value: &Val) -> Option<Arc<str>> {
        let Dat::Text(frags) = &value.data else { return None };
        let [Frag::Literal(located)] = frags.as_ref() else { return None };
        let source = self.configuration.source(located.span.file)?;
        (*located.text == *source.text()).then(|| source.shared_path())
    }
}

/// A text that is being put together.
struct Writing<'a> {
    evaluator: &'a Evaluator<'a>,
    body: Body,
}

impl Writing<'_> {
    fn frags(&mut self, value: &Val) -> Option<()> {
        let Dat::Text(frags) = &value.data else { return None };
        for frag in frags.iter() {
            match frag {
                Frag::Literal(located) => {
                    if self.is_too_long(located.text.len()) {
                        return None;
                    }
                    for at in 0..located.text.len() {
                        self.body.within.push(self.body.text.len() + at, located.byte(at));
                    }
                    self.body.text.push_str(&located.text);
                }
                Frag::Json(inner) => self.json(inner)?,
                Frag::Symbol(_) | Frag::Encoded(..) => return None,
            }
        }
        Some(())
    }

    /// Whether so many bytes more are too many.
    fn is_too_long(&self, more: usize) -> bool {
        self.body.text.len() + more > body::LARGEST || !self.evaluator.spend(1 + more / 4)
    }

    /// Text that stands for a place as a whole.
    fn push(&mut self, text: &str, place: Span) {
        for at in 0..text.len() {
            self.body.within.push(self.body.text.len() + at, place);
        }
        self.body.text.push_str(text);
    }

    /// The value as JSON. Values are nested no deeper than their reader allows.
    fn json(&mut self, value: &Val) -> Option<()> {
        if self.is_too_long(0) {
            return None;
        }
        let span = value.span;
        let (opens, closes) = (Span { end: span.start, ..span }, Span { start: span.end, ..span });
        match &value.data {
            Dat::Null => self.push("null", span),
            Dat::Bool(_) | Dat::Number(_) => self.push(&value.as_literal()?, span),
            Dat::Text(frags) => {
                self.push("\"", opens);
                for frag in frags.iter() {
                    let Frag::Literal(located) = frag else { return None };
                    if self.is_too_long(located.text.len()) {
                        return None;
                    }
                    for (at, character) in located.text.char_indices() {
                        let (first, last) = (located.byte(at), located.byte(at + character.len_utf8() - 1));
                        let place = if first.file == last.file { first.to(last) } else { first };
                        let quoted = serde_json::to_string(&character).ok()?;
                        self.push(quoted.get(1..quoted.len() - 1)?, place);
                    }
                }
                self.push("\"", closes);
            }
            Dat::List(items) | Dat::Set(items) => {
                self.push("[", opens);
                for (index, item) in items.iter().enumerate() {
                    self.push(if index > 0 { "," } else { "" }, opens);
                    self.json(item)?;
                }
                self.push("]", closes);
            }
            Dat::Object(members) => {
                self.push("{", opens);
                for (index, member) in Val::ordered(members).into_iter().enumerate() {
                    self.push(if index > 0 { "," } else { "" }, opens);
                    self.push(&serde_json::to_string(&*member.key).ok()?, member.key_span);
                    self.push(":", member.key_span);
                    self.json(&member.value)?;
                }
                self.push("}", closes);
            }
            Dat::Absent | Dat::Open(_) | Dat::Instance(_) | Dat::Instances(_) | Dat::Unknown(_) | Dat::Choice(_) => {
                return None;
            }
        }
        Some(())
    }
}
