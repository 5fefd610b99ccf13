//! A file's text and its lines.

use super::{FileId, Span, Within};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A position as people and programs count, all from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line.
    pub line: u32,
    /// Column in Unicode scalar values.
    pub column: u32,
    /// Column in UTF-16 units.
    pub utf16: u32,
    /// Column in bytes of UTF-8.
    pub byte: u32,
}

/// The text of one file of the run.
#[derive(Debug)]
pub struct SourceFile {
    id: FileId,
    path: Arc<str>,
    text: String,
    confidential: AtomicBool,
    /// Parts that are never shown.
    secrets: Mutex<Vec<Span>>,
    lines: OnceLock<Vec<u32>>,
    characters: OnceLock<Vec<Characters>>,
    headings: OnceLock<BTreeMap<u32, Span>>,
    /// Where its text is written, if that is inside of other files.
    within: Option<Within>,
}

/// How many characters start in a part of a text, and how many of them take two UTF-16 units.
#[derive(Clone, Copy, Debug, Default)]
struct Characters {
    all: u32,
    wide: u32,
}

/// How many bytes lie between two known character counts.
const BLOCK: usize = 2 * 1024;

impl SourceFile {
    /// A file with its text. `path` is what reports show; nothing is read from it.
    #[must_use]
    pub fn new(id: FileId, path: impl Into<Arc<str>>, text: impl Into<String>) -> Self {
        Self {
            id,
            path: path.into(),
            text: text.into(),
            confidential: AtomicBool::new(false),
            secrets: Mutex::default(),
            lines: OnceLock::new(),
            characters: OnceLock::new(),
            headings: OnceLock::new(),
            within: None,
        }
    }

    /// A text that is written inside of another file, whose path it shows and whose secrets it keeps. What is said of
    /// its places is told of those in which they are written: [`Sources::written`].
    #[must_use]
    pub fn inside(id: FileId, outer: &SourceFile, text: impl Into<String>, within: Within) -> Self {
        let file = Self { within: Some(within), ..Self::new(id, outer.shared_path(), text) };
        file.confidential.store(outer.is_confidential(), Ordering::Relaxed);
        file
    }

    /// Whether it is a part of another file, so that no edit can be made in it by itself.
    #[must_use]
    pub(crate) fn is_inside(&self) -> bool {
        self.within.is_some()
    }

    /// The file's id.
    #[must_use]
    pub fn id(&self) -> FileId {
        self.id
    }

    /// The path as the user gave it or as the walk found it. Untrusted: escape it before it reaches a terminal.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether the path's name ends in one of `extensions`, in either case.
    #[must_use]
    pub(crate) fn has_extension(&self, extensions: &[&str]) -> bool {
        let own = Path::new(self.path()).extension();
        own.is_some_and(|own| extensions.iter().any(|extension| own.eq_ignore_ascii_case(extension)))
    }

    /// The path, to keep: thousands of places share it.
    #[must_use]
    pub(crate) fn shared_path(&self) -> Arc<str> {
        Arc::clone(&self.path)
    }

    /// Whether the file holds secrets in clear (a plan, a state): nothing beside the place meant may be shown.
    #[must_use]
    pub(crate) fn is_confidential(&self) -> bool {
        self.confidential.load(Ordering::Relaxed)
    }

    /// Says that the file holds secrets in clear; that shows only once it is read.
    pub(crate) fn keep_confidential(&self) {
        self.confidential.store(true, Ordering::Relaxed);
    }

    /// Says that a part of the file is a secret: excerpts show asterisks in its place.
    pub(crate) fn hide(&self, secret: Span) {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).push(secret);
    }

    /// The text of a span as it may be shown: an asterisk for each byte of a secret.
    #[must_use]
    pub fn shown(&self, span: Span) -> Cow<'_, str> {
        let text = self.slice(span);
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let meets = |secret: &Span| secret.start < span.end && span.start < secret.end;
        if !secrets.iter().any(meets) {
            return Cow::Borrowed(text);
        }
        let is_secret = |at: usize| secrets.iter().any(|one| one.range().contains(&(span.start as usize + at)));
        let each = text.char_indices().map(|(at, character)| {
            if is_secret(at) { "*".repeat(character.len_utf8()) } else { character.to_string() }
        });
        Cow::Owned(each.collect())
    }

    /// Says once which part of an entry tells what it is (its address), by the byte at which the entry starts. Of a
    /// confidential file nothing else of an entry may be shown.
    pub(crate) fn set_headings(&self, headings: BTreeMap<u32, Span>) {
        // Whoever reads the file does so once.
        let _ = self.headings.set(headings);
    }

    /// The part that tells what the entry is that starts at a byte.
    #[must_use]
    pub fn heading(&self, start: u32) -> Option<Span> {
        self.headings.get()?.get(&start).copied()
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole text, of a file that is done with.
    #[must_use]
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// The text under a span; empty where the span does not fit the file.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        if span.file != self.id {
            return "";
        }
        self.text.get(span.range()).unwrap_or("")
    }

    /// Line and column of a byte offset. An offset past the end counts as the end.
    #[must_use]
    pub fn position(&self, offset: u32) -> LineColumn {
        let line = self.line_index(offset);
        let start = self.line_starts().get(line).copied().unwrap_or(0) as usize;
        let end = (offset as usize).min(self.text.len());
        let Characters { all, wide } = self.characters_between(start, end);
        LineColumn {
            line: saturate(line + 1),
            column: all.saturating_add(1),
            utf16: all.saturating_add(wide).saturating_add(1),
            byte: saturate(end.saturating_sub(start) + 1),
        }
    }

    /// The byte range of the line (without its line break) that holds `offset`.
    #[must_use]
    pub(crate) fn line_span(&self, offset: u32) -> Span {
        let starts = self.line_starts();
        let line = self.line_index(offset);
        let start = starts.get(line).copied().unwrap_or(0) as usize;
        let end = starts.get(line + 1).map_or(self.text.len(), |&next| next as usize);
        let text = self.text.get(start..end).unwrap_or("");
        Span::new(self.id, start, start + text.trim_end_matches(['\n', '\r']).len())
    }

    /// The byte offset at which line `line` (from 1) starts.
    #[must_use]
    pub(crate) fn line_start(&self, line: u32) -> Option<u32> {
        self.line_starts().get(line.checked_sub(1)? as usize).copied()
    }

    /// How many characters start in `start..end`. On a long line only the rest of a block is counted, so that a
    /// thousand positions in a one-line file of megabytes do not count it a thousand times.
    fn characters_between(&self, start: usize, end: usize) -> Characters {
        let bytes = self.text.as_bytes();
        let count = |from: usize, to: usize| characters(bytes.get(from..to).unwrap_or(&[]));
        if end.saturating_sub(start) <= BLOCK {
            return count(start, end);
        }
        let blocks = self.characters.get_or_init(|| {
            let counts = bytes.chunks(BLOCK).scan(Characters::default(), |sum, block| {
                *sum = sum.and(characters(block));
                Some(*sum)
            });
            std::iter::once(Characters::default()).chain(counts).collect()
        });
        let until = |offset: usize| {
            let block = offset / BLOCK;
            blocks.get(block).copied().unwrap_or_default().and(count(block * BLOCK, offset))
        };
        let (until, before) = (until(end), until(start));
        Characters { all: until.all - before.all, wide: until.wide - before.wide }
    }

    fn line_index(&self, offset: u32) -> usize {
        self.line_starts().partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// Byte offsets of line starts. A line ends with `\n`, `\r\n` or a lone `\r`.
    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let breaks = memchr::memchr2_iter(b'\n', b'\r', bytes).filter_map(|at| {
                let first_of_two = bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n');
                (!first_of_two).then(|| saturate(at + 1))
            });
            std::iter::once(0).chain(breaks).collect()
        })
    }
}

impl Characters {
    fn and(self, other: Self) -> Self {
        Self { all: self.all.saturating_add(other.all), wide: self.wide.saturating_add(other.wide) }
    }
}

/// How many characters start in some bytes of UTF-8.
fn characters(bytes: &[u8]) -> Characters {
    // Nearly all text is ASCII, and telling so is many times faster than counting.
    if bytes.is_ascii() {
        return Characters { all: saturate(bytes.len()), wide: 0 };
    }
    let count = |starts: fn(u8) -> bool| saturate(bytes.iter().filter(|&&byte| starts(byte)).count());
    // Four bytes of UTF-8 are two units of UTF-16.
    Characters { all: count(|byte| byte & 0xC0 != 0x80), wide: count(|byte| byte >= 0xF0) }
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The files of one run, or of one independent part of it.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The input whose files are added.
    input: u32,
    files: BTreeMap<FileId, Arc<SourceFile>>,
}

impl Sources {
    /// The files that belong to input number `input` of a run.
    #[must_use]
    pub(crate) fn of_input(input: u32) -> Self {
        Self { input, files: BTreeMap::new() }
    }

    /// Adds a file and hands out its id. `path` is what reports show.
    pub fn add(&mut self, path: impl Into<Arc<str>>, text: impl Into<String>) -> Arc<SourceFile> {
        self.push(path.into(), text.into(), false)
    }

    /// Adds a file that holds secrets in clear, as plans and states do.
    pub(crate) fn add_confidential(&mut self, path: impl Into<Arc<str>>, text: impl Into<String>) -> Arc<SourceFile> {
        self.push(path.into(), text.into(), true)
    }

    fn push(&mut self, path: Arc<str>, text: String, confidential: bool) -> Arc<SourceFile> {
        let id = FileId::of(self.input, saturate(self.files.len()));
        let file = SourceFile::new(id, path, text);
        file.confidential.store(confidential, Ordering::Relaxed);
        let file = Arc::new(file);
        self.files.insert(id, Arc::clone(&file));
        file
    }

    /// Adds files that have their ids.
    pub fn insert(&mut self, files: impl IntoIterator<Item = Arc<SourceFile>>) {
        self.files.extend(files.into_iter().map(|file| (file.id(), file)));
    }

    /// Where a span is written: in the file that holds its text, where that is written inside of another one.
    #[must_use]
    pub fn written(&self, span: Span) -> Span {
        /// A text inside of a text inside of a text is shorter each time; nobody nests them deeper.
        const DEEPEST: u32 = 8;
        let mut span = span;
        for _ in 0..DEEPEST {
            let Some(within) = self.get(span.file).and_then(|file| file.within.as_ref()) else { break };
            span = within.place(span);
        }
        span
    }

    /// Takes the files of other inputs in.
    pub fn extend(&mut self, other: Sources) {
        self.files.extend(other.files);
    }

    /// The file with that id.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&Arc<SourceFile>> {
        self.files.get(&id)
    }

    /// All files, by their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<SourceFile>> {
        self.files.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_any_line_break() {
        let file = SourceFile::new(FileId(0), "a", "one\ntwo\r\nthrée\rfour");
        let at = |text: &str| {
            let at = file.position(u32::try_from(file.text().find(text).unwrap()).unwrap());
            (at.line, at.column)
        };
        assert_eq!(at("two"), (2, 1));
        assert_eq!(at("thr"), (3, 1));
        assert_eq!(at("e\r"), (3, 5), "columns count characters");
        assert_eq!(at("four"), (4, 1));
        assert_eq!(file.slice(file.line_span(6)), "two");
    }

    #[test]
    fn columns_on_long_lines_count_every_character() {
        let text = "é".repeat(3 * BLOCK) + "x";
        let file = SourceFile::new(FileId(0), "a", format!("one\n{text}"));
        let at = u32::try_from(file.text().len() - 1).unwrap();
        assert_eq!((file.position(at).line, file.position(at).column), (2, u32::try_from(3 * BLOCK + 1).unwrap()));
        assert_eq!((file.position(4 + 2 * 5_000).line, file.position(4 + 2 * 5_000).column), (2, 5_001));
    }

    #[test]
    fn columns_are_told_in_each_unit() {
        let position = |line, column, utf16, byte| LineColumn { line, column, utf16, byte };
        let file = SourceFile::new(FileId(0), "a", "é😀x\n😀".to_owned() + &"é😀".repeat(BLOCK) + "y");
        assert_eq!(file.position(0), position(1, 1, 1, 1));
        assert_eq!(file.position(6), position(1, 3, 4, 7));
        let long = u32::try_from(BLOCK).unwrap();
        let last = u32::try_from(file.text().len() - 1).unwrap();
        assert_eq!(file.position(last), position(2, 2 * long + 2, 3 * long + 3, 6 * long + 5));
    }
}
