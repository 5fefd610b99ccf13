//! Edits of a text: byte ranges and what is written in their place.

use super::Span;

/// The bytes of `span` become `text`. An empty span inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced, in the file that it names.
    pub span: Span,
    /// What is written there.
    pub text: String,
}

impl Edit {
    /// Writes `text` before the byte at `offset`.
    #[must_use]
    pub fn insert(file: super::FileId, offset: usize, text: impl Into<String>) -> Self {
        Self { span: Span::at(file, offset), text: text.into() }
    }

    /// Writes `text` in the place of `span`.
    #[must_use]
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }
}

/// A text after edits, all of which are in its file. `None` where two of them overlap, or one does not lie in the text at
/// the border of characters: such edits must not be made. Of insertions at one place the earlier comes first.
#[must_use]
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut at = 0;
    for edit in sorted {
        let range = edit.span.range();
        if range.start < at || !text.is_char_boundary(range.end) {
            return None;
        }
        out.push_str(text.get(at..range.start)?);
        out.push_str(&edit.text);
        at = range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// A number by which a text is told from another, within one run.
#[must_use]
pub fn text_id(text: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    std::hash::Hash::hash(text, &mut hasher);
    std::hash::Hasher::finish(&hasher)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit::replace(Span::new(FileId(0), start, end), text)
    }

    #[test]
    fn edits_are_made_where_they_fit() {
        let edits = [edit(3, 4, "D"), edit(0, 0, "<"), edit(0, 0, ">"), edit(1, 2, "")];
        assert_eq!(apply("abcd", &edits).as_deref(), Some("<>acD"));
        assert_eq!(apply("abcd", &[]).as_deref(), Some("abcd"));
    }

    #[test]
    fn edits_that_do_not_fit_are_none() {
        assert_eq!(apply("abcd", &[edit(0, 2, "x"), edit(1, 3, "y")]), None);
        assert_eq!(apply("abcd", &[edit(3, 5, "x")]), None);
        assert_eq!(apply("äb", &[edit(1, 2, "x")]), None);
    }
}
