//! Whose input a text is, told by what stands at its top; never by a search in it.

use super::unread::unread;
use super::{Document, FRONTENDS, Frontend, Recognised, top};
use crate::model::Notice;
use crate::source::{SourceFile, Span};
use crate::syntax::{self, Node, SyntaxError, parse_yaml};
use aho_corasick::{AhoCorasick, MatchKind};
use std::ffi::OsStr;
use std::sync::{Arc, LazyLock};

/// What a text turned out to be.
pub enum Detected {
    /// An input of that front end.
    Input(&'static dyn Frontend, Box<Document>),
    /// Nothing that could be recognised, and it does not parse.
    Broken {
        /// What is wrong with it.
        errors: Vec<SyntaxError>,
        /// Whether it was meant for one of the front ends.
        ours: bool,
        /// What it holds without any of it being read.
        unread: Option<Notice>,
    },
    /// Something else.
    Other {
        /// What tells it apart, as a clause: "it has no `Resources`".
        reason: String,
        /// What it holds without any of it being read.
        unread: Option<Notice>,
    },
}

/// How far into a text the JSON of a CI log may start: lines of its wrapper stand before it.
const PREFACE: usize = 64 * 1024;

/// Tells by the keys at its top what a text is.
///
/// JSON is first looked at without a tree: a plan may be of a hundred megabytes. It may stand behind lines of a CI
/// wrapper, where these are no template themselves.
#[must_use]
pub fn detect(file: &Arc<SourceFile>) -> Detected {
    if let Some(frontend) = streamed(file.text()) {
        return Detected::Input(frontend, Document::new(file).into());
    }
    match syntax::breaks_matter(file, |file| by_tree(file).meaning()) {
        Some(error) => Detected::Broken { errors: vec![error], ours: true, unread: None },
        None => by_tree(file),
    }
}

/// Tells by the keys at the top of its tree what a text is.
fn by_tree(file: &Arc<SourceFile>) -> Detected {
    let document = Document::new(file);
    let parse = document.parse();
    let mut told = None;
    if let Some(place) = parse.tree.root().and_then(of_two) {
        return Detected::Broken { errors: vec![both(place)], ours: true, unread: None };
    }
    if let Some(root) = parse.tree.root() {
        for frontend in FRONTENDS {
            match frontend.recognise(root) {
                Recognised::Mine => return Detected::Input(*frontend, document.into()),
                Recognised::Told(reason) => told = told.or(Some(reason)),
                Recognised::No => {}
            }
        }
    }
    let root = parse.tree.root();
    match told {
        Some(reason) => Detected::Other { unread: unread(&parse.tree, &reason), reason },
        None if !parse.errors.is_empty() => {
            let ours = root.is_some_and(|root| keys(root).any(is_sure)) || speaks(file.text());
            let unread = unread(&parse.tree, "the file cannot be parsed");
            Detected::Broken { errors: document.into_parse().errors, ours, unread }
        }
        None => Detected::Other { reason: other(root).to_owned(), unread: unread(&parse.tree, other(root)) },
    }
}

/// The first key at the top of a document that tells of another front end than one before it.
fn of_two(root: Node<'_>) -> Option<Span> {
    let whose = |key: &str| FRONTENDS.iter().position(|frontend| frontend.sure_keys().contains(&key));
    let mut claims = root.entries().filter_map(|(key, _)| Some((whose(key.text()?)?, key.span())));
    let (first, _) = claims.next()?;
    claims.find(|(other, _)| *other != first).map(|(_, place)| place)
}

/// The error of a document that two front ends could read.
pub(super) fn both(place: Span) -> SyntaxError {
    let message = "this has the keys of a plan and of a template: it can be read as one of them only";
    SyntaxError { help: "take the other's keys out".to_owned(), ..SyntaxError::new(message, place) }
}

impl Detected {
    /// What tells one from another, its places aside.
    fn meaning(&self) -> String {
        let unread = |unread: &Option<Notice>| unread.as_ref().map(|notice| notice.message.clone());
        match self {
            Self::Input(frontend, _) => format!("{:?}", frontend.keys()),
            Self::Broken { ours, unread: notice, .. } => format!("broken {ours} {:?}", unread(notice)),
            Self::Other { reason, unread: notice } => format!("{reason} {:?}", unread(notice)),
        }
    }
}

fn keys(root: Node<'_>) -> impl Iterator<Item = &str> {
    root.entries().filter_map(|(key, _)| key.text())
}

fn other(root: Option<Node<'_>>) -> &'static str {
    match root {
        None => "it holds nothing",
        Some(root) if root.get("Resources").is_some() => "its `Resources` hold no mapping with a `Type`",
        Some(_) => "it has no `Resources`",
    }
}

/// The front end that reads the JSON of a text as it streams past.
fn streamed(text: &str) -> Option<&'static dyn Frontend> {
    let start = json_start(text)?;
    let json = text.get(start..)?;
    let frontend = claimed(json).filter(|frontend| frontend.is_streamed())?;
    let preface = text.get(..start)?.trim_start_matches('\u{FEFF}');
    let stands_alone = preface.trim().is_empty() || is_wrapper(preface) && ends_well(json);
    stands_alone.then_some(frontend)
}

/// Whose the JSON object is, by the first key at its top that somebody claims. A list is nobody's.
fn claimed(json: &str) -> Option<&'static dyn Frontend> {
    if !json.starts_with('{') {
        return None;
    }
    let claims = |key: &str| FRONTENDS.iter().find(|frontend| frontend.keys().contains(&key)).copied();
    claims(&top::first_key(json, &|key| claims(key).is_some())?)
}

/// Whether the lines before JSON are those of a wrapper. In a YAML document with sections of a template, the JSON is
/// a text of it.
fn is_wrapper(preface: &str) -> bool {
    let file = Arc::new(SourceFile::new(crate::source::FileId(0), "", preface));
    let parse = parse_yaml(&file);
    !parse.tree.root().is_some_and(|root| keys(root).any(is_sure)) && !speaks(preface)
}

/// Whether nothing follows the JSON but lines of a wrapper.
fn ends_well(json: &str) -> bool {
    let mut values = serde_json::Deserializer::from_str(json).into_iter::<serde::de::IgnoredAny>();
    matches!(values.next(), Some(Ok(_))) && is_epilogue(json, values.byte_offset())
}

/// Whether what follows JSON, from byte `at` on, is white space, or lines that begin with `::`, as those of a CI
/// wrapper do (`::debug::exited with code 0.`).
#[must_use]
pub(super) fn is_epilogue(json: &str, at: usize) -> bool {
    let Some((before, rest)) = json.split_at_checked(at) else { return false };
    let mut at_start = before.ends_with(['\n', '\r']);
    rest.split(['\n', '\r']).all(|line| {
        let allowed = line.trim().is_empty() || at_start && line.starts_with("::");
        at_start = true;
        allowed
    })
}

/// The byte offset at which a JSON object starts: at once, or on a line of its own after the lines of a wrapper
/// (`[command]/usr/bin/terraform show -json`).
pub(super) fn json_start(text: &str) -> Option<usize> {
    let body = text.trim_start_matches('\u{feff}').trim_start();
    let offset = text.len() - body.len();
    if body.starts_with('{') {
        return Some(offset);
    }
    let is_blank = |character: char| character != '\n' && character.is_whitespace();
    let mut braces = memchr::memchr_iter(b'{', body.as_bytes()).take_while(|at| *at <= PREFACE);
    let starts_line =
        |at: &usize| body.get(..*at).is_some_and(|before| before.trim_end_matches(is_blank).ends_with('\n'));
    braces.find(starts_line).map(|at| offset + at)
}

/// Whether a text that cannot be read was meant as an input of ours: a key that tells stands at a line's start, or at
/// the top of a JSON object, its escapes read.
#[must_use]
pub fn speaks(text: &str) -> bool {
    top::any_key(text, &is_sure)
}

fn is_sure(key: &str) -> bool {
    FRONTENDS.iter().any(|frontend| frontend.sure_keys().contains(&key))
}

/// Recognises bytes that are no text; says what they are and what to do with them.
#[must_use]
pub fn is_no_text(bytes: &[u8]) -> Option<&'static str> {
    FRONTENDS.iter().find_map(|frontend| frontend.no_text(bytes))
}

/// What to do about a file of that name, which is no input, but from which one can be made.
#[must_use]
pub fn instead(name: &OsStr) -> Option<&'static str> {
    let name = name.to_str()?;
    FRONTENDS.iter().find_map(|frontend| frontend.instead(name))
}

/// False where a file that starts with these bytes holds no text in any encoding.
#[must_use]
pub fn may_start_input(head: &[u8]) -> bool {
    !head.starts_with(&[0, 0, 0, 0])
}

/// Whether inputs have such names.
#[must_use]
pub fn has_input_extension(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    let Some(dot) = memchr::memrchr(b'.', name) else { return false };
    let extension = name.get(dot + 1..).unwrap_or(&[]);
    let mut known = FRONTENDS.iter().flat_map(|frontend| frontend.extensions());
    known.any(|known| extension.eq_ignore_ascii_case(known.as_bytes()))
}

/// Which of the words is found does not matter; of this kind of match, the vectors of the machine are made use of.
static WORDS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let words = FRONTENDS.iter().flat_map(|frontend| frontend.words());
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(words).ok()
});

/// False only where no front end can have to do with a file, whatever its escapes spell.
///
/// Escapes can spell the words that are looked for in other bytes (`\u0041WS`, and in YAML `\x41` or a line break after
/// a backslash), and so can UTF-16.
#[must_use]
pub fn may_be_input(bytes: &[u8]) -> bool {
    WORDS.as_ref().is_none_or(|words| words.is_match(bytes))
        || is_wide(bytes)
        || memchr::memchr_iter(b'\\', bytes).any(|at| hides_letter(bytes.get(at + 1..).unwrap_or(&[])))
}

/// UTF-16 or UTF-32: a byte-order mark, or a NUL among the first characters. Every text that we look for starts in ASCII.
fn is_wide(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) || bytes.iter().take(4).any(|&byte| byte == 0)
}

/// Whether what follows a backslash can stand for one of the characters that are looked for, or for nothing.
fn hides_letter(escape: &[u8]) -> bool {
    let digits = match escape {
        [b'\n' | b'\r', ..] => return true,
        [b'x', digits @ ..] => digits.get(..2),
        [b'u', digits @ ..] => digits.get(..4),
        [b'U', digits @ ..] => digits.get(..8),
        _ => return false,
    };
    let Some(Ok(digits)) = digits.map(std::str::from_utf8) else { return false };
    let character = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    character.is_some_and(|character| character.is_ascii_alphanumeric() || matches!(character, ':' | '_'))
}

#[cfg(test)]
mod tests;
