//! JSON and YAML inside of text: a heredoc, a template file, a string. What is read keeps the place of each of its parts in
//! the files that the text came from.
//!
//! Not `syntax::embedded`: that reads JSON alone, of one file, and leaves holes and JSON inside of JSON to whoever asks.
//! Here a text may come from several files and be YAML, whose parser knows no holes, so that they are written as marks.

use super::evaluate::{Evaluator, put};
use super::tree::Located;
use super::value::{Dat, Encoding, Frag, Member, Val};
use super::yaml;
use crate::source::{FileId, SourceFile, Span};
use crate::syntax::{Kind, Node, parse_json, parse_yaml};
use std::sync::Arc;

/// Stands for a hole in the text that is parsed: this character, the number of the hole, a semicolon.
const MARK: char = '\u{10FFFE}';

impl Evaluator<'_> {
    /// The value that a text encodes.
    pub(super) fn parse_json(&self, value: &Val, span: Span) -> Val {
        match value.as_json() {
            Some(inner) => (**inner).clone(),
            None => self.decoded(value, span, Language::Json),
        }
    }

    /// The value that a text encodes as YAML.
    pub(super) fn parse_yaml(&self, value: &Val, span: Span) -> Val {
        match value.as_encoded(Encoding::Yaml).or(value.as_json()) {
            Some(inner) => (**inner).clone(),
            None => self.decoded(value, span, Language::Yaml),
        }
    }

    fn decoded(&self, value: &Val, span: Span, language: Language) -> Val {
        let Told { name, unreadable, invalid } = language.told();
        let frags = match &value.data {
            Dat::Text(frags) if !matches!(frags.as_ref(), [Frag::Symbol(_)]) => frags,
            _ => return self.not_known(value, span, &format!("the {name} string is not known")),
        };
        if !self.spend(value.weight() * language.steps()) {
            return self.too_large(span);
        }
        let Some(text) = Joined::of(frags, value.span, language) else {
            return self.unknown(span, format!("the string cannot be read as {name}"), unreadable);
        };
        // The file exists only for the parser; its spans are turned into places of the real files.
        let source = Arc::new(SourceFile::new(FileId(u64::MAX), "", text.text.as_str()));
        let parse = if language == Language::Json { parse_json(&source) } else { parse_yaml(&source) };
        if let Some(error) = parse.errors.first() {
            let cause = format!("the string is not valid {name}: {}", error.message);
            return self.unknown(text.place(error.span), cause, invalid);
        }
        match parse.tree.root() {
            Some(root) => self.node(root, &text, 0),
            None if language == Language::Json => self.failed(span, "the string is empty, and so no JSON"),
            None => Val::null(span),
        }
    }

    fn node(&self, node: Node<'_>, text: &Joined<'_>, depth: u32) -> Val {
        let span = text.place(node.span());
        if depth > 150 || !self.spend(1) {
            return self.too_large(span);
        }
        if let Some(tag) = node.tag() {
            return self.unknown(span, format!("the tag `{tag}` is not one that Terraform reads"), "write it without");
        }
        match node.kind() {
            Kind::Null => Val::null(span),
            Kind::Bool(flag) => Val::bool(span, flag),
            Kind::Number | Kind::String => self.scalar(node, text, span),
            Kind::Sequence => Val::list(span, node.items().map(|item| self.node(item, text, depth + 1)).collect()),
            Kind::Mapping => {
                let mut members: Vec<Member> = Vec::new();
                for (key, value) in node.entries() {
                    let key_span = text.place(key.span());
                    let key_value = match key.kind() {
                        Kind::Null => Val::text(key_span, "null"),
                        Kind::Bool(flag) => Val::bool(key_span, flag),
                        _ => self.scalar(key, text, key_span),
                    };
                    let Some(key) = key_value.as_literal() else {
                        return self.not_known(&key_value, span, "a key of this object is not known");
                    };
                    if !self.spend(1 + members.len() / 8) {
                        return self.too_large(span);
                    }
                    let value = self.node(value, text, depth + 1);
                    put(&mut members, Member { key: key.into(), key_span, value });
                }
                Val::object(span, members)
            }
        }
    }

    /// A number or a string.
    fn scalar(&self, node: Node<'_>, text: &Joined<'_>, span: Span) -> Val {
        let written = node.text().unwrap_or("");
        match (text.language, node.kind()) {
            // A policy that is written as a text is sent as it is written.
            (Language::Json, Kind::Number) => Val::new(span, Dat::Number(written.to_owned())),
            (Language::Yaml, Kind::Number) => match yaml::number(written) {
                Some(number) => Val::number(span, &number),
                None => Val::text(span, written),
            },
            (Language::Yaml, _) if text.is_plain(node.span()) => match (yaml::plain(written), text.whole_hole(written))
            {
                (yaml::Plain::Flag(flag), _) => Val::bool(span, flag),
                (yaml::Plain::Time(time), _) => Val::text(span, &time),
                (yaml::Plain::Text, Some(hole)) => self.bare(hole, span),
                (yaml::Plain::Text, None) => self.string(written, text, span),
            },
            _ => self.string(written, text, span),
        }
    }

    /// A hole that is a value of its own.
    fn bare(&self, hole: &Hole<'_>, span: Span) -> Val {
        match hole.frag {
            Frag::Json(inner) => (**inner).clone(),
            Frag::Symbol(symbol) => {
                let mut unknown = symbol.unknown().clone();
                unknown.cause = format!("{}, and stands where a value is expected", unknown.cause);
                Val::new(span, Dat::Unknown(self.missing(unknown, false)))
            }
            _ => self.unknown(span, "an encoded value stands where a value is expected", "write the value itself"),
        }
    }

    /// A string with the holes that are marked in it.
    fn string(&self, written: &str, text: &Joined<'_>, span: Span) -> Val {
        if !written.contains(MARK) {
            return Val::text(span, written);
        }
        let mut frags = Vec::new();
        for (index, part) in written.split(MARK).enumerate() {
            let (hole, literal) = match part.split_once(';') {
                Some((number, literal)) if index > 0 => (number.parse::<usize>().ok(), literal),
                _ => (None, part),
            };
            if let Some(hole) = hole.and_then(|hole| text.holes.get(hole)) {
                match hole.frag {
                    _ if hole.bare => return self.bare(hole, span),
                    Frag::Json(_) | Frag::Encoded(..) => {
                        return self.unknown(
                            span,
                            "an encoded value stands inside of a string",
                            "write the value itself",
                        );
                    }
                    frag => frags.push(frag.clone()),
                }
            }
            if !literal.is_empty() {
                frags.push(Frag::Literal(Located::whole(literal, span)));
            }
        }
        Val::frags(span, frags)
    }
}

/// What the text is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Language {
    Json,
    Yaml,
}

/// What is said of a language.
struct Told {
    name: &'static str,
    /// What helps where a text has what keeps it from being parsed.
    unreadable: &'static str,
    /// What helps where the text is wrong.
    invalid: &'static str,
}

impl Language {
    fn told(self) -> Told {
        match self {
            Self::Json => Told {
                name: "JSON",
                unreadable: "write it with `jsonencode`",
                invalid: "fix the string, or write it with `jsonencode`",
            },
            Self::Yaml => {
                Told { name: "YAML", unreadable: "write it without unusual characters", invalid: "fix the string" }
            }
        }
    }

    /// What parsing a text costs, for each step of its weight.
    fn steps(self) -> usize {
        match self {
            Self::Json => 4,
            Self::Yaml => 8,
        }
    }
}

/// A hole of the text.
struct Hole<'a> {
    frag: &'a Frag,
    /// It stands outside of any JSON string: it is a value of its own.
    bare: bool,
}

/// The fragments joined into one text, with marks for the holes.
struct Joined<'a> {
    text: String,
    /// Where each literal fragment starts and ends in the text.
    literals: Vec<(usize, usize, &'a Located)>,
    holes: Vec<Hole<'a>>,
    outer: Span,
    language: Language,
}

impl<'a> Joined<'a> {
    /// `None` where the text holds the mark itself.
    fn of(frags: &'a [Frag], outer: Span, language: Language) -> Option<Self> {
        let mut joined = Joined { text: String::new(), literals: Vec::new(), holes: Vec::new(), outer, language };
        let (mut inside, mut escaped) = (false, false);
        for frag in frags {
            if let Frag::Literal(located) = frag {
                if located.text.contains(MARK) {
                    return None;
                }
                let start = joined.text.len();
                joined.text.push_str(&located.text);
                joined.literals.push((start, joined.text.len(), located));
                for character in located.text.chars() {
                    match character {
                        _ if escaped => escaped = false,
                        '\\' if inside => escaped = true,
                        '"' => inside = !inside,
                        _ => {}
                    }
                }
                continue;
            }
            let mark = format!("{MARK}{};", joined.holes.len());
            // In YAML, what is a value of its own is told from the scalar that it stands in.
            let bare = language == Language::Json && !inside;
            let mark = if bare { format!("\"{mark}\"") } else { mark };
            joined.text.push_str(&mark);
            joined.holes.push(Hole { frag, bare });
        }
        Some(joined)
    }

    /// Whether a YAML scalar stands there without quotes, and not as a block.
    fn is_plain(&self, span: Span) -> bool {
        !self.text.get(span.start as usize..).unwrap_or("").starts_with(['"', '\'', '|', '>'])
    }

    /// The hole that a scalar is made of as a whole.
    fn whole_hole(&self, written: &str) -> Option<&Hole<'a>> {
        let number = written.strip_prefix(MARK)?.strip_suffix(';')?;
        self.holes.get(number.parse::<usize>().ok()?)
    }

    /// The place of a span of the text.
    fn place(&self, span: Span) -> Span {
        let start = self.offset(span.start as usize, false);
        let last = (span.end as usize).saturating_sub(1).max(span.start as usize);
        let end = self.offset(last, true);
        match (start, end) {
            (Some(start), Some(end)) if start.file == end.file && start.start <= end.end => start.to(end),
            _ => self.outer,
        }
    }

    /// The place of one byte of the text. In a hole: the gap between what stands on either side of it.
    fn offset(&self, offset: usize, last: bool) -> Option<Span> {
        let after = self.literals.partition_point(|(start, _, _)| *start <= offset);
        let before = after.checked_sub(1).and_then(|index| self.literals.get(index));
        if let Some((start, end, located)) = before
            && offset < *end
        {
            return Some(located.byte(offset - start));
        }
        if last {
            let (_, _, next) = self.literals.get(after)?;
            let next = next.byte(0);
            return Some(Span { end: next.start, ..next });
        }
        let (start, end, located) = before?;
        let previous = located.byte((end - start).saturating_sub(1));
        Some(Span { start: previous.end, ..previous })
    }
}
